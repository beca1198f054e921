"""A simulated centre is a possible one: nothing is lost, nobody is in two places, the rules of the queue hold."""

from __future__ import annotations

import csv
import hashlib
import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from simulated_centres import SHIPPED, read

from hotline import landing
from hotline.home import Home
from hotline.landing.sources import contract
from hotline.simulation import Scenario, ScenarioError, SimulationSummary, simulate


def digests(out: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.rglob("*.csv"))}


def broken(calls: duckdb.DuckDBPyConnection, condition: str) -> list:
    """The first calls of which the condition holds."""
    return calls.execute(f"SELECT * FROM calls WHERE {condition} LIMIT 3").fetchall()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    start = date(2024, 5, 1)
    first = simulate(tmp_path / "first", agents=8, days=3, start=start, seed=4)
    simulate(tmp_path / "second", agents=8, days=3, start=start, seed=4)
    simulate(tmp_path / "other", agents=8, days=3, start=start, seed=5)
    simulate(tmp_path / "longer", agents=8, days=5, start=start, seed=4)
    assert digests(first.out) == digests(tmp_path / "second")
    now_and_then = ("outage", "system_incidents", "quality_reviews", "performance", "claims")
    assert {name for name in digests(first.out) if not name.startswith(now_and_then)} == {
        name for name in digests(tmp_path / "other") if not name.startswith(now_and_then)
    }
    same = digests(first.out).items() & digests(tmp_path / "other").items()
    # Nothing has been delivered from the stock yet.
    assert {name for name, _ in same} == {"survey_items_all.csv", "stock_2024-05.csv"}
    # All but the last day, whose late calls meet the next morning, and tickets, which know the future up to the end.
    before_the_last = {
        item
        for item in digests(first.out).items()
        if item[0].endswith(("-05-01.csv", "-05-02.csv")) and not item[0].startswith("tickets")
    }
    assert len(before_the_last) >= 11
    assert before_the_last <= set(digests(tmp_path / "longer").items())


def test_the_summary_counts_what_was_written(summary: SimulationSummary, calls: duckdb.DuckDBPyConnection) -> None:
    files = list(summary.out.rglob("*.csv"))
    assert summary.files == len(files)
    assert calls.execute("SELECT count(*), count(DISTINCT contact_id) FROM calls").fetchone() == (
        summary.rows["calls"],
        summary.contacts,
    )
    for entity, rows in summary.rows.items():
        assert rows > 0, entity
        found = sum(
            calls.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ((entity, "plans") if entity == "agent_schedules" else (entity,))
        )
        assert found == rows, entity
    assert summary.bytes == sum(path.stat().st_size for path in files)
    assert not list(summary.out.glob(".*")), "no temporary file is left"


def test_every_row_keeps_the_contract(summary: SimulationSummary, home: Home) -> None:
    outcomes = landing.load(home, landing=summary.out)
    assert {(outcome.entity, outcome.status) for outcome in outcomes} == {(entity, "loaded") for entity in summary.rows}
    for entity, rows in summary.rows.items():
        assert sum(outcome.rows_kept for outcome in outcomes if outcome.entity == entity) == rows
    assert sum(outcome.rows_rejected + outcome.rows_duplicate for outcome in outcomes) == 0


def test_every_entity_of_the_contract_is_written(half_year: SimulationSummary) -> None:
    assert half_year.rows.keys() == contract().keys()


def test_all_of_it_is_called_simulated(calls: duckdb.DuckDBPyConnection) -> None:
    assert broken(calls, "is_simulated IS NOT TRUE") == []


def test_a_file_holds_the_calls_that_entered_on_its_day(summary: SimulationSummary) -> None:
    for path in (summary.out / "calls").iterdir():
        with path.open() as lines:
            entered = [row["entered_at"] for row in csv.DictReader(lines)]
        assert {moment[:10] for moment in entered} == {path.stem.removeprefix("calls_")}
        assert entered == sorted(entered)


def test_times_add_up(calls: duckdb.DuckDBPyConnection) -> None:
    assert (
        broken(calls, "outcome = 'answered' AND direction = 'inbound' AND wait_seconds <> epoch(answered - queued)")
        == []
    )
    assert broken(calls, "outcome = 'answered' AND epoch(departed - answered) <> talk_seconds + hold_seconds") == []
    assert broken(calls, "outcome IN ('abandoned', 'overflow') AND wait_seconds <> epoch(departed - queued)") == []
    assert broken(calls, "NOT (entered <= coalesce(queued, entered) AND coalesce(queued, entered) <= departed)") == []
    assert broken(calls, "ring_seconds > wait_seconds OR longest_hold_seconds > hold_seconds OR talk_seconds < 0") == []
    assert broken(calls, "(outcome = 'answered') <> (answered_at IS NOT NULL)") == []
    assert broken(calls, "outcome IN ('busy', 'failed') AND direction = 'inbound' AND departed <> entered") == []


