"""A small call centre whose files a test writes, corrects and withdraws, and the marts that come out of them."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from hotline import building, landing
from hotline.home import Home
from tests.models.hand_tickets import land_hand_tickets

COLUMNS = (
    *("contact_id", "visit_no", "channel", "direction", "queue", "business_type", "customer_id", "entered_at"),
    *("queued_at", "answered_at", "left_at", "wait_seconds", "ring_seconds", "talk_seconds", "hold_seconds"),
    *("wrap_up_seconds", "agent_id", "outcome", "transferred_to", "rating_offered", "rating", "rating_scale"),
    *("priority", "call_kind", "is_simulated", "hold_count", "longest_hold_seconds", "by_trainee"),
)
OUTCOMES = (
    *(("answered",) * 8),
    *(("abandoned",) * 3),
    *("callback_requested", "voicemail", "overflow", "self_served", "left_in_self_service", "busy", "failed", "test"),
)
EVENT_COLUMNS = ("agent_id", "occurred_at", "state", "reason", "contact_id")
PLAN_COLUMNS = ("agent_id", "starts_at", "ends_at", "activity", "shift_pattern")
REVIEW_COLUMNS = (
    *("review_id", "reviewed_at", "contact_id", "ticket_id", "agent_id", "reviewer_id", "form", "business_kind"),
    *("passed", "score", "error_kind", "error_cause", "defect"),
)
MODELS = ("resource_type:model", "resource_type:seed")
BY_DAY = ("+config.materialized:incremental,resource_type:model", "--exclude", "config.materialized:view")
"""Tables that a build adds to, and what they are made from. All others are made anew in any build."""

# They tell when a table was made, or by which build: all else is equal in two builds of the same data.
OF_THE_BUILD = {"build_id", "built_at", "loaded_at", "load_seconds"}


def visit(entered: datetime, contact: str, **values: Any) -> dict[str, Any]:
    """One row of a landing file, answered at once by `agent` unless `values` say otherwise. Times are local."""
    row: dict[str, Any] = {
        "contact_id": contact,
        "visit_no": 1,
        "channel": "phone",
        "direction": "inbound",
        "queue": "faults",
        "entered_at": entered,
        "queued_at": entered,
        "left_at": entered + timedelta(seconds=60),
        "wait_seconds": 0,
        "agent_id": "agent",
        "outcome": "answered",
        "priority": 0,
    }
    return row | values


def some_visits(day: date, seed: int, count: int = 60) -> list[dict[str, Any]]:
    """Visits of every kind spread over a day, many of them around midnight; contacts with two visits among them."""
    chance = random.Random(f"{day}{seed}")
    rows: list[dict[str, Any]] = []
    for number in range(count):
        # One in three in the last two minutes of the day: in IVR before midnight, in the queue or answered after it.
        second = chance.randrange(86_280, 86_400) if number % 3 == 0 else chance.randrange(86_400)
        entered = datetime.combine(day, datetime.min.time()) + timedelta(seconds=second)
        outcome = chance.choice(OUTCOMES)
        queued = entered + timedelta(seconds=chance.randrange(60))
        wait = chance.choice((0, 3, 5, 6, 20, 21, 45, 150))
        ended = queued + timedelta(seconds=wait)
        answered = outcome == "answered"
        in_queue = outcome in ("answered", "abandoned", "callback_requested", "voicemail", "overflow")
        talk = chance.randrange(10, 400)
        row = visit(
            entered,
            f"{day}-{seed}-{number}",
            direction="outbound" if chance.random() < 0.08 else "inbound",
            queue=chance.choice(("faults", "billing", "advice")),
            business_type=chance.choice(("outage", "bill", None)),
            customer_id=chance.choice((None, f"c{chance.randrange(25)}", f"c{day}{number}")),
            queued_at=queued if in_queue else None,
            answered_at=ended if answered else None,
            left_at=ended + timedelta(seconds=talk if answered else 0) if in_queue else queued,
            wait_seconds=chance.choice((wait, None)) if in_queue else None,
            ring_seconds=chance.choice((2, None)) if answered else None,
            talk_seconds=chance.choice((talk, talk, None)) if answered else None,
            hold_seconds=chance.choice((None, 12)) if answered else None,
            hold_count=number % 3 if answered and number % 2 else None,
            longest_hold_seconds=(119, 120, 121, None)[number % 4] if answered else None,
            by_trainee=(True, False, None)[number % 3] if answered else None,
            wrap_up_seconds=chance.choice((None, 30)) if answered else None,
            agent_id=chance.choice((f"a{chance.randrange(6)}", None)) if answered else None,
            outcome=outcome,
            transferred_to="elsewhere" if answered and chance.random() < 0.1 else None,
            rating_offered=True if answered else None,
            rating=chance.choice((None, chance.randrange(1, 6))) if answered else None,
            rating_scale="1-5" if answered else None,
            priority=chance.choice((0, 1, 2, 9)),
            call_kind=chance.choice((None,) * 12 + ("silent", "nuisance", "praise")),
            is_simulated=True,
        )
        rows.append(row)
        if in_queue and chance.random() < 0.25:
            again = row["left_at"]
            rows.append(
                row
                | {"visit_no": 2, "queue": "advice", "queued_at": again, "direction": "inbound"}
                | {"answered_at": again, "left_at": again + timedelta(seconds=30), "wait_seconds": 0}
                | {"outcome": "answered", "agent_id": "second"}
            )
    return rows


def some_states(day: date, seed: int, agents: int = 6) -> list[dict[str, Any]]:
    """Events of agents a0, a1, … on a day: signed in or not, double, without sign-out, over midnight, clocks ahead."""
    chance = random.Random(f"states {day}{seed}")
    rows: list[dict[str, Any]] = []
    for number in range(agents):
        second = chance.choice((0, 3_600, 30_000, 60_000))
        ahead = chance.choice((0, 0, 40))
        state = chance.choice(("signed_in", "signed_in", "ready"))
        for _ in range(chance.randrange(2, 14)):
            moment = datetime.combine(day, datetime.min.time()) + timedelta(seconds=min(second + ahead, 86_399))
            row = {"agent_id": f"a{number}", "occurred_at": moment, "state": state, "reason": None, "contact_id": None}
            rows.append(row)
            if chance.random() < 0.1:
                rows.append(dict(row))
            second += chance.choice((0, 60, 3_000, 20_000))
            state = chance.choice(("ready", "talking", "wrapping_up", "away", "meal", "training", "signed_out"))
    return rows


def some_plans(day: date, seed: int, agents: int = 6) -> list[dict[str, Any]]:
    """Plans of agents a0, a1, … that begin on a day, some of them over midnight."""
    chance = random.Random(f"plans {day}{seed}")
    rows: list[dict[str, Any]] = []
    for number in range(agents):
        moment = datetime.combine(day, datetime.min.time()) + timedelta(hours=chance.choice((0, 8, 20)))
        for activity in ("available", "break", "available", "meal", "available"):
            end = moment + timedelta(seconds=chance.choice((900, 7_200)))
            rows.append(
                {"agent_id": f"a{number}", "starts_at": moment, "ends_at": end, "activity": activity}
                | {"shift_pattern": chance.choice(("office", "nights"))}
            )
            moment = end
    return [row for row in rows if row["starts_at"].date() == day]


def some_reviews(day: date, seed: int, count: int = 40) -> list[dict[str, Any]]:
    """Reviews of agents a0 … a5 on a day, one in four not passed; some forms contradict themselves."""
    chance = random.Random(f"reviews {day}{seed}")
    rows: list[dict[str, Any]] = []
    for number in range(count):
        passed = chance.random() > 0.25
        wrong = passed == (chance.random() < 0.05)
        rows.append(
            {"review_id": f"{day}-{seed}-{number}", "agent_id": f"a{chance.randrange(6)}", "passed": passed}
            | {"reviewed_at": datetime.combine(day, datetime.min.time()) + timedelta(seconds=chance.randrange(86_400))}
            | {"contact_id": f"{day}-{seed}-{number}", "form": chance.choice(("call", "order", None))}
            | {"business_kind": chance.choice(("account", "complaint", "bill", None))}
            | {"score": None if number % 7 == 0 else 62.5 if not passed else 93}
            | {"error_kind": chance.choice(("manner", "wrong_process")) if wrong else None}
            | {"defect": chance.choice(("person", "system_fault", None)) if wrong else None}
        )
    return rows


@dataclass
class Centre:
    """A home with landing files of the source `hotline`, in the time zone of that source."""

    home: Home

    def land(self, name: str, rows: list[dict[str, Any]]) -> Path:
        """Write or replace the file `calls/<name>.csv`; times get Shanghai's offset."""
        return self.land_rows("calls", name, COLUMNS, rows)

    def land_rows(self, folder: str, name: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> Path:
        """Write or replace the file `<folder>/<name>.csv`; times get Shanghai's offset."""
        file = self.home.landing / folder / f"{name}.csv"
        file.parent.mkdir(exist_ok=True)
        with file.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, columns)
            writer.writeheader()
            writer.writerows({key: _text(value) for key, value in row.items()} for row in rows)
        return file

    def build(self, full: bool = False, tests: bool = False, models: tuple[str, ...] = MODELS) -> building.BuildResult:
        """Load what landed and build the marts; only `tests` runs data tests too, and only the first build all models.

        Tests are half of the time of a small build.
        """
        landing.load(self.home)
        first = building.needs_full_build(self.home)
        with pytest.MonkeyPatch.context() as patch:
            # Nobody reads dbt's own notes of these builds, which take a second each.
            patch.setenv("DBT_WRITE_JSON", "false")
            if not tests:
                # Else dbt adds to the selected models all tests that look at them.
                patch.setenv("DBT_INDIRECT_SELECTION", "empty")
                patch.setattr(building, "WITHOUT_FORMULAS", (*building.WITHOUT_FORMULAS, "resource_type:test"))
            result = building.build(self.home, full, None if tests or first else models)
        assert result.success, result.report()
        landing.mark_built(self.home)
        return result

    def query(self, sql: str) -> list[tuple]:
        """Rows from the build files."""
        with self._reading() as connection:
            return connection.execute(sql).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with building.read_build(self.home) as connection:
            connection.execute("set timezone = 'UTC'")
            yield connection

    def marts(self) -> dict[str, list[tuple]]:
        """Every row of every mart, sorted, without what only tells when it was made."""
        with self._reading() as connection:
            tables = connection.execute(
                "select database_name, table_name, list(column_name order by column_index) from duckdb_columns()"
                " where schema_name = 'marts' group by all order by all"
            ).fetchall()
            return {
                f"{database}.{table}": connection.execute(
                    f"select {', '.join(_comparable(name) for name in names if name not in OF_THE_BUILD) or '1'}"
                    f" from {database}.marts.{table} order by all"
                ).fetchall()
                for database, table, names in tables
            }

    def marts_built_in_full(self, models: tuple[str, ...] = MODELS) -> dict[str, list[tuple]]:
        """What a full build makes of the same files; the build files themselves stay as they are."""
        files = (self.home.warehouse, self.home.operations, self.home.people)
        kept = self.home.root / "kept"
        kept.mkdir()
        for file in files:
            shutil.copy2(file, kept)
        self.build(full=True, models=models)
        marts = self.marts()
        for file in files:
            shutil.move(kept / file.name, file)
        kept.rmdir()
        return marts


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.isoformat()}+08:00"
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


