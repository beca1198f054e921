"""Data Docs: one self-contained page with the latest results and the profile of the last batch.

Great Expectations' own pages link style sheets from outside and stand unstyled where there is no network, so the page
is ours. It shows counts, shares, durations and times, never a text value out of a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from html import escape
from importlib.resources import files
from typing import Any

import duckdb

from expectations.outcome import ACCEPTED, FAILED, PASSED, WARMING_UP, CheckOutcome
from expectations.results import read_from
from hotline.home import Home

CHART_DAYS = 60
PROFILED_FILES = 3
"""Newest files of an entity and source whose profile is shown."""

WORDS = {
    FAILED: ("failed, nothing is published", "未通过,暂停发布"),
    ACCEPTED: ("accepted by a person", "人工确认"),
    WARMING_UP: ("warming up, not judged yet", "积累中,暂不判断"),
    PASSED: ("passed", "通过"),
}


def write(home: Home, connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Write `data_docs/index.html` anew; whoever has the page open keeps a whole one."""
    page = home.data_docs / "index.html"
    draft = page.with_suffix(".tmp")
    draft.write_text(render(connection, now), encoding="utf-8")
    draft.replace(page)


def render(connection: duckdb.DuckDBPyConnection, now: datetime) -> str:
    """The page as HTML."""
    outcomes = read_from(connection)
    by_status = {status: [found for found in outcomes if found.status == status] for status in WORDS}
    body = [
        _head(by_status, now),
        _findings("What keeps the next release back · 阻止发布的问题", by_status[FAILED]),
        _findings("Accepted by a person · 人工确认", by_status[ACCEPTED]),
        _volumes(connection, outcomes),
        _suites(outcomes),
        _profile(connection),
    ]
    style = (files("expectations") / "data_docs.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Hotline: data checks</title><style>{style}</style></head><body><main>"
        + "\n".join(part for part in body if part)
        + "</main></body></html>\n"
    )


def _head(by_status: dict[str, list[CheckOutcome]], now: datetime) -> str:
    blocked = bool(by_status[FAILED])
    verdict = "Something is not as expected" if blocked else "Nothing stands against publishing"
    tiles = "".join(
        f'<li class="{status if found else "none"}"><b>{len(found):,}</b>{en}<br><span lang="zh">{zh}</span></li>'
        for status, (en, zh) in WORDS.items()
        if (found := by_status[status]) or status in (FAILED, PASSED)
    )
    return (
        f'<header class="{FAILED if blocked else PASSED}"><h1>Data checks <span lang="zh">数据检查</span></h1>'
        f"<p>{verdict}. Judged {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC.</p></header><ul class=tiles>{tiles}</ul>"
    )


def _findings(title: str, outcomes: list[CheckOutcome]) -> str:
    if not outcomes:
        return ""
    rows = "".join(
        f"<tr><td><b>{escape(found.check_id)}</b><br>{escape(found.expectation)}</td><td>{escape(found.observed)}</td>"
        f"<td>{escape(found.expected)}</td><td>{_what_now(found)}</td></tr>"
        for found in outcomes
    )
    return (
        f"<section><h2>{title}</h2><table><tr><th>Check</th><th>Saw</th><th>Expected</th><th></th></tr>"
        f"{rows}</table></section>"
    )


def _what_now(found: CheckOutcome) -> str:
    if found.status == ACCEPTED:
        return f"{escape(found.accepted_by)}, {found.accepted_at:%Y-%m-%d %H:%M} UTC:<br>{escape(found.reason)}"
    return f"Correct or withdraw the file, or, if this is right:<br><code>{escape(found.accept_command)}</code>"


def _volumes(connection: duckdb.DuckDBPyConnection, outcomes: list[CheckOutcome]) -> str:
    status = {
        (found.entity, found.source, found.day): found.status
        for found in outcomes
        if found.check_id.startswith(f"{found.entity}.volume_by_weekday:")
    }
    rows = connection.execute(
        """
        with recent as (
            from control.days qualify day > max(day) over (partition by entity, source) - $days
        )
        select entity, source, list(struct_pack(day := day, row_count := rows) order by day) as days
        from recent group by all order by all
        """,
        {"days": CHART_DAYS},
    ).fetchall()
    charts = "".join(
        f"<figure><figcaption><b>{escape(entity)}</b> of {escape(source)}, rows per day</figcaption>"
        + _bars([(found["day"], found["row_count"], status.get((entity, source, found["day"]), "")) for found in days])
        + "</figure>"
        for entity, source, days in rows
    )
    return f"<section><h2>Volume · 每日数据量</h2>{charts}</section>" if charts else ""


