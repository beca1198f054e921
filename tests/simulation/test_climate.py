"""Weather, calendar and what they do to the calls."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from simulated_centres import SHIPPED, read

from hotline.simulation import Scenario, simulate
from hotline.simulation.climate import Climate
from hotline.statistics.volumes import volume_effects

WEATHER = SHIPPED.settings["weather"]


def test_summers_have_days_above_35_and_some_years_one_of_39() -> None:
    climate = Climate(SHIPPED, seed=1)
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(6 * 365)]
    highs = np.array([max(most for most, _, _ in climate.weather(day)) for day in days])
    months = np.array([day.month for day in days])
    assert highs[(months == 1)].mean() < 12
    assert 31 < highs[(months == 7)].mean() < 36
    hot = (highs > WEATHER["heat"]["above"]).sum() / 6
    assert 4 < hot < 40
    assert 37.5 < highs.max() <= WEATHER["most"]
    assert all(low < high and rain >= 0 for day in days[:50] for high, low, rain in climate.weather(day))


def test_calls_climb_above_35_degrees_by_place_as_drawn(tmp_path: Path) -> None:
    """Calls of a place on a day against its temperature: the slope that was put in, within its interval."""
    calm = {
        "calls": {"by_month": [1] * 12, "day_noise": 0, "half_hour_noise": 0, "per_day": 6000},
        "days_out_of_the_ordinary": {"=": {}},
        "calendar": {"now_and_then": {"=": {}}, "yearly": {"=": {}}, "holiday": {"factor": 1}},
        "weather": {"mean_of_year": 23},
        "people": {"leaving": {"a_year": 0}},
    }
    made = simulate(
        tmp_path / "landing", agents=60, days=92, start=date(2024, 6, 1), seed=2, scenario=Scenario.read(changes=calm)
    )
    connection = duckdb.connect()
    read(connection, made.out)
    rows = connection.execute(
        f"""
        WITH days AS (
            SELECT entered::DATE AS day, place, count(*) AS calls FROM calls
            WHERE direction = 'inbound' AND visit_no = 1 GROUP BY ALL),
        compared AS (
            SELECT max_celsius - 35 AS above,
                calls / avg(calls) FILTER (max_celsius <= 35) OVER (PARTITION BY place, isodow(day)) AS ratio
            FROM days JOIN read_csv('{made.out}/weather/*.csv') USING (day, place))
        SELECT count(*), regr_slope(ratio, above), regr_intercept(ratio, above), stddev(above), max(above),
            stddev(ratio) FROM compared WHERE above > 0
        """
    ).fetchone()
    number, slope, intercept, spread, hottest, noise = rows
    assert number > 60
    assert hottest > 3
    error = noise / spread / number**0.5
    assert error < 0.02
    # Who finds a busy queue calls again, so a little more than drawn.
    assert abs(slope - WEATHER["heat"]["per_degree"]) < 4 * error
    assert abs(intercept - 1) < 0.06


def test_the_analysis_of_effects_finds_heat_and_holidays_again(tmp_path: Path) -> None:
    """With all the noise of the shipped scenario: what was drawn lies within the interval of `volume_effects`."""
    made = simulate(tmp_path / "landing", agents=20, days=140, start=date(2024, 5, 20), seed=5)
    connection = duckdb.connect()
    read(connection, made.out)
    found = effects_found(connection, made.out)
    of_all = found[found.queue_id.isna()].set_index("effect")
    heat, holiday = of_all.loc["heat"], of_all.loc["holiday"]
    assert 0 < heat.change_low < WEATHER["heat"]["per_degree"] < heat.change_high
    # Whoever finds an empty queue needs not call again, so a little more than drawn.
    drawn = SHIPPED.settings["calendar"]["holiday"]["factor"] - 1
    assert holiday.change_high < 0
    assert drawn - 0.05 < holiday.change < drawn + 0.02


def effects_found(connection: duckdb.DuckDBPyConnection, out: Path) -> pd.DataFrame:
    """What the warehouse's analysis says of a simulated centre: `volume_effects` from its landing files."""
    calls = connection.execute(
        """
        SELECT 'hotline' AS source, queue AS queue_id, true AS is_simulated, entered::DATE AS day_local,
            hour(entered) * 2 + minute(entered) // 30 AS half_hour, count(*)::DOUBLE AS calls
        FROM calls WHERE direction = 'inbound' AND visit_no = 1 AND queue IS NOT NULL GROUP BY ALL
        """
    ).df()
    heat = connection.execute(
        f"""
        SELECT 'hotline' AS source, day AS day_local, avg(greatest(max_celsius - 35, 0)) AS heat_degrees
        FROM read_csv('{out}/weather/*.csv') GROUP BY ALL
        """
    ).df()
    events = connection.execute(
        f"""
        SELECT 'hotline' AS source, day AS day_local, event, expected_factor, true AS is_known_ahead
        FROM read_csv('{out}/calendar_events/*.csv')
        """
    ).df()
    rules = pd.DataFrame({"source": ["hotline"], "horizon_days": [14], "holiday_country": ["CN"]})
    days = calls[["source", "day_local"]].drop_duplicates()
    return volume_effects(calls, days, heat, events, rules)


def test_the_calendar_knows_holidays_and_sales_beforehand(tmp_path: Path) -> None:
    made = simulate(tmp_path / "landing", agents=1, days=1, start=date(2025, 10, 9), seed=1)
    rows = duckdb.sql(f"FROM read_csv('{made.out}/calendar_events/calendar_events_2025-10.csv')").fetchall()
    holidays = [str(row[0]) for row in rows if row[2] == "holiday"]
    assert holidays == [f"2025-10-0{day}" for day in (1, 2, 3, 6, 7, 8)], "and the 4th and 5th are a weekend"
    assert [str(row[0]) for row in rows if row[2] == "bills_due"] == ["2025-10-15"]
    assert all(row[3] > 0 for row in rows)


def test_a_sales_day_has_as_many_calls_more_as_its_factor_says(tmp_path: Path) -> None:
    calm = {
        "calls": {
            "day_noise": 0, "half_hour_noise": 0,
            "by_weekday": dict.fromkeys(SHIPPED.settings["calls"]["by_weekday"], 1),
        },
        "days_out_of_the_ordinary": {"=": {}},
        "calendar": {"now_and_then": {"=": {}}},
    }  # fmt: skip
    simulate(
        tmp_path / "landing", agents=60, days=6, start=date(2024, 11, 8), seed=2, scenario=Scenario.read(changes=calm)
    )
    connection = duckdb.connect()
    read(connection, tmp_path / "landing")
    factor = connection.execute(
        """
        SELECT count(*) FILTER (entered::DATE = '2024-11-11') / (count(*) FILTER (entered::DATE <> '2024-11-11') / 5)
        FROM calls WHERE direction = 'inbound' AND visit_no = 1
        """
    ).fetchone()[0]
    drawn = SHIPPED.settings["calendar"]["yearly"]["sale"]["factor"]
    assert drawn - 0.06 < factor < drawn + 0.12
