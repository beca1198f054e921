"""Attendance, training, performance and surveys hang together with rosters and people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest
from simulated_centres import SHIPPED, shifts

from hotline import landing
from hotline.home import Home
from hotline.simulation import Scenario, simulate

PERSONNEL = SHIPPED.settings["personnel"]
ENTITIES = {
    "people": ("attendance", "training", "performance", "employees"),
    "surveys": ("survey_items", "survey_invitations", "survey_responses"),
}


def tables(out: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    for folder, entities in ENTITIES.items():
        for entity in entities:
            connection.execute(f"CREATE TABLE {entity} AS FROM read_csv('{out}/{folder}/{entity}_*.csv')")
    for entity in ("agent_events", "agent_schedules"):
        connection.execute(f"CREATE TABLE {entity} AS FROM read_csv('{out}/{entity}/*.csv')")
    return connection


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Two months of a centre, with a wave of each survey."""
    made = simulate(tmp_path_factory.mktemp("office") / "landing", agents=80, days=65, start=date(2024, 2, 26), seed=2)
    return tables(made.out)


def test_personnel_files_keep_the_contract(home: Home) -> None:
    made = simulate(home.landing, agents=20, days=50, start=date(2024, 2, 25), seed=2)
    outcomes = landing.load(home)
    for entity in (*ENTITIES["people"], *ENTITIES["surveys"]):
        files = [outcome for outcome in outcomes if outcome.entity == entity]
        assert sum(outcome.rows_kept for outcome in files) == made.rows[entity] > 0, entity
        assert sum(outcome.rows_rejected + outcome.rows_duplicate for outcome in files) == 0, entity


def test_attendance_is_that_of_the_shifts(office: duckdb.DuckDBPyConnection) -> None:
    """Scheduled minutes are those of the schedule without the meal; who is absent has no event."""
    scheduled, absent_with_events, present_without = office.execute(
        f"""
        WITH shifts AS (FROM ({shifts()}) WHERE ends < '2024-04-30'),
        both_sides AS (
            SELECT shifts.*, attendance.*, (SELECT count(*) FROM agent_events
                WHERE agent_events.agent_id = shifts.agent_id AND occurred_at BETWEEN begins AND ends
                AND state = 'signed_in') AS sign_ins
            FROM shifts LEFT JOIN attendance ON employee_id[2:]::INT = agent_id[2:]::INT AND day = begins::DATE)
        SELECT count(*) FILTER (scheduled_minutes IS DISTINCT FROM minutes),
            count(*) FILTER (absence_kind IS NOT NULL AND sign_ins > 0),
            count(*) FILTER (absence_kind IS NULL AND sign_ins = 0)
        FROM both_sides
        """
    ).fetchone()
    assert (scheduled, absent_with_events, present_without) == (0, 0, 0)
    number, absent, overtime, wrong = office.execute(
        """
        SELECT count(*), avg((absence_kind IS NOT NULL)::INT), avg((overtime_minutes > 0)::INT),
            count(*) FILTER (worked_minutes > scheduled_minutes + overtime_minutes
                OR (absence_kind IS NOT NULL AND worked_minutes > 0) OR (exception = 'late' AND worked_minutes = 0))
        FROM attendance
        """
    ).fetchone()
    assert wrong == 0
    assert number > 2000
    assert abs(absent - SHIPPED.settings["agents"]["absent"]) < 0.02
    assert abs(overtime - PERSONNEL["overtime"]["share_of_shifts"]) < 0.03


def test_trainings_are_those_of_the_schedule(office: duckdb.DuckDBPyConnection) -> None:
    differences = office.execute(
        """
        SELECT count(*) FROM (
            SELECT agent_id[2:]::INT AS person, starts_at FROM agent_schedules
            WHERE activity IN ('training', 'coaching')
            EXCEPT ALL SELECT employee_id[2:]::INT, occurred_at FROM training WHERE kind = 'training')
        """
    ).fetchone()
    assert differences == (0,)
    tests, failed, retests = office.execute(
        """
        SELECT count(*) FILTER (kind = 'test'),
            count(*) FILTER (kind = 'test' AND NOT passed AND occurred_at < '2024-04-24'),
            count(*) FILTER (kind = 'retest') FROM training
        """
    ).fetchone()
    assert tests > 20
    assert retests == failed
    assert office.execute("SELECT count(*) FROM training WHERE passed <> (score >= 75)").fetchone() == (0,)


