"""Outages, incidents, tickets and reviews hang together with the calls, and are as the scenario has them."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest
from simulated_centres import SHIPPED, read

from hotline.simulation import simulate
from hotline.simulation.tables import Clock
from hotline.simulation.tickets import OfficeHours

TICKETS, QUALITY = SHIPPED.settings["tickets"], SHIPPED.settings["quality"]
ENTITIES = ("tickets", "ticket_events", "quality_reviews", "outages", "system_incidents")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Ten weeks of a centre, so that most of the tickets of the first are closed."""
    made = simulate(tmp_path_factory.mktemp("desk") / "landing", agents=40, days=70, start=date(2024, 3, 4), seed=4)
    connection = duckdb.connect()
    read(connection, made.out)
    for entity in ENTITIES:
        connection.execute(f"CREATE TABLE {entity} AS FROM read_csv('{made.out}/{entity}/*.csv')")
    return connection


def no(desk: duckdb.DuckDBPyConnection, query: str) -> None:
    assert desk.execute(query).fetchall() == []


def share_is(found: float, expected: float, number: int) -> bool:
    return abs(found - expected) < 4 * math.sqrt(expected * (1 - expected) / number)


def test_every_ticket_is_that_of_an_answered_call_and_the_call_says_so(desk: duckdb.DuckDBPyConnection) -> None:
    no(
        desk,
        """
        SELECT * FROM tickets LEFT JOIN calls USING (ticket_id)
        WHERE calls.outcome IS DISTINCT FROM 'answered' OR calls.contact_id <> tickets.contact_id
            OR opened_by <> agent_id OR opened_at <> left_at OR calls.business_type <> tickets.business_type
            OR (tickets.customer_id IS DISTINCT FROM calls.customer_id AND NOT coalesce(is_anonymous, false))
            OR calls.outage_id IS DISTINCT FROM tickets.outage_id
        """,
    )
    no(desk, "SELECT * FROM calls WHERE ticket_id IS NOT NULL AND ticket_id NOT IN (SELECT ticket_id FROM tickets)")
    assert desk.execute("SELECT count(*) - count(DISTINCT ticket_id) FROM tickets").fetchone() == (0,)


def test_calls_become_tickets_as_often_as_drawn(desk: duckdb.DuckDBPyConnection) -> None:
    rows = desk.execute(
        """
        SELECT business_type, count(*), avg((ticket_id IS NOT NULL)::INT) FROM calls
        WHERE outcome = 'answered' AND direction = 'inbound' AND transferred_to IS NULL AND call_kind = 'inquiry'
        GROUP BY business_type
        """
    ).fetchall()
    assert len(rows) == 8
    for business_type, number, share in rows:
        assert share_is(share, TICKETS["of_calls"][business_type], number), business_type


def test_a_ticket_lives_from_received_to_closed(desk: duckdb.DuckDBPyConnection) -> None:
    no(desk, "SELECT * FROM ticket_events WHERE ticket_id NOT IN (SELECT ticket_id FROM tickets)")
    no(
        desk,
        """
        SELECT ticket_id FROM ticket_events JOIN tickets USING (ticket_id) GROUP BY ticket_id
        HAVING min(occurred_at) <> any_value(opened_at) OR arg_min(event, occurred_at) <> 'received'
            OR count(*) FILTER (event = 'received') <> 1
            OR count(*) FILTER (event = 'closed') > 1 + count(*) FILTER (event = 'reopened')
            OR (count(*) FILTER (event = 'merged') > 0) <> (any_value(duplicate_of) IS NOT NULL)
        """,
    )
    early, number = desk.execute(
        """
        SELECT count(*) FILTER (event = 'closed'), count(*) FILTER (event = 'received')
        FROM ticket_events JOIN tickets USING (ticket_id)
        WHERE opened_at < '2024-03-25' AND kind <> 'application'
            AND ticket_id NOT IN (SELECT ticket_id FROM ticket_events WHERE event = 'reopened')
        """
    ).fetchone()
    assert early > 0.97 * number
    order = ("received", "dispatched", "accepted", "arrived", "feedback", "restored", "result")
    for before, after in pairwise(order):
        no(
            desk,
            f"""
            SELECT ticket_id FROM ticket_events JOIN tickets USING (ticket_id) WHERE kind = 'fault_repair'
            GROUP BY ticket_id
            HAVING min(occurred_at) FILTER (event = '{before}') > min(occurred_at) FILTER (event = '{after}')
            """,
        )
    events = {row[0] for row in desk.execute("SELECT DISTINCT event FROM ticket_events").fetchall()}
    assert events >= {
        "handed_back", "expedited", "escalated", "reopened", "merged", "interim_reply", "callback_attempted",
        "called_back", "solution_proposed", "expert_asked", "plan_answered", "powered_on", "replied",
    }  # fmt: skip


