"""The agents' timeline: under any events no state overlaps another, no session has a gap, and nothing is dropped.

The SQL is the project's own, in a copy of a built warehouse whose landed events a test replaces.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline import landing
from hotline.home import Home
from hotline.landing import prepare
from hotline.landing.sources import contract
from tests.models.conftest import Centre

STATES = contract()["agent_events"].column("state").allowed
FIRST_DAY = date(2024, 10, 25)  # clocks go back in Berlin on the third day
DAYS = 5
MIDDLE = FIRST_DAY + timedelta(days=2)
COLUMNS = (
    *("agent", "day_local", "state", "started_at", "ended_at", "duration_seconds", "is_carried_over"),
    *("is_session_start", "is_session_end", "is_inferred_start", "is_inferred_end", "is_repeated"),
    *("started_local", "ended_local", "raw_row_number"),
)


@dataclass(frozen=True)
class Event:
    """An event as landed; `at` in UTC."""

    agent: str
    at: datetime
    state: str
    reason: str | None = None
    contact_id: str | None = None


@dataclass(frozen=True)
class Row:
    """A row of the timeline."""

    agent: str
    day_local: date
    state: str
    started_at: datetime
    ended_at: datetime
    duration_seconds: Decimal
    is_carried_over: bool
    is_session_start: bool
    is_session_end: bool
    is_inferred_start: bool
    is_inferred_end: bool
    is_repeated: bool
    started_local: datetime
    ended_local: datetime
    raw_row_number: int


@pytest.fixture(scope="module")
def warehouse(built_centre: Centre, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the built warehouse with a table in place of the view of landed events."""
    copy = tmp_path_factory.mktemp("timeline") / built_centre.home.warehouse.name
    shutil.copy2(built_centre.home.warehouse, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("create table raw.no_events as from raw.agent_events limit 0")
        connection.execute("drop view raw.agent_events; alter table raw.no_events rename to agent_events")
        yield connection


def timeline(warehouse: duckdb.DuckDBPyConnection, events: list[Event], zone: str, source: str = "s") -> list[Row]:
    """The rows that the models make of events, by agent and time."""
    warehouse.execute("truncate raw.agent_events")
    if events:
        warehouse.executemany(
            "insert into raw.agent_events by name select ? as agent_id, ? as occurred_at, ? as state, ? as reason,"
            " ? as contact_id, ? as _row_number,"
            f" '{source}' as _source, 'f' as _file_id, '{zone}' as _time_zone",
            [
                (event.agent, event.at, event.state, event.reason, event.contact_id, number)
                for number, event in enumerate(events)
            ],
        )
    found = warehouse.execute(
        f"select {', '.join(COLUMNS)} from intermediate.int_agent_states"
        " order by agent, started_at, ended_at, raw_row_number"
    ).fetchall()
    return [Row(*row) for row in found]


def limits(warehouse: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """State to the longest seconds and closing seconds that the seed gives it."""
    rows = warehouse.execute("select state, longest_seconds, closing_seconds from seeds.agent_states").fetchall()
    return {state: (longest, closing) for state, longest, closing in rows}


def seconds_by_state(
    events: list[Event], limits: dict[str, tuple[int, int]]
) -> dict[tuple[str, str], tuple[float, int, int]]:
    """By a second route, one event after the other: (agent, state) → seconds, sessions begun, ends inferred."""
    totals: dict[tuple[str, str], list[float]] = {}
    for agent in {event.agent for event in events}:
        own = sorted((event for event in events if event.agent == agent), key=lambda event: event.at)
        signed_in = False
        for number, event in enumerate(own):
            if event.state == "signed_out":
                signed_in = False
                continue
            begins = not signed_in or (event.state == "signed_in" and own[number - 1].state != "signed_in")
            following = own[number + 1] if number + 1 < len(own) else None
            longest, closing = limits[event.state]
            lasts = (following.at - event.at).total_seconds() if following else None
            signed_in = lasts is not None and lasts <= longest
            ends = not signed_in or (following.state == "signed_in" and event.state != "signed_in")
            if ends:
                lasts = closing if lasts is None else min(closing, lasts)
            total = totals.setdefault((agent, event.state), [0.0, 0, 0])
            total[0] += lasts
            total[1] += begins
            total[2] += ends
    return {key: (seconds, int(begun), int(ended)) for key, (seconds, begun, ended) in totals.items()}


def some_events() -> st.SearchStrategy[list[Event]]:
    """Events of two agents over five days, in any order; many at the same second, around midnight, or far apart."""
    around_midnight = st.tuples(st.integers(1, DAYS - 1), st.integers(-2, 2)).map(
        lambda parts: parts[0] * 86_400 - 8 * 3_600 + parts[1]
    )
    second = st.one_of(st.integers(0, DAYS * 86_400), around_midnight, st.integers(172_000, 172_060))
    return st.lists(
        st.builds(
            lambda agent, second, state, reason: Event(
                agent, datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + timedelta(seconds=second), state, reason
            ),
            st.sampled_from("ab"),
            second,
            st.sampled_from(STATES),
            st.sampled_from([None, "water"]),
        ),
        max_size=25,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(events=some_events(), zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]))
def test_no_timeline_overlaps_or_has_gaps_under_any_events(
    warehouse: duckdb.DuckDBPyConnection, events: list[Event], zone: str
) -> None:
    rows = timeline(warehouse, events, zone)
    for row, following in pairwise(rows):
        if row.agent != following.agent:
            assert row.is_session_end
            continue
        assert following.started_at >= row.ended_at, "overlap"
        if row.is_session_end:
            assert following.is_session_start
        else:
            assert following.started_at == row.ended_at, "gap"
            assert not following.is_session_start
    for row in rows:
        assert row.ended_at >= row.started_at
        assert row.duration_seconds == Decimal(str((row.ended_at - row.started_at).total_seconds()))
        last = (row.ended_at - timedelta(milliseconds=1)) if row.ended_at > row.started_at else row.ended_at
        for moment in (row.started_at, last):
            assert moment.astimezone(ZoneInfo(zone)).date() == row.day_local
    begun = [row.raw_row_number for row in rows if not row.is_carried_over]
    assert sorted(begun) == [number for number, event in enumerate(events) if event.state != "signed_out"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(events=some_events(), zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin"]))
def test_minutes_sessions_and_inferred_ends_are_those_of_a_walk_through_the_events(
    warehouse: duckdb.DuckDBPyConnection, events: list[Event], zone: str
) -> None:
    counted: dict[tuple[str, str], tuple[float, int, int]] = {}
    for row in timeline(warehouse, events, zone):
        seconds, begun, ended = counted.get((row.agent, row.state), (0.0, 0, 0))
        counted[row.agent, row.state] = (
            seconds + float(row.duration_seconds),
            begun + row.is_session_start,
            ended + row.is_inferred_end,
        )
    assert counted == seconds_by_state(events, limits(warehouse))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(events=some_events(), zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin"]))
def test_a_day_needs_no_more_than_the_days_beside_it(
    warehouse: duckdb.DuckDBPyConnection, events: list[Event], zone: str
) -> None:
    """What makes a rebuilt day equal to the day of a full build: a build reads one day on either side."""

    def of_the_middle(events: list[Event]) -> list[tuple]:
        rows = timeline(warehouse, events, zone)
        return [tuple(vars(row).values())[:-1] for row in rows if row.day_local == MIDDLE]

    read = [event for event in events if abs((event.at.astimezone(ZoneInfo(zone)).date() - MIDDLE).days) <= 1]
    assert of_the_middle(read) == of_the_middle(events)


def test_after_call_work_of_the_amazon_connect_example_is_5_005_seconds(
    warehouse: duckdb.DuckDBPyConnection, real_data: Path, tmp_path: Path
) -> None:
    """Amazon's documentation of its agent event stream: the contact ends, and 5.005 s later the agent is free again."""
    ended = (real_data / "connect_events" / "determine-acw-time_1.jsonc").read_text(encoding="utf-8")
    freed = (real_data / "connect_events" / "determine-acw-time_2.jsonc").read_text(encoding="utf-8")
    contact = re.search(r'"ContactId": "([^"]+)"', ended)[1]
    connected_at = re.search(r'"ConnectedToAgentTimestamp": "([^"]+)"', ended)[1]
    ended_at = re.search(r'"State": "ENDED".*?"StateStartTimestamp": "([^"]+)"', ended, re.S)[1]
    freed_at = re.search(r'"EventTimestamp": "([^"]+)"', freed)[1]
    home = Home(tmp_path / "data").create()
    file = home.landing / "agent_events" / "connect.csv"
    file.parent.mkdir()
    file.write_text(
        "agent_id,occurred_at,state,contact_id\n"
        f"agent,{connected_at},talking,{contact}\nagent,{ended_at},wrapping_up,{contact}\nagent,{freed_at},ready,\n",
        encoding="utf-8",
    )
    landing.load(home)
    prepare(home)
    with duckdb.connect(str(home.warehouse), read_only=True) as landed:
        landed.execute("set timezone = 'UTC'")
        events = landed.execute("select agent_id, occurred_at, state from raw.agent_events order by 2").fetchall()
    rows = timeline(warehouse, [Event(*event) for event in events], "UTC")
    assert contact == "ContactId-1"
    assert [(row.state, row.duration_seconds) for row in rows[:2]] == [
        ("talking", Decimal("6.006")),
        ("wrapping_up", Decimal("5.005")),
    ]


@pytest.mark.parametrize("ahead", [-600, 90])
def test_a_clock_that_was_wrong_for_a_day_leaves_the_timeline_as_it_was(
    warehouse: duckdb.DuckDBPyConnection, ahead: int
) -> None:
    """Each call of the built centre makes its agent talk and then be ready; one agent's clock is off on one day."""
    calls = warehouse.execute(
        "select agent_id, contact_id, answered_at from raw.calls where outcome = 'answered' and agent_id is not null"
        " and answered_at is not null and cast(timezone('Asia/Shanghai', entered_at) as time) < time '23:00'"
    ).fetchall()
    right = [
        event
        for agent, contact, answered_at in calls
        for event in (
            Event(agent, answered_at, "talking", contact_id=contact),
            Event(agent, answered_at + timedelta(seconds=20), "ready"),
        )
    ]

    def is_off(event: Event) -> bool:
        return event.agent == "a1" and event.at.astimezone(ZoneInfo("Asia/Shanghai")).date() == date(2025, 1, 7)

    wrong = [replace(event, at=event.at + timedelta(seconds=ahead)) if is_off(event) else event for event in right]
    assert sum(map(is_off, right)) >= 6
    assert wrong != right
    assert timeline(warehouse, wrong, "Asia/Shanghai", "hotline") == timeline(
        warehouse, right, "Asia/Shanghai", "hotline"
    )


def test_the_states_of_the_contract_the_seed_and_the_columns_are_the_same(built_centre: Centre) -> None:
    states = set(STATES) - {"signed_out"}
    assert {state for (state,) in built_centre.query("select state from warehouse.seeds.agent_states")} == states
    columns = {
        name for (name,) in built_centre.query("select column_name from (describe operations.marts.agent_by_day)")
    }
    assert {"signing_in_seconds"} | {f"{state}_seconds" for state in states - {"signed_in"}} <= columns