def _comparable(column: str) -> str:
    # A sum of doubles may differ in its last digit with the order of the rows.
    return (
        f'round("{column}", 9)' if column in ("value", "mean_half_hours_offered", "mean_day_offered") else f'"{column}"'
    )


@pytest.fixture
def centre(home: Home) -> Centre:
    """An empty centre."""
    return Centre(home)


@pytest.fixture(scope="session")
def built_centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """Three days of a centre, built once for tests that only read."""
    centre = Centre(Home(tmp_path_factory.mktemp("centre") / "data").create())
    for number in range(3):
        day = date(2025, 1, 6 + number)
        centre.land(f"calls_{day}", some_visits(day, seed=1, count=150))
        centre.land_rows("agent_events", f"agent_events_{day}", EVENT_COLUMNS, some_states(day, seed=1))
        centre.land_rows("agent_schedules", f"agent_schedules_{day}", PLAN_COLUMNS, some_plans(day, seed=1))
        centre.land_rows("quality_reviews", f"quality_reviews_{day}", REVIEW_COLUMNS, some_reviews(day, seed=1))
    land_hand_tickets(centre)
    centre.build(tests=True)
    return centre


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Iterator[Centre]:
    """Both months of the bank's log, built once with every test."""
    bank = Centre(Home(tmp_path_factory.mktemp("bank") / "data").create())
    landing.load(bank.home, roots={"bank_1999": real_data / "bank_1999"})
    bank.build(tests=True)
    yield bank


@pytest.fixture(scope="session")
def manifest(built_centre: Centre) -> dict[str, Any]:
    """dbt's manifest of the project."""
    return building.manifest(built_centre.home)


@pytest.fixture
def read_only(built_centre: Centre) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published marts of the built centre."""
    with duckdb.connect(str(built_centre.home.operations), read_only=True) as connection:
        yield connection