def test_events_are_in_the_file_of_their_day_and_in_order(desk: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    made = simulate(tmp_path / "landing", agents=15, days=4, start=date(2024, 3, 4), seed=4)
    for entity, column in (("ticket_events", "occurred_at"), ("quality_reviews", "reviewed_at")):
        for path in (made.out / entity).iterdir():
            moments = duckdb.sql(f"SELECT {column}::VARCHAR FROM read_csv('{path}', all_varchar = true)").fetchall()
            assert {moment[:10] for (moment,) in moments} <= {path.stem.removeprefix(f"{entity}_")}
            assert moments == sorted(moments)


def test_duplicates_are_of_a_ticket_that_is_none(desk: duckdb.DuckDBPyConnection) -> None:
    no(
        desk,
        """
        SELECT * FROM tickets AS doubled LEFT JOIN tickets AS first ON doubled.duplicate_of = first.ticket_id
        WHERE doubled.duplicate_of IS NOT NULL
            AND (first.ticket_id IS NULL OR first.duplicate_of IS NOT NULL OR first.opened_at > doubled.opened_at)
        """,
    )
    number, by_agents = desk.execute(
        "SELECT count(*), avg((duplicate_cause = 'agent')::INT) FROM tickets WHERE duplicate_of IS NOT NULL"
    ).fetchone()
    assert number > 100
    assert share_is(by_agents, TICKETS["duplicates"]["causes"]["agent"], number)


def test_crews_are_slower_where_the_way_is_longer(desk: duckdb.DuckDBPyConnection) -> None:
    rows = desk.execute(
        """
        SELECT area, avg(epoch(arrived.occurred_at - accepted.occurred_at)), count(*)
        FROM tickets JOIN ticket_events AS arrived USING (ticket_id) JOIN ticket_events AS accepted USING (ticket_id)
        WHERE arrived.event = 'arrived' AND accepted.event = 'accepted' GROUP BY area
        """
    ).fetchall()
    drives = TICKETS["kinds"]["fault_repair"]["arrives"]
    assert {row[0] for row in rows} == set(drives)
    for area, seconds, number in rows:
        assert abs(seconds / drives[area] - 1) < 4 * 0.7 / math.sqrt(number) + 0.03


def test_departments_answer_in_office_hours(desk: duckdb.DuckDBPyConnection) -> None:
    no(
        desk,
        """
        SELECT * FROM ticket_events WHERE actor = 'department' AND event IN ('accepted', 'result', 'plan_answered')
            AND department <> 'repair' AND NOT (occurred_at::TIMESTAMP::TIME BETWEEN '08:30' AND '17:30:01'
            AND isodow(occurred_at::TIMESTAMP) <= 5 OR occurred_at::DATE IN ('2024-04-07', '2024-04-28', '2024-05-11'))
            OR occurred_at::DATE IN ('2024-04-04', '2024-05-01') AND event = 'accepted' AND department = 'business_hall'
        """,
    )


def test_residents_are_called_back_in_the_evening_but_for_some(desk: duckdb.DuckDBPyConnection) -> None:
    number, forbidden, dissatisfied = desk.execute(
        """
        SELECT count(*), avg((NOT (occurred_at::TIMESTAMP::TIME BETWEEN '07:30' AND '12:30'
                OR occurred_at::TIMESTAMP::TIME BETWEEN '14:00' AND '21:00:00'))::INT),
            avg((satisfaction = 'dissatisfied')::INT)
        FROM ticket_events WHERE event = 'called_back'
        """
    ).fetchone()
    assert number > 1000
    assert 0 < forbidden < 0.06
    assert 0.05 < dissatisfied < 0.2


def test_reviews_find_the_errors_that_were_put_in(desk: duckdb.DuckDBPyConnection) -> None:
    no(
        desk,
        """
        SELECT * FROM quality_reviews LEFT JOIN calls
        ON calls.contact_id = quality_reviews.contact_id AND calls.agent_id = quality_reviews.agent_id
        WHERE calls.contact_id IS NULL OR reviewed_at < left_at OR passed <> (error_kind IS NULL)
            OR business_kind <> business_type
        """,
    )
    number, passed, by_trainees, number_of_trainees = desk.execute(
        """
        SELECT count(*), avg(passed::INT), avg(passed::INT) FILTER (by_trainee), count(*) FILTER (by_trainee)
        FROM quality_reviews JOIN (SELECT DISTINCT ON (contact_id, agent_id) * FROM calls) AS calls
        USING (contact_id, agent_id)
        """
    ).fetchone()
    assert 0.97 < passed < 0.992
    assert by_trainees < passed
    assert number > 2000 and number_of_trainees > 100
    defects = desk.execute("SELECT defect, count(*) FROM quality_reviews WHERE NOT passed GROUP BY defect").fetchall()
    failed = sum(count for _, count in defects)
    assert all(share_is(count / failed, QUALITY["defects"][defect], failed) for defect, count in defects)


def test_an_outage_brings_calls_of_its_place(desk: duckdb.DuckDBPyConnection) -> None:
    no(
        desk,
        """
        SELECT * FROM calls LEFT JOIN outages ON calls.outage_id = outages.outage_id AND place = area
        WHERE calls.outage_id IS NOT NULL AND (area IS NULL OR entered_at < starts_at OR entered_at >= ends_at)
        """,
    )
    within, affected, usual = desk.execute(
        """
        WITH calls_of_outages AS (
            SELECT count(*) AS calls FROM calls WHERE outage_id IS NOT NULL AND visit_no = 1),
        reported AS (SELECT count(*) / 70 / 86400 AS a_second FROM calls WHERE business_type IN
            ('outage_report', 'fault_repair') AND outage_id IS NULL),
        of_outages AS (
            SELECT sum(customers_affected) FILTER (NOT planned) AS affected, sum(epoch(ends_at - starts_at)) AS seconds
            FROM outages)
        SELECT calls, affected, seconds * a_second / 6 * 1.6 FROM calls_of_outages, reported, of_outages
        """
    ).fetchone()
    # What they would have had anyway, and at most so many of those who sat in the dark.
    expected = affected * SHIPPED.settings["outages"]["calls"]["unplanned"]
    assert 0.5 * expected < within < 1.5 * expected + usual


def test_an_incident_is_where_calls_are_lost(desk: duckdb.DuckDBPyConnection) -> None:
    within, otherwise, incidents = desk.execute(
        """
        SELECT avg((outcome = 'failed')::INT) FILTER (incident_id IS NOT NULL),
            avg((outcome = 'failed')::INT) FILTER (incident_id IS NULL),
            (SELECT count(*) FROM system_incidents)
        FROM calls LEFT JOIN system_incidents
        ON system = 'telephony' AND entered_at >= started_at AND entered_at < ended_at
        WHERE direction = 'inbound' AND visit_no = 1
        """
    ).fetchone()
    assert incidents > 1
    assert otherwise < 0.006
    assert within is None or 0.15 < within < 0.35


def test_office_hours_are_counted_as_by_hand() -> None:
    """Against the second-by-second way, over a week with a holiday, and a change of clocks."""
    for zone, start in (("Asia/Shanghai", date(2024, 4, 1)), ("Europe/Berlin", date(2024, 3, 28))):
        tz = ZoneInfo(zone)
        midnight = datetime(start.year, start.month, start.day, tzinfo=tz)
        hours = OfficeHours(SHIPPED, Clock.of(tz, midnight, 40), start, 10)
        draw = np.random.default_rng(3)
        at, needed = draw.integers(0, 6 * 86_400, 60), draw.integers(1, 60_000, 60)
        found = hours.after(at, needed)
        for begins, seconds, ends in zip(at, needed, found, strict=True):
            worked, moment = 0, int(begins)
            while worked < seconds:
                local = datetime.fromtimestamp(midnight.timestamp() + moment, tz)
                day = local.date()
                is_open = hours._is_open[(day - start).days] and timedelta(hours=8, minutes=30) <= timedelta(
                    hours=local.hour, minutes=local.minute, seconds=local.second
                ) < timedelta(hours=17, minutes=30)
                step = min(60 - local.second, seconds - worked) if is_open else 60 - local.second
                worked += step if is_open else 0
                moment += step
            assert moment == ends