def test_nobody_is_lost_between_the_queues(calls: duckdb.DuckDBPyConnection) -> None:
    """Each internal transfer is one further visit of the contact, there and then, and there are no others."""
    handed_on, arrived, matched = calls.execute(
        """
        WITH handed_on AS (
            SELECT
                contact_id, visit_no + 1 AS visit_no, transferred_to AS queue, left_at AS entered_at, customer_id,
                priority
            FROM calls WHERE transferred_to <> 'external'
        ), arrived AS (
            SELECT contact_id, visit_no, queue, entered_at, customer_id, priority FROM calls WHERE visit_no > 1
        )
        SELECT
            (SELECT count(*) FROM handed_on),
            (SELECT count(*) FROM arrived),
            (SELECT count(*) FROM (SELECT * FROM handed_on INTERSECT ALL SELECT * FROM arrived))
        """
    ).fetchone()
    # A call handed on around midnight after the last day is in no file.
    assert arrived == matched
    assert 0 <= handed_on - matched <= 1
    assert matched > 100
    assert calls.execute("SELECT count(*) - count(DISTINCT (contact_id, visit_no)) FROM calls").fetchone() == (0,)


def test_no_agent_serves_two_calls_at_once(calls: duckdb.DuckDBPyConnection) -> None:
    """From the first ring to the end of the wrap-up, with outbound calls."""
    overlaps = calls.execute(
        """
        WITH busy AS (
            SELECT agent_id,
                coalesce(answered_at, left_at) - to_seconds(ring_seconds) AS begins,
                left_at + to_seconds(coalesce(wrap_up_seconds, 0)) AS ends
            FROM calls WHERE agent_id IS NOT NULL
        )
        SELECT * FROM busy
        QUALIFY begins < max(ends) OVER (
            PARTITION BY agent_id ORDER BY begins, ends ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
        """
    ).fetchall()
    assert overlaps == []
    # Who leaves is not replaced before the first of a month, which is not among these days.
    assert 55 < calls.execute("SELECT count(DISTINCT agent_id) FROM calls").fetchone()[0] <= 60


def test_the_first_in_line_is_the_first_served_within_a_priority(calls: duckdb.DuckDBPyConnection) -> None:
    """Nobody is taken while another of the same queue, with precedence, waits on."""
    passed_over, waited = calls.execute(
        """
        WITH in_line AS (
            SELECT queue, priority, queued, queued::DATE AS day, outcome,
                coalesce(answered - to_seconds(ring_seconds), departed) AS until
            FROM calls
            WHERE direction = 'inbound' AND outcome IN ('answered', 'abandoned', 'overflow')
        )
        SELECT
            (SELECT count(*)
             FROM in_line AS taken
             JOIN in_line AS other
             ON taken.outcome = 'answered' AND taken.queue = other.queue AND taken.day = other.day
                AND other.queued < taken.until AND other.until > taken.until
                AND (other.priority > taken.priority
                     OR (other.priority = taken.priority AND other.queued < taken.queued))),
            (SELECT count(*) FROM in_line WHERE until > queued)
        """
    ).fetchone()
    assert passed_over == 0
    assert waited > 10_000


def test_a_line_is_busy_when_all_are_in_use(tmp_path: Path) -> None:
    scenario = Scenario.read(changes={"lines_per_agent": 0.4})
    simulate(tmp_path / "landing", agents=30, days=7, start=date(2024, 5, 6), seed=2, scenario=scenario)
    calls = duckdb.connect()
    read(calls, tmp_path / "landing")
    most, busy = calls.execute(
        """
        WITH changes AS (
            SELECT entered AS moment, 1 AS change FROM calls
            WHERE direction = 'inbound' AND outcome NOT IN ('busy', 'failed') AND departed > entered
            UNION ALL
            SELECT departed, -1 FROM calls
            WHERE direction = 'inbound' AND outcome NOT IN ('busy', 'failed') AND departed > entered
        )
        SELECT max(in_use), (SELECT count(*) FROM calls WHERE outcome = 'busy')
        FROM (SELECT sum(change) OVER (ORDER BY moment, change ROWS UNBOUNDED PRECEDING) AS in_use FROM changes)
        """
    ).fetchone()
    assert most == 12
    assert busy > 100


def test_customers_are_called_back_at_permitted_hours_and_not_more_than_three_times(
    calls: duckdb.DuckDBPyConnection,
) -> None:
    assert (
        broken(
            calls,
            """direction = 'outbound' AND NOT (
            entered::TIME BETWEEN TIME '07:30' AND TIME '12:30'
            OR entered::TIME BETWEEN TIME '14:00' AND TIME '21:00')""",
        )
        == []
    )
    unasked, attempts, requests = calls.execute(
        """
        WITH requests AS (SELECT customer_id, queue, coalesce(queued, entered) AS queued FROM calls
            WHERE outcome = 'callback_requested' OR (priority = 1 AND outcome IN ('abandoned', 'overflow', 'busy'))),
        attempts AS (SELECT customer_id, queue, entered FROM calls WHERE direction = 'outbound')
        SELECT
            (SELECT count(*) FROM attempts WHERE NOT EXISTS (
                SELECT 1 FROM requests WHERE requests.customer_id = attempts.customer_id
                AND requests.queue = attempts.queue AND requests.queued < attempts.entered)),
            (SELECT count(*) FROM attempts),
            (SELECT count(*) FROM requests)
        """
    ).fetchone()
    assert unasked == 0
    assert 0.9 * requests < attempts < 3 * requests


