"""What the scenario puts in is found in the files."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest
from simulated_centres import SHIPPED, read

from hotline.simulation import Scenario, simulate

TYPES = SHIPPED.settings["business_types"]
IN_THE_MENU = "direction = 'inbound' AND visit_no = 1 AND outcome NOT IN ('busy', 'failed', 'test')"
NORMAL = "outcome = 'answered' AND call_kind NOT IN ('silent', 'nuisance', 'wrong_number')"


def share_is(found: float, expected: float, number: int) -> bool:
    """Within four standard errors of a share."""
    return abs(found - expected) < 4 * math.sqrt(expected * (1 - expected) / number) + 1e-9


def test_calls_arrive_by_half_hour_and_weekday_as_drawn(calls: duckdb.DuckDBPyConnection) -> None:
    """Who calls again, after an abandon or a busy line, comes a little later than drawn."""
    settings = SHIPPED.settings["calls"]
    found = calls.execute(
        """
        SELECT count(*) FROM calls WHERE direction = 'inbound' AND visit_no = 1
        GROUP BY hour(entered) * 2 + minute(entered) // 30 ORDER BY hour(entered) * 2 + minute(entered) // 30
        """
    ).fetchall()
    curve = np.array([count for (count,) in found], dtype=float)
    drawn = np.array(settings["by_half_hour"], dtype=float)
    assert np.corrcoef(curve, drawn)[0, 1] > 0.99
    assert np.abs(curve / curve.sum() - drawn / drawn.sum()).max() < 0.003

    # A storm makes any day its own; the others are ordered as drawn.
    days = calls.execute(
        """
        SELECT median(calls) FROM (
            SELECT entered::DATE AS day, count(*) AS calls FROM calls
            WHERE direction = 'inbound' AND visit_no = 1 GROUP BY day)
        GROUP BY isodow(day) ORDER BY isodow(day)
        """
    ).fetchall()
    by_weekday = np.array([count for (count,) in days], dtype=float)
    ratio = by_weekday / by_weekday.mean() / np.array(list(settings["by_weekday"].values()))
    assert np.abs(ratio - 1).max() < 0.1


@pytest.mark.parametrize("business_type", TYPES)
def test_self_service_contains_and_loses_its_share(calls: duckdb.DuckDBPyConnection, business_type: str) -> None:
    number, contained = calls.execute(
        f"SELECT count(*), avg((outcome = 'self_served')::INT) FROM calls WHERE {IN_THE_MENU} AND business_type = ?",
        [business_type],
    ).fetchone()
    assert share_is(contained, TYPES[business_type]["contained"], number)


@pytest.mark.parametrize("business_type", TYPES)
def test_agents_talk_and_wrap_up_as_long_as_drawn(calls: duckdb.DuckDBPyConnection, business_type: str) -> None:
    number, talk, spread, wrap_up, long_wrap_up = calls.execute(
        f"""
        SELECT count(*), avg(talk_seconds), stddev(talk_seconds), avg(wrap_up_seconds), stddev(wrap_up_seconds)
        FROM calls WHERE {NORMAL} AND NOT by_trainee AND direction = 'inbound' AND business_type = ?
        """,
        [business_type],
    ).fetchone()
    drawn = TYPES[business_type]
    # 60 agents differ in speed by 8 %: their mean is known to 1 %.
    assert abs(talk - drawn["talk"]["mean"]) < 4 * spread / math.sqrt(number) + 0.04 * drawn["talk"]["mean"]
    assert (
        abs(wrap_up - drawn["wrap_up"]["mean"]) < 4 * long_wrap_up / math.sqrt(number) + 0.04 * drawn["wrap_up"]["mean"]
    )
    assert abs(spread / drawn["talk"]["sd"] - 1) < 0.25


def test_trainees_are_slower_and_hand_on_more(calls: duckdb.DuckDBPyConnection) -> None:
    """Talk time of a trainee against that of the others on the same business types."""
    ratio, handed_on, number = calls.execute(
        f"""
        WITH by_type AS (
            SELECT business_type,
                avg(talk_seconds) FILTER (by_trainee) / avg(talk_seconds) FILTER (NOT by_trainee) AS ratio,
                count(*) FILTER (by_trainee) AS number,
                avg((transferred_to IS NOT NULL)::INT) FILTER (by_trainee)
                / avg((transferred_to IS NOT NULL)::INT) FILTER (NOT by_trainee) AS handed_on
            FROM calls WHERE {NORMAL} AND direction = 'inbound' AND visit_no = 1 GROUP BY business_type)
        SELECT sum(ratio * number) / sum(number), sum(handed_on * number) / sum(number), sum(number) FROM by_type
        """
    ).fetchone()
    agents = SHIPPED.settings["agents"]
    assert number > 1000
    # A handful of people, each with a speed of their own.
    assert abs(ratio - agents["trainee_slower"]) < 0.12
    assert abs(handed_on - agents["trainee_transfers"]) < 0.6


def test_callers_are_as_patient_as_drawn(calls: duckdb.DuckDBPyConnection) -> None:
    """Maximum likelihood for a censored exponential: time waited after the first seconds / those who left."""
    for tier in SHIPPED.settings["tiers"].values():
        waited, left = calls.execute(
            """
            SELECT sum(greatest(wait_seconds - coalesce(ring_seconds, 0) - 6, 0)),
                count(*) FILTER (outcome = 'abandoned' AND wait_seconds > 6)
            FROM calls
            WHERE direction = 'inbound' AND outcome IN ('answered', 'abandoned', 'overflow') AND priority = ?
            """,
            [tier["priority"]],
        ).fetchone()
        assert left > 50
        assert abs(waited / left / tier["patience"] - 1) < 4 / math.sqrt(left)


def test_higher_tiers_wait_less(calls: duckdb.DuckDBPyConnection) -> None:
    ordinary, middle, high = calls.execute(
        """
        SELECT avg(wait_seconds) FILTER (outcome = 'answered' AND wait_seconds > ring_seconds)
        FROM calls WHERE direction = 'inbound' AND priority >= 0 GROUP BY priority ORDER BY priority
        """
    ).fetchall()
    assert high < middle < ordinary


def test_who_was_missed_in_the_middle_tier_is_called_back_within_a_day(calls: duckdb.DuckDBPyConnection) -> None:
    number, called_back, others = calls.execute(
        """
        WITH missed AS (
            SELECT customer_id, queue, priority, departed, EXISTS (
                SELECT 1 FROM calls AS back WHERE back.direction = 'outbound' AND back.customer_id = calls.customer_id
                AND back.queue = calls.queue AND back.entered BETWEEN calls.departed
                AND calls.departed + INTERVAL 24 HOUR) AS is_called_back
            FROM calls WHERE outcome IN ('abandoned', 'overflow') AND customer_id IS NOT NULL
                AND departed < (SELECT max(entered) - INTERVAL 25 HOUR FROM calls))
        SELECT count(*) FILTER (priority = 1), avg(is_called_back::INT) FILTER (priority = 1),
            avg(is_called_back::INT) FILTER (priority <> 1) FROM missed
        """
    ).fetchone()
    assert number > 300
    # A few are due at night and dialled late on a busy day; a few others asked for a call-back.
    assert abs(called_back - SHIPPED.settings["tiers"]["middle"]["called_back"]) < 0.06
    assert others < 0.1


def test_ratings_differ_between_agents_by_their_care(tmp_path: Path) -> None:
    spread = {}
    for care in (0.0, 0.5):
        scenario = Scenario.read(changes={"rating": {"care": care}})
        simulate(tmp_path / str(care), agents=60, days=10, start=date(2024, 3, 4), seed=1, scenario=scenario)
        calls = duckdb.connect()
        read(calls, tmp_path / str(care))
        spread[care] = calls.execute(
            """
            SELECT stddev(mean) FROM (
                SELECT avg(rating) AS mean FROM calls WHERE rating IS NOT NULL GROUP BY agent_id HAVING count(*) > 100)
            """
        ).fetchone()[0]
    assert spread[0.5] > 2 * spread[0.0]


def test_ratings_fall_with_waiting(calls: duckdb.DuckDBPyConnection) -> None:
    """Where the ends of the scale do not cut it off, the slope is the one drawn."""
    rating = SHIPPED.settings["rating"]
    number, offered, given, at_once, long_wait, difference = calls.execute(
        f"""
        SELECT count(*), avg(rating_offered::INT), avg((rating IS NOT NULL)::INT) FILTER (rating_offered),
            avg(rating) FILTER (wait_seconds <= 10),
            avg(rating) FILTER (wait_seconds BETWEEN 150 AND 330),
            (avg(wait_seconds) FILTER (wait_seconds BETWEEN 150 AND 330 AND rating IS NOT NULL)
            - avg(wait_seconds) FILTER (wait_seconds <= 10 AND rating IS NOT NULL)) / 60
        FROM calls WHERE {NORMAL} AND direction = 'inbound' AND visit_no = 1 AND transferred_to IS NULL
        """
    ).fetchone()
    assert share_is(offered, rating["offered"], number)
    assert share_is(given, rating["answered"], int(number * offered))
    # 5 is the most: who did not wait would have given more than a 5 now and then.
    slope = (at_once - long_wait) / difference
    assert 0.75 * rating["per_minute_waited"] < slope < 1.05 * rating["per_minute_waited"]


def test_a_centre_lives(calls: duckdb.DuckDBPyConnection) -> None:
    """Around its target on most days, with rough half hours, and every kind of end."""
    level, worst, best = calls.execute(
        """
        WITH half_hours AS (
            SELECT hour(entered) * 2 + minute(entered) // 30 AS half_hour,
                count(*) FILTER (outcome = 'answered' AND wait_seconds <= 20) AS in_time,
                count(*) FILTER (outcome IN ('answered', 'abandoned')) AS asked
            FROM calls WHERE direction = 'inbound' AND queued IS NOT NULL GROUP BY half_hour)
        SELECT sum(in_time) / sum(asked), min(in_time / asked), max(in_time / asked) FROM half_hours WHERE asked > 200
        """
    ).fetchone()
    assert 0.68 < level < 0.88
    assert worst < 0.65
    assert best > 0.85
    outcomes = {row[0] for row in calls.execute("SELECT DISTINCT outcome FROM calls").fetchall()}
    assert outcomes >= {
        "answered", "abandoned", "self_served", "left_in_self_service", "callback_requested", "voicemail", "failed",
        "test",
    }  # fmt: skip
    kinds = {row[0] for row in calls.execute("SELECT DISTINCT call_kind FROM calls").fetchall()}
    assert kinds == set(SHIPPED.call_kinds)


def test_a_storm_and_an_incident_show(tmp_path: Path) -> None:
    measures = """
        SELECT count(*) FILTER (business_type IN ('outage_report', 'fault_repair') AND hour(entered) BETWEEN 11 AND 18),
            count(*) FILTER (business_type = 'consultation'),
            avg((outcome = 'failed')::INT) FILTER (entered::TIME BETWEEN TIME '10:00:00' AND TIME '11:29:59')
        FROM calls WHERE direction = 'inbound' AND visit_no = 1
    """
    found = []
    for share in (0.0, 1.0):
        days = {name: {"share_of_days": share} for name in ("storm", "incident")}
        out = tmp_path / str(share)
        changes = {
            "days_out_of_the_ordinary": days,
            "lines_per_agent": 100,
            "calendar": {"now_and_then": {"price_notice": {"share_of_days": 0}}},
        }
        scenario = Scenario.read(changes=changes)
        simulate(out, agents=200, days=4, start=date(2024, 3, 4), seed=1, scenario=scenario)
        calls = duckdb.connect()
        read(calls, out)
        found.append(calls.execute(measures).fetchone())
    plain, stormy = found
    # The first calls grow by the factor; those who give up call again, and more of them do.
    factor = SHIPPED.settings["days_out_of_the_ordinary"]["storm"]["factor"]
    assert 0.95 * factor < stormy[0] / plain[0] < 1.35 * factor
    assert 0.9 < stormy[1] / plain[1] < 1.25
    assert plain[2] < 0.01
    assert 0.2 < stormy[2] < 0.3
