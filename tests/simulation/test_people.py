"""Who works in the centre, who leaves and who follows, hang together with the calls."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from simulated_centres import SHIPPED, read

from hotline.simulation import simulate
from hotline.simulation.people import KINDS, People, months_after

PEOPLE = SHIPPED.settings["people"]


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Four months of a small centre."""
    made = simulate(tmp_path_factory.mktemp("people") / "landing", agents=40, days=120, start=date(2024, 1, 10), seed=3)
    connection = duckdb.connect()
    read(connection, made.out)
    connection.execute(f"CREATE TABLE employees AS FROM read_csv('{made.out}/people/employees_*.csv')")
    connection.execute(f"CREATE TABLE agent_events AS FROM read_csv('{made.out}/agent_events/*.csv')")
    return connection


def test_every_agent_is_employed_from_his_first_call_to_his_last(months: duckdb.DuckDBPyConnection) -> None:
    unknown, early, late, agents = months.execute(
        """
        WITH agents AS (SELECT agent_id, min(occurred_at)::DATE AS first, max(occurred_at)::DATE AS last
            FROM agent_events GROUP BY agent_id),
        spells AS (SELECT agent_id, min(independent_from) AS independent_from, max(left_on) AS left_on
            FROM employees WHERE agent_id IS NOT NULL GROUP BY agent_id)
        SELECT count(*) FILTER (independent_from IS NULL), count(*) FILTER (first < independent_from),
            count(*) FILTER (last > left_on + 1), count(*)
        FROM agents LEFT JOIN spells USING (agent_id)
        """
    ).fetchone()
    assert (unknown, early, late) == (0, 0, 0)
    assert agents > 40, "some left and others came"


def test_a_trainee_is_one_for_three_months(months: duckdb.DuckDBPyConnection) -> None:
    assert PEOPLE["trainee_months"] == 3
    trainees, wrong = months.execute(
        """
        WITH spells AS (SELECT agent_id, min(independent_from) AS independent_from
            FROM employees WHERE agent_id IS NOT NULL GROUP BY agent_id)
        SELECT count(*) FILTER (by_trainee), count(*) FILTER (
            by_trainee <> (coalesce(answered, entered)::DATE < independent_from + INTERVAL 3 MONTH)
            AND coalesce(answered, entered)::DATE = departed::DATE)
        FROM calls JOIN spells USING (agent_id)
        """
    ).fetchone()
    assert trainees > 1000
    assert wrong == 0


def test_snapshots_tell_of_everybody_who_works_and_of_each_leaver_once(months: duckdb.DuckDBPyConnection) -> None:
    days = [row[0] for row in months.execute("SELECT DISTINCT as_of FROM employees ORDER BY 1").fetchall()]
    # Of two years before the first day, too, and the last of them of the day before it.
    assert (days[0], len(days)) == (date(2022, 2, 1), 30)
    assert days[24:] == [date(2024, 1, 9), date(2024, 1, 10), *(date(2024, month, 1) for month in (2, 3, 4, 5))]
    assert months.execute(
        "SELECT count(*) FROM employees WHERE left_on IS NOT NULL AND (left_on >= as_of OR left_on < hired_on)"
    ).fetchone() == (0,)
    assert months.execute(
        "SELECT max(times) FROM (SELECT count(left_on) AS times FROM employees GROUP BY employee_id)"
    ).fetchone() == (1,)
    teams = months.execute(
        """
        SELECT team, count(DISTINCT site), count(*) FILTER (job = 'team_leader') / count(DISTINCT as_of),
            count(*) FILTER (left_on IS NULL AND job <> 'team_leader') / count(DISTINCT as_of)
        FROM employees GROUP BY team ORDER BY team
        """
    ).fetchall()
    assert [row[:3] for row in teams] == [(f"T0{number}", 1, 1) for number in (1, 2, 3)]
    assert all(10 < row[3] < 15 for row in teams)