def test_performance_is_told_of_the_month_before(office: duckdb.DuckDBPyConnection) -> None:
    months = office.execute("SELECT DISTINCT month::VARCHAR FROM performance ORDER BY 1").fetchall()
    assert [month[:7] for (month,) in months] == ["2024-02", "2024-03"]
    rows = office.execute(
        "SELECT kpi, count(DISTINCT employee_id), count(DISTINCT team), avg(passed::INT) FROM performance "
        "WHERE month::VARCHAR LIKE '2024-03%' GROUP BY kpi"
    ).fetchall()
    assert {row[0] for row in rows} == {*PERSONNEL["performance"]["kpis"], "award_of_the_month"}
    for kpi, people, teams, passed in rows:
        if kpi != "award_of_the_month":
            assert people > 60
            assert teams == 6
            assert 0.6 < passed < 0.95


def test_a_wave_is_closed_before_it_is_handed_in(office: duckdb.DuckDBPyConnection) -> None:
    rows = office.execute(
        """
        SELECT survey_id, wave, min(sent_at)::DATE, count(DISTINCT invitation_id) FROM survey_invitations GROUP BY ALL
        ORDER BY ALL
        """
    ).fetchall()
    assert [row[:3] for row in rows] == [
        ("satisfaction", "2024-04", date(2024, 4, 2)),
        ("stress", "2024-02", date(2024, 2, 29)),
    ]
    items = dict(office.execute("SELECT survey_id, count(*) FROM survey_items GROUP BY 1").fetchall())
    assert items == {"stress": 20, "satisfaction": 48}
    incomplete, early, late, unknown = office.execute(
        """
        WITH answers AS (SELECT survey_id, response_id, count(*) AS answers, min(submitted_at) AS first,
            max(submitted_at) AS last FROM survey_responses GROUP BY ALL)
        SELECT count(*) FILTER (answers <> IF(survey_id = 'stress', 20, 48)),
            count(*) FILTER (first < IF(survey_id = 'stress', '2024-02-29', '2024-04-02')::DATE),
            count(*) FILTER (last >= IF(survey_id = 'stress', '2024-03-10', '2024-04-12')::DATE),
            (SELECT count(*) FROM survey_responses WHERE (survey_id, item_id) NOT IN (
                SELECT (survey_id, item_id) FROM survey_items) OR answer NOT BETWEEN 1 AND 5)
        FROM answers
        """
    ).fetchone()
    assert (incomplete, early, late, unknown) == (0, 0, 0, 0)
    # No number of a person or an invitation stands in an answer.
    assert office.execute(
        "SELECT count(*) FROM survey_responses WHERE response_id IN (SELECT invitation_id FROM survey_invitations)"
    ).fetchone() == (0,)


def test_surveys_find_stress_and_contentment_as_put_in(tmp_path: Path) -> None:
    """A large centre: men, groups A and B and who is half a year here feel more; dimensions have their means."""
    scenario = Scenario.read(
        changes={"calls": {"per_day": 10}, "personnel": {"surveys": {"satisfaction": {"months": [3]}}}}
    )
    made = simulate(tmp_path / "landing", agents=1500, days=17, start=date(2024, 2, 26), seed=3, scenario=scenario)
    office = tables(made.out)
    surveys = PERSONNEL["surveys"]
    means = dict(
        office.execute(
            """
            SELECT dimension, avg(IF(is_reversed, 6 - answer, answer)) FROM survey_responses
            JOIN survey_items USING (survey_id, item_id) WHERE is_valid GROUP BY dimension
            """
        ).fetchall()
    )
    for name, dimension in surveys["satisfaction"]["dimensions"].items():
        # Youth is less content; the ends of the scale cut some off.
        assert -0.35 < means[name] - dimension["mean"] < 0.1, name
    assert means["work_characteristics"] > means["role_stress"] + 0.6, "manifest and latent stressors"
    scores = """
        WITH scores AS (
            SELECT response_id, any_value(gender) AS gender, any_value("group") AS "group",
                any_value(tenure_band) AS tenure, avg(IF(is_reversed, 6 - answer, answer)) AS score
            FROM survey_responses JOIN survey_items USING (survey_id, item_id)
            WHERE is_valid AND survey_id = 'stress' GROUP BY response_id)
    """
    men, women, ab, c, middle, others, spread, number = office.execute(
        scores
        + """
        SELECT avg(score) FILTER (gender = 'male'), avg(score) FILTER (gender = 'female'),
            avg(score) FILTER ("group" IN ('A', 'B')), avg(score) FILTER ("group" = 'C'),
            avg(score) FILTER (tenure = '6-12 months'), avg(score) FILTER (tenure <> '6-12 months'),
            stddev(score), count(*) FROM scores
        """
    ).fetchone()
    error = spread / np.sqrt(number)
    assert men - women > 3 * error
    assert ab - c > 3 * error
    assert middle - others > 2 * error
    returned = number / surveys["stress"]["valid"] / 1500
    assert abs(returned - surveys["stress"]["returned"]) < 0.08
