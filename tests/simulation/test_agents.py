"""What agents do from second to second, and what they were to do, hangs together with the calls."""

from __future__ import annotations

import csv
import math
from datetime import date, timedelta
from pathlib import Path

import duckdb
from simulated_centres import SHIPPED, shifts

from hotline.simulation import SimulationSummary, simulate, site_zone

PRESENCE = SHIPPED.settings["presence"]
DIFFERENCES = "SELECT count(*) FROM ((FROM {0} EXCEPT ALL FROM {1}) UNION ALL (FROM {1} EXCEPT ALL FROM {0}))"


def broken(calls: duckdb.DuckDBPyConnection, table: str, condition: str) -> list:
    return calls.execute(f"SELECT * FROM {table} WHERE {condition} LIMIT 3").fetchall()


def test_a_file_holds_what_happened_on_its_day_in_order(summary: SimulationSummary) -> None:
    ahead = SHIPPED.settings["agents"]["planned_ahead"]
    for entity, column, days in (("agent_events", "occurred_at", 28), ("agent_schedules", "starts_at", 28 + ahead)):
        files = sorted((summary.out / entity).iterdir())
        assert len(files) == days
        for path in files:
            with path.open() as lines:
                moments = [row[column] for row in csv.DictReader(lines)]
            assert {moment[:10] for moment in moments} == {path.stem.removeprefix(f"{entity}_")}
            assert moments == sorted(moments)


def test_one_state_follows_another_as_on_a_telephone(calls: duckdb.DuckDBPyConnection) -> None:
    pairs = set(calls.execute("SELECT DISTINCT state, next_state FROM states WHERE next_state IS NOT NULL").fetchall())
    off = {"signed_out", "away", "meal", "training", "coaching"}
    free = {"ready", "ringing", "outbound"} | off
    assert pairs <= (
        {(state, after) for state in off - {"signed_out"} | {"signed_in"} for after in free}
        | {("ready", state) for state in {"ringing", "outbound"} | off}
        | {("ringing", "talking"), ("talking", "holding"), ("holding", "talking")}
        | {(state, after) for state in ("talking", "outbound") for after in {"wrapping_up"} | free}
        | {("wrapping_up", state) for state in free}
        | {("signed_out", "signed_in")}
    )
    assert {state for state, _ in pairs} == {
        "signed_in", "ready", "ringing", "talking", "holding", "wrapping_up", "outbound", "signed_out", "away", "meal",
        "training", "coaching",
    }  # fmt: skip
    assert broken(calls, "states", "seconds < 0 OR (seconds = 0 AND state <> 'talking')") == []
    assert broken(calls, "states", "place = 1 AND state <> 'signed_in'") == []


def test_reason_and_contact_stand_where_they_belong(calls: duckdb.DuckDBPyConnection) -> None:
    assert broken(calls, "states", "(reason IS NOT NULL) <> (state = 'away')") == []
    assert (
        broken(
            calls,
            "states",
            """(contact_id IS NOT NULL)
            <> (state IN ('ringing', 'talking', 'holding', 'wrapping_up', 'outbound'))""",
        )
        == []
    )
    assert broken(calls, "states", "seat IS NULL") == []
    reasons = {row[0] for row in calls.execute("SELECT DISTINCT reason FROM states WHERE state = 'away'").fetchall()}
    assert reasons == set(PRESENCE["away"])


