"""One release per request: which published folder a request reads, what it holds, and a cache that knows it.

A publish replaces the link `releases/current` while charts are being drawn. Everything in one request therefore reads
the folder that the link named when the request first asked, and nothing cached from one release is shown from another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cachelib.file import FileSystemCache
from flask import Flask, Response, g, has_request_context, request
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from hotline.home import Home

DEFAULT_PERIOD_DAYS = 28
"""A dashboard opens on this many days, the last of them the last day that has landed: four of each weekday."""

SQL_SECONDS = 30
MEMORY_LIMIT = "1GB"


class NoReleaseError(Exception):
    """Nothing has been published yet."""


def release_of(home: Home) -> Path:
    """The release folder that this request reads (outside a request: the current one)."""
    if has_request_context() and "release" in g:
        return g.release
    release = home.current.resolve()
    if not release.is_dir():
        raise NoReleaseError(f"{home.current} does not exist: nothing has been published yet; run `hotline run` first")
    if has_request_context():
        g.release = release
    return release


def connection_settings(seconds: float = SQL_SECONDS) -> dict[str, Any]:
    """DuckDB settings of every reader; locked, so that no SQL can widen them.

    The execution limit stands here because Superset arms its own in the main thread only, where no request runs.
    Without a temporary directory a runaway query ends at the memory limit; otherwise it would fill the disk, as DuckDB
    2.0.0 takes a `max_temp_directory_size` of zero for no limit.
    """
    return {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": MEMORY_LIMIT,
        "threads": 2,
        "temp_directory": "",
        "max_execution_time": round(seconds * 1000),
        "lock_configuration": True,
    }


def pin_release(release: Path, uri: URL, arguments: dict[str, Any], seconds: float) -> tuple[URL, dict[str, Any]]:
    """Point a bundle's address (`duckdb:///operations/operations.duckdb`) into a release, read-only and locked."""
    connect = arguments.setdefault("connect_args", {})
    connect["read_only"] = True
    connect["config"] = connection_settings(seconds)
    return uri.set(database=str(release / uri.database)), arguments


class ReleaseCache(FileSystemCache):
    """A file cache whose keys contain the release that the request reads: for the reader, a switch empties it."""

    def __init__(self, home: Home, *args: Any, **kwargs: Any) -> None:
        self._home = home
        super().__init__(*args, **kwargs)

    def _get_filename(self, key: str) -> str:
        # The file count that keeps the cache small is one for all releases.
        if key != self._fs_count_file:
            key = f"{release_of(self._home).name}|{key}"
        return super()._get_filename(key)


def release_cache(app: Flask, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]) -> ReleaseCache:
    """What Flask-Caching calls for `CACHE_TYPE: dashboards.release.release_cache`."""
    return ReleaseCache(Home.default(), config["CACHE_DIR"], threshold=config["CACHE_THRESHOLD"], mode=0o600)


@dataclass(frozen=True)
class SourceFacts:
    """What one source brought to a release: its first and last local day with data, and whether it is simulated."""

    source: str
    first_day: date
    last_day: date
    is_simulated: bool


@dataclass(frozen=True)
class ReleaseFacts:
    """What a dashboard says about the release that it shows."""

    release_id: str
    built_at: str
    sources: tuple[SourceFacts, ...]

    @property
    def last_day(self) -> date | None:
        return max((facts.last_day for facts in self.sources), default=None)

    @property
    def period(self) -> str:
        """The period that a dashboard opens on, in Superset's form: first day : day after the last one."""
        if self.last_day is None:
            return "No filter"
        return f"{self.last_day - timedelta(days=DEFAULT_PERIOD_DAYS - 1)} : {self.last_day + timedelta(days=1)}"

    @property
    def freshness(self) -> str:
        """Markdown lines: one per source."""
        return "\n".join(
            f"- **{facts.source}**: {facts.first_day} – {facts.last_day}"
            + (" · Simulated data / 模拟数据" if facts.is_simulated else "")
            for facts in self.sources
        )

    @property
    def simulated(self) -> str:
        """The label that simulated rows must carry; nothing when there are none."""
        names = ", ".join(facts.source for facts in self.sources if facts.is_simulated)
        return f'<span class="hotline-simulated">Simulated data / 模拟数据: {names}</span>' if names else ""

    def fill(self, text: str) -> str:
        """Replace the marks of a dashboard's JSON text; a mark is `{{name}}`."""
        values = {
            "release": self.release_id,
            "built_at": self.built_at,
            "last_day": str(self.last_day or "–"),
            "period": self.period,
            "freshness": self.freshness,
            "simulated": self.simulated,
        }
        for name, value in values.items():
            text = text.replace("{{" + name + "}}", json.dumps(value)[1:-1])
        return text


# The last day is the last one of which files have landed. A call of its last minute may join a queue after midnight:
# the day after has nothing but such calls yet.
FACTS = """
with landed as (
    select source, max(day_local) as last_day
    from marts.reconciliation
    where compared_with = 'landed files' and expected_visits > 0
    group by source
)
select source, min(days.day_local), any_value(landed.last_day), bool_or(days.is_simulated)
from marts.service_level_by_day as days
inner join landed using (source)
group by source
order by any_value(landed.last_day) desc, source
"""


@lru_cache(maxsize=4)
def facts_of(release: Path, seconds: float) -> ReleaseFacts:
    """Read the facts of a release. Releases never change, so once per release and process.

    The connection is made as Superset makes its own: DuckDB refuses two of different settings on one file.
    """
    uri, arguments = pin_release(release, make_url("duckdb:///operations/operations.duckdb"), {}, seconds)
    with create_engine(uri, poolclass=NullPool, **arguments).connect() as connection:
        sources = connection.execute(text(FACTS)).fetchall()
        built_at = connection.execute(
            text("select max(built_at) at time zone 'UTC' from marts.operations_build")
        ).scalar()
    return ReleaseFacts(
        release_id=release.name,
        built_at=f"{built_at:%Y-%m-%d %H:%M} UTC",
        sources=tuple(SourceFacts(*row) for row in sources),
    )


def fill_dashboards(app: Flask, home: Home, seconds: float) -> None:
    """Let every answer that carries a dashboard's layout speak of the release that the request reads.

    Filling on the way out, rather than rewriting the stored dashboard at each publish, needs no lock between workers
    and can't be late: the bundle's text stays as it was imported.
    """

    @app.after_request
    def fill(response: Response) -> Response:
        if request.endpoint != "DashboardRestApi.get" or response.status_code != 200:
            return response
        answer = response.get_json()
        facts = facts_of(release_of(home), seconds)
        for field in ("json_metadata", "position_json"):
            if answer["result"].get(field):
                answer["result"][field] = facts.fill(answer["result"][field])
        response.set_data(json.dumps(answer, ensure_ascii=False))
        return response