def test_people_leave_by_pay_tenure_and_stress_as_drawn() -> None:
    """Poisson regression by hand: leavers against what they might expect, in groups."""
    group = np.zeros(3000, dtype=int)
    start = date(2024, 1, 1)
    people = People(SHIPPED, group, start, seed=1)
    leavers = {"under": 0.0, "over": 0.0, "young": 0.0, "old": 0.0, "calm": 0.0, "stressed": 0.0}
    years = dict.fromkeys(leavers, 0.0)
    expected = dict.fromkeys(leavers, 0.0)
    for number in range(365):
        day = start + timedelta(days=number)
        people.turn_to(day)
        who = people.at[people.at >= 0]
        persons, today = people.persons[who], day.toordinal()
        hazard, stress = people.hazard(who, today), people.stress(who, today)
        for name, chosen in (
            ("under", persons["pay"] < 0.93), ("over", persons["pay"] > 1.03),
            ("young", today - persons["hired"] < 365), ("old", today - persons["hired"] > 731),
            ("calm", stress < -0.5), ("stressed", stress > 1),
        ):  # fmt: skip
            years[name] += chosen.sum() / 365.25
            expected[name] += hazard[chosen].sum() / 365.25
            leavers[name] += ((persons["left"] == today) & chosen).sum()
    for name, count in leavers.items():
        assert abs(count - expected[name]) < 4 * np.sqrt(expected[name]), name
    rates = {name: count / years[name] for name, count in leavers.items()}
    assert rates["under"] > 1.3 * rates["over"]
    assert rates["young"] > 1.8 * rates["old"]
    assert rates["stressed"] > 1.3 * rates["calm"]
    left = people.persons[people.persons["left"] > 0]
    voluntary = left["kind"] == KINDS.index("voluntary")
    assert abs(voluntary.mean() - PEOPLE["leaving"]["kinds"]["voluntary"]) < 0.04
    assert abs((left["reason"][voluntary] == 0).mean() - PEOPLE["leaving"]["reasons"]["pay"]) < 0.06
    # Published: near 50 % a year, two per cent under the market.
    assert 0.35 < len(left) / 3000 < 0.6
    assert abs(people.persons["pay"].mean() - PEOPLE["pay"]["of_market"]) < 0.01
    assert (people.at >= 0).mean() < 0.98, "places stay vacant for a while"


def test_months_after_keeps_the_day_or_takes_the_last() -> None:
    days = [date(2024, 11, 30), date(2024, 1, 31), date(2023, 12, 5)]
    found = months_after(np.array([day.toordinal() for day in days]), 3)
    assert [date.fromordinal(int(day)) for day in found] == [date(2025, 2, 28), date(2024, 4, 30), date(2024, 3, 5)]


def test_who_leaves_is_missed(tmp_path: Path) -> None:
    """Leavers lower the staffing, and with it the share of calls answered in time."""
    from hotline.simulation import Scenario

    level = {}
    for rate in (0.0, 4.0):
        scenario = Scenario.read(
            changes={
                "people": {"leaving": {"a_year": rate}},
                "calls": {"per_day": 3000},
                "days_out_of_the_ordinary": {"=": {}},
            }
        )
        simulate(tmp_path / str(rate), agents=40, days=25, start=date(2024, 3, 2), seed=6, scenario=scenario)
        connection = duckdb.connect()
        read(connection, tmp_path / str(rate))
        level[rate] = connection.execute(
            """
            SELECT count(DISTINCT agent_id) FILTER (entered::DATE >= '2024-03-20'),
                avg((outcome = 'answered' AND wait_seconds <= 20)::INT) FILTER (entered::DATE >= '2024-03-20')
            FROM calls WHERE queued IS NOT NULL AND direction = 'inbound'
            """
        ).fetchone()
    assert level[4.0][0] < 0.9 * level[0.0][0]
    assert level[4.0][1] < level[0.0][1] - 0.05