def test_every_answered_call_is_in_its_agents_states_to_the_second(calls: duckdb.DuckDBPyConnection) -> None:
    """When it rang, was answered and ended, and how long it was held; outbound calls too. Up to the last midnight."""
    calls.execute(
        """
        CREATE TEMP TABLE of_calls AS
        SELECT contact_id, agent_id, coalesce(answered_at, left_at) - to_seconds(ring_seconds) AS begins,
            IF(direction = 'inbound', nullif(ring_seconds, 0), NULL) AS ringing,
            IF(direction = 'inbound', talk_seconds, NULL) AS talking,
            nullif(hold_seconds, 0) AS holding, nullif(hold_count, 0) AS holds,
            nullif(longest_hold_seconds, 0) AS longest_hold,
            IF(direction = 'outbound', ring_seconds + coalesce(talk_seconds, 0), NULL) AS outbound,
            nullif(wrap_up_seconds, 0) AS wrapping_up
        FROM calls WHERE agent_id IS NOT NULL AND left_at < (SELECT max(entered_at) - INTERVAL 1 HOUR FROM calls);
        CREATE TEMP TABLE of_states AS
        SELECT contact_id, agent_id, min(occurred_at) AS begins,
            sum(seconds) FILTER (state = 'ringing') AS ringing,
            sum(seconds) FILTER (state = 'talking') AS talking,
            sum(seconds) FILTER (state = 'holding') AS holding,
            nullif(count(*) FILTER (state = 'holding'), 0) AS holds,
            max(seconds) FILTER (state = 'holding') AS longest_hold,
            sum(seconds) FILTER (state = 'outbound') AS outbound,
            sum(seconds) FILTER (state = 'wrapping_up') AS wrapping_up
        FROM states WHERE contact_id IS NOT NULL GROUP BY contact_id, agent_id
        HAVING contact_id IN (SELECT contact_id FROM of_calls);
        -- A transferred call whose second agent is still talking at the end of the data is in neither.
        DELETE FROM of_states WHERE (contact_id, agent_id) NOT IN (SELECT (contact_id, agent_id) FROM of_calls);
        """
    )
    # One agent who has both visits of a contact: his states are of two visits.
    calls.execute(
        """
        CREATE TEMP TABLE calls_by_agent AS
        SELECT contact_id, agent_id, min(begins) AS begins, sum(ringing) AS ringing, sum(talking) AS talking,
            sum(holding) AS holding, sum(holds) AS holds, max(longest_hold) AS longest_hold,
            sum(outbound) AS outbound, sum(wrapping_up) AS wrapping_up
        FROM of_calls GROUP BY contact_id, agent_id
        """
    )
    number, differences = calls.execute(
        f"SELECT (SELECT count(*) FROM calls_by_agent), ({DIFFERENCES.format('calls_by_agent', 'of_states')})"
    ).fetchone()
    assert number > 50_000
    assert differences == 0


def test_the_schedule_covers_every_shift_without_a_gap(calls: duckdb.DuckDBPyConnection) -> None:
    assert broken(calls, "agent_schedules", "ends_at <= starts_at") == []
    overlaps = """
        SELECT starts_at < lag(ends_at) OVER (PARTITION BY agent_id ORDER BY starts_at) AS is_one FROM agent_schedules
        """
    assert calls.execute(f"SELECT count(*) FROM ({overlaps}) WHERE is_one").fetchone() == (0,)
    number, longest, most = calls.execute(
        f"SELECT count(*), max(epoch(ends - begins)) / 3600, max(meals) FROM ({shifts()})"
    ).fetchone()
    assert (longest, most) == (12, 1)
    assert number > 1000
    patterns = {row[0] for row in calls.execute("SELECT DISTINCT shift_pattern FROM agent_schedules").fetchall()}
    assert patterns == set(SHIPPED.settings["shift_patterns"])


def test_the_roster_ahead_is_what_is_planned_when_the_day_comes(tmp_path: Path) -> None:
    """The same shifts as in a run that goes on, of all who are still there; only what is taught comes in between."""
    connection = duckdb.connect()
    connection.execute(f"SET TimeZone = '{site_zone().key}'")
    for name, days in (("short", 10), ("long", 24)):
        made = simulate(tmp_path / name, agents=30, days=days, start=date(2024, 3, 4), seed=5)
        connection.execute(f"CREATE TABLE {name} AS FROM read_csv('{made.out}/agent_schedules/*.csv')")
        connection.execute(f"CREATE TABLE {name}_shifts AS {shifts(name)}")
    ahead, last, still, differing = connection.execute(
        """
        SELECT count(*), max(short_shifts.begins)::DATE, count(came.begins),
            count(*) FILTER (came.ends <> short_shifts.ends)
        FROM short_shifts LEFT JOIN long_shifts AS came USING (agent_id, begins)
        WHERE short_shifts.begins::DATE > '2024-03-13'
        """
    ).fetchone()
    assert last == date(2024, 3, 13) + timedelta(days=SHIPPED.settings["agents"]["planned_ahead"])
    assert ahead > 200
    assert 0.95 * ahead <= still <= ahead
    # What is planned for the last night goes on after it.
    assert (
        differing
        <= connection.execute(
            "SELECT count(*) FROM short_shifts WHERE begins::DATE = '2024-03-27' AND ends::DATE > '2024-03-27'"
        ).fetchone()[0]
    )
    taught = "activity IN ('training', 'coaching') AND starts_at >= '2024-03-14 12:00'"
    assert connection.execute(f"SELECT count(*) FROM short WHERE {taught}").fetchone() == (0,)
    assert connection.execute(f"SELECT count(*) FROM long WHERE {taught}").fetchone()[0] > 0