def _bars(days: list[tuple[date, int, str]]) -> str:
    """Rows per day as inline SVG; a day that is not there is a gap."""
    first, last = days[0][0], days[-1][0]
    highest = max(1, *(rows for _, rows, _ in days))
    width, height, step = 720, 96, 720 / max(14, (last - first).days + 1)
    bars = "".join(
        f'<rect class="{status or "quiet"}" x="{(day - first).days * step:.1f}" width="{step * 0.8:.1f}"'
        f' y="{height - rows / highest * height:.1f}" height="{rows / highest * height:.1f}">'
        f"<title>{day:%a %Y-%m-%d}: {rows:,} rows{', ' + WORDS[status][0] if status else ''}</title></rect>"
        for day, rows, status in days
    )
    end = f'x="{width}" text-anchor="end"'
    return (
        f'<svg viewBox="0 -14 {width} {height + 30}" role="img" aria-label="Rows per day from {first} to {last}">{bars}'
        f'<text y="{height + 13}">{first}</text><text {end} y="{height + 13}">{last}</text>'
        f'<text y="-3">{highest:,}</text></svg>'
    )


def _suites(outcomes: list[CheckOutcome]) -> str:
    """Per suite and source what the newest judged day gave, check by check."""
    groups: dict[tuple[str, str], list[CheckOutcome]] = {}
    for found in outcomes:
        groups.setdefault((found.suite, found.source), []).append(found)
    parts = []
    for (suite, source), found in sorted(groups.items()):
        newest = max((outcome.day for outcome in found if outcome.day), default=None)
        shown = [outcome for outcome in found if outcome.day == newest]
        rows = "".join(
            f'<tr><td><i class="{outcome.status}"></i> {escape(outcome.expectation)}</td>'
            f"<td>{escape(outcome.observed)}</td><td>{escape(outcome.expected)}</td></tr>"
            for outcome in shown
        )
        counts = ", ".join(
            f"{number:,} {WORDS[status][0].split(',')[0]}"
            for status in WORDS
            if (number := sum(outcome.status == status for outcome in found))
        )
        title = f"<b>{escape(suite)}</b>" + (f" of {escape(source)}" if source else "")
        when = f", newest day {newest}" if newest else ""
        parts.append(
            f"<details><summary>{title}{when}: {counts}</summary><table><tr><th>Expectation</th><th>Saw</th>"
            f"<th>Expected</th></tr>{rows}</table></details>"
        )
    return f"<section><h2>Suites · 检查项</h2>{''.join(parts)}</section>" if parts else ""


def _profile(connection: duckdb.DuckDBPyConnection) -> str:
    exists = connection.execute("select 1 from duckdb_tables() where table_name = 'batch_profile'").fetchone()
    if not exists:
        return ""
    found = connection.execute(
        """
        select * from checks.batch_profile
        qualify dense_rank() over (partition by entity, source order by day desc, file_id desc) <= $files
        order by entity, source, day desc, file_id desc, rowid
        """,
        {"files": PROFILED_FILES},
    )
    names = [column[0] for column in found.description]
    groups: dict[tuple[str, date], list[dict[str, Any]]] = {}
    for values in found.fetchall():
        row = dict(zip(names, values, strict=True))
        groups.setdefault((row["file_id"], row["day"]), []).append(row)
    parts = [
        f"<details><summary><b>{escape(file_id)}</b>, {day}: {rows[0]['row_count']:,} rows</summary>"
        "<table class=numbers><tr><th>Column</th><th>Empty</th><th>Distinct, about</th><th>Lowest</th><th>5 %</th>"
        "<th>Median</th><th>95 %</th><th>Highest</th><th>Known values</th></tr>"
        f"{''.join(map(_column, rows))}</table></details>"
        for (file_id, day), rows in groups.items()
    ]
    return f"<section><h2>Profile of the last batch · 本批数据概况</h2>{''.join(parts)}</section>" if parts else ""


def _column(row: dict[str, Any]) -> str:
    cells: Iterable[str] = (
        escape(row["column_name"]),
        f"{row['nulls'] / row['row_count']:.1%}",
        f"{row['distinct_values']:,}",
        escape(row["lowest"] or ""),
        *("" if row[name] is None else f"{row[name]:,.0f}" for name in ("p05", "p50", "p95")),
        escape(row["highest"] or ""),
        "" if row["allowed_share"] is None else f"{row['allowed_share']:.1%}",
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