def test_daylight_saving_makes_a_day_of_23_and_one_of_25_hours(tmp_path: Path) -> None:
    zone = ZoneInfo("Europe/Berlin")
    for start in (date(2024, 3, 30), date(2024, 10, 26)):
        simulate(tmp_path / "landing", agents=40, days=3, start=start, seed=3, zone=zone)
    for path in sorted((tmp_path / "landing" / "calls").iterdir()):
        day = date.fromisoformat(path.stem.removeprefix("calls_"))
        with path.open() as lines:
            moments = [datetime.fromisoformat(row["entered_at"]) for row in csv.DictReader(lines)]
        assert {moment.date() for moment in moments} == {day}
        assert all(moment.utcoffset() == moment.astimezone(zone).utcoffset() for moment in moments)
        hours = {(moment.hour, moment.utcoffset()) for moment in moments}
        assert len(hours) == {date(2024, 3, 31): 23, date(2024, 10, 27): 25}.get(day, 24)


def test_the_last_day_is_yesterday_when_nothing_is_said(tmp_path: Path) -> None:
    zone = ZoneInfo("Pacific/Kiritimati")
    made = simulate(tmp_path / "landing", agents=1, days=2, zone=zone)
    assert (datetime.now(zone).date() - made.last_day).days == 1
    assert made.rows["calls"] > 0


@pytest.mark.parametrize(("agents", "days"), [(0, 1), (1, 0)])
def test_a_size_of_nothing_is_refused(tmp_path: Path, agents: int, days: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        simulate(tmp_path, agents=agents, days=days)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"calls": {"by_half_hour": [1, 2]}}, "calls.by_half_hour has 2 values, not 48"),
        ({"customers": {"segments": {"shop": {"share": 0.5}}}}, "the shares of customers.segments add up to 1.43"),
        ({"tiers": {"high": {"priority": 3}}}, "tiers.high.priority is not within 0 and 2"),
        ({"presence": {"away": {"nap": {}}}}, "presence: 'nap' is no reason to be away"),
        (
            {"business_types": {"billing": {"queue": "biling"}}},
            "business_types.billing.queue: there is no queue 'biling'",
        ),
        ({"shift_patterns": {"office": {"cycle": ["dya"]}}}, "shift_patterns.office.cycle: there is no shift 'dya'"),
        (
            {"shift_patterns": {"office": {"cycle": ["night", "early"]}}},
            "shift_patterns.office.cycle: 'early' begins before",
        ),
        ({"business_types": {"billing": {"contained": 0.99}}}, "business_types.billing: contained"),
        ({"campaigns": {"answers": {"busy": 0.2}}}, "the shares of campaigns.answers add up to 1.04"),
        (
            {"campaigns": {"sales": {"reasons": {"too_dear": 0}}}},
            "the shares of campaigns.sales.reasons add up to 0.66",
        ),
        ({"orders": {"items": {"cable": 0.5}}}, "the shares of orders.items add up to 1.08"),
        ({"waiting": {"=": {}}}, "a setting is missing"),
    ],
)
def test_a_wrong_scenario_is_refused_by_the_name_of_the_setting(changes: dict, message: str) -> None:
    with pytest.raises(ScenarioError, match="scenario.yml: " + message.replace(".", r"\.")):
        Scenario.read(changes=changes)


def test_a_file_of_changes_is_laid_over_the_shipped_scenario(tmp_path: Path) -> None:
    file = tmp_path / "hotter.yml"
    file.write_text("weather: {heat: {per_degree: 0.2}}\nqueues: {night: {open: '00:00', close: '08:00'}}\n")
    changed = Scenario.changed_by(file).settings
    assert changed["weather"]["heat"] == SHIPPED.settings["weather"]["heat"] | {"per_degree": 0.2}
    assert changed["queues"].keys() == SHIPPED.settings["queues"].keys() | {"night"}
    assert changed["calls"] == SHIPPED.settings["calls"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cals: {per_day: 9}", "cals is no setting; they are calls, days_out_of_the_ordinary"),
        ("calls: {per_dya: 9}", "calls.per_dya is no setting; they are per_day, spare"),
        ("calls: {by_month: [1]}", "calls.by_month has 1 values, not 12"),
        ("calls: {by_month: [1", "no YAML: while parsing a flow sequence"),
        ("per_day", "not a mapping of settings"),
        ("'=': {calls: {}}", "a setting is missing"),
    ],
)
def test_a_wrong_file_of_changes_is_refused_by_its_name(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(text)
    with pytest.raises(ScenarioError, match=re.escape(f"{file}: {message}")):
        Scenario.changed_by(file)


def test_shipped_scenario_covers_the_day_and_the_week() -> None:
    assert len(SHIPPED.settings["calls"]["by_weekday"]) == 7
    assert (SHIPPED.seconds_per_call > 0).all(), "somebody must answer at any hour"