def test_shift_patterns_have_the_days_and_shifts_of_the_trade() -> None:
    """7 days with 5 shifts, 5 with 3, 4 with 2."""
    shapes = {
        (len(pattern["cycle"]), sum(shift != "rest" for shift in pattern["cycle"]))
        for pattern in SHIPPED.settings["shift_patterns"].values()
    }
    assert shapes == {(7, 5), (5, 3), (4, 2)}


def test_agents_work_when_they_are_to_or_finish_their_call(calls: duckdb.DuckDBPyConnection) -> None:
    """Nobody takes a call outside the shift; late as often and as long as drawn; absent as often."""
    calls.execute(f"CREATE TEMP TABLE shifts AS {shifts()}")
    outside = calls.execute(
        """
        SELECT count(*) FROM states WHERE state IN ('ringing', 'outbound', 'ready', 'signed_in') AND NOT EXISTS (
            SELECT 1 FROM shifts WHERE shifts.agent_id = states.agent_id
            AND occurred_at BETWEEN begins AND ends)
        """
    ).fetchone()
    assert outside == (0,)
    number, present, late, how_late = calls.execute(
        """
        WITH arrivals AS (
            SELECT epoch(min(occurred_at) - any_value(begins)) AS after
            FROM shifts LEFT JOIN states
            ON states.agent_id = shifts.agent_id AND state = 'signed_in' AND occurred_at BETWEEN begins AND ends
            WHERE ends < (SELECT max(occurred_at) FROM states)
            GROUP BY shifts.agent_id, shift)
        SELECT count(*), count(after), avg((after > 0)::INT) FILTER (after IS NOT NULL), avg(after) FILTER (after > 0)
        FROM arrivals
        """
    ).fetchone()
    absent = SHIPPED.settings["agents"]["absent"]
    assert abs(1 - present / number - absent) < 4 * math.sqrt(absent / number)
    assert abs(late - PRESENCE["late"]["share"]) < 4 * math.sqrt(PRESENCE["late"]["share"] / present)
    assert 0.6 < how_late / PRESENCE["late"]["mean"] < 1.2


def test_agents_are_away_as_drawn(calls: duckdb.DuckDBPyConnection) -> None:
    """Breaks of the shift and what comes up besides; what falls on a break or a call is not taken."""
    hours, breaks = calls.execute(
        """
        SELECT sum(epoch(ends_at - starts_at)) / 3600, count(*) FILTER (activity = 'break')
        FROM agent_schedules
        """
    ).fetchone()
    number, meals, taught, again = calls.execute(
        """
        SELECT count(*) FILTER (state = 'away'), avg(seconds) FILTER (state = 'meal'),
            count(*) FILTER (state IN ('training', 'coaching')),
            count(*) FILTER (state = 'signed_out' AND seconds < 600)
        FROM states
        """
    ).fetchone()
    here = 1 - SHIPPED.settings["agents"]["absent"]
    drawn = here * (breaks + hours * sum(entry["per_hour"] for entry in PRESENCE["away"].values()))
    assert 0.7 < number / drawn < 1.1
    assert 2300 < meals < 2600
    planned = calls.execute(
        "SELECT count(*) FROM agent_schedules WHERE activity IN ('training', 'coaching')"
    ).fetchone()[0]
    assert 0.8 < taught / planned <= 1
    assert 0.5 < again / (hours * PRESENCE["signs_in_again"]["per_hour"]) < 1.5
