"""Staffing: marts against sums by hand, formulas of SQL against those in Python, the bank as published."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, timedelta

import duckdb
import numpy as np
import pytest

from hotline.simulation import Scenario, simulate
from hotline.statistics import erlang
from hotline.statistics.in_duckdb import add_functions
from tests.models.conftest import Centre, some_visits
from tests.models.test_bank import documented, published

HALF_HOUR = timedelta(minutes=30)


def test_the_banks_wednesdays_take_the_published_agents(bank: Centre, real_data) -> None:
    rows = bank.query(published(documented("the bank's February Wednesdays")))
    calls = np.array([float(count) for _, count in rows])
    notes = (real_data / "README.md").read_text(encoding="utf-8")
    agents = [int(one) for one in re.search(r"\(Erlang C\): ([\d ]+)\.", notes)[1].split()]
    # 15 calls an hour per agent: four minutes each.
    load = erlang.offered_load(calls, 240, 3600)
    assert erlang.agents_needed(load, most_waiting=0.5).tolist() == agents
    assert agents[:4] == [1, 1, 1, 0]


def test_a_day_of_staffing_adds_up_to_the_service_level_of_the_day(bank: Centre) -> None:
    differing = bank.query(
        "select * from (select queue_id, day_local, sum(offered), sum(answered), sum(abandoned),"
        "   sum(answered_within_target), sum(handle_seconds)"
        "  from operations.marts.staffing_by_interval group by all"
        "  except select queue_id, day_local, sum(offered), sum(answered), sum(abandoned),"
        "   sum(answered_within_target), sum(handle_seconds)"
        "  from operations.marts.service_level_by_day group by all)"
    )
    assert differing == []


def test_numbers_of_the_mart_are_those_of_the_formulas(bank: Centre) -> None:
    columns = (
        *("offered", "mean_handle_seconds", "target_seconds", "target_share", "most_occupancy", "patience_seconds"),
        *("agents_needed_erlang_c", "agents_needed_erlang_a", "agents_present", "predicted_calls"),
        *("within_target_erlang_c", "within_target_erlang_a", "abandoned_erlang_a"),
    )
    rows = bank.query(
        f"select {', '.join(columns)} from operations.marts.staffing_by_interval"
        " where is_open and offered > 0 and mean_handle_seconds is not null and queue = 'regular' limit 400"
    )
    assert len(rows) == 400
    for row in rows:
        half_hour = {name: None if value is None else float(value) for name, value in zip(columns, row, strict=True)}
        handle, patience = half_hour["mean_handle_seconds"], half_hour["patience_seconds"] or np.inf
        load = erlang.offered_load(half_hour["offered"], handle)
        wanted = {
            "within_seconds": half_hour["target_seconds"],
            "target_share": half_hour["target_share"],
            "most_occupancy": half_hour["most_occupancy"],
        }
        assert half_hour["agents_needed_erlang_c"] == erlang.agents_needed(load, handle, **wanted)
        assert half_hour["agents_needed_erlang_a"] == erlang.agents_needed(
            load, handle, **wanted, patience_seconds=patience
        )
        present = half_hour["agents_present"]
        if present == int(present):
            level = erlang.service_level(load, present, handle, half_hour["target_seconds"])
            assert half_hour["within_target_erlang_c"] == pytest.approx(half_hour["predicted_calls"] * level, abs=1e-3)
            queue = erlang.ErlangA(load, present, handle, patience)
            level = queue.service_level(half_hour["target_seconds"])
            assert half_hour["within_target_erlang_a"] == pytest.approx(half_hour["predicted_calls"] * level, abs=1e-3)
            left = half_hour["predicted_calls"] * queue.abandonment
            assert half_hour["abandoned_erlang_a"] == pytest.approx(left, abs=1e-3)


def test_agents_for_the_days_ahead_are_those_of_the_formulas_for_what_is_forecast(bank: Centre) -> None:
    columns = (
        *("calls_expected", "calls_high", "mean_handle_seconds", "patience_seconds", "target_seconds", "target_share"),
        *("most_occupancy", "shrinkage", "agents_needed_erlang_c", "agents_needed_erlang_a"),
        *("agents_needed_high_erlang_c", "agents_needed_high_erlang_a", "agents_rostered_needed"),
        *("agents_rostered_needed_high", "agents_scheduled", "agents_under"),
    )
    mart = "operations.marts.staffing_forecast"
    rows = bank.query(f"select {', '.join(columns)} from {mart} where is_open and calls_expected > 0")
    assert len(rows) > 1000
    for row in rows:
        ahead = {name: None if value is None else float(value) for name, value in zip(columns, row, strict=True)}
        handle, patience = ahead["mean_handle_seconds"], ahead["patience_seconds"] or np.inf
        wanted = {
            "within_seconds": ahead["target_seconds"],
            "target_share": ahead["target_share"],
            "most_occupancy": ahead["most_occupancy"],
        }
        for calls, name in (
            (ahead["calls_expected"], ""),
            (max(ahead["calls_expected"], ahead["calls_high"]), "_high"),
        ):
            load = erlang.offered_load(calls, handle)
            assert ahead[f"agents_needed{name}_erlang_c"] == erlang.agents_needed(load, handle, **wanted)
            needed = erlang.agents_needed(load, handle, **wanted, patience_seconds=patience)
            assert ahead[f"agents_needed{name}_erlang_a"] == needed
            assert ahead[f"agents_rostered_needed{name}"] == erlang.with_shrinkage(needed, ahead["shrinkage"])
        # The bank's roster is not known.
        assert (ahead["agents_scheduled"], ahead["agents_under"]) == (None, None)
    forecast = "operations.marts.volume_forecast where not is_backtest and not is_all_queues"
    ((ahead,),) = bank.query(f"select sum(calls_expected) from {forecast}")
    assert bank.query(f"select sum(calls_expected) from {mart}") == [(ahead,)]
    handled = (
        "select queue_id, sum(handle_seconds) * 1.0 / count(handle_seconds) from operations.marts.fct_queue_visit"
        " where is_answered and arrival_on > (select max(arrival_on) from operations.marts.fct_queue_visit) - 28"
        " group by all"
    )
    lately = dict(bank.query(f"select distinct queue_id, mean_handle_seconds from {mart}"))
    assert {queue: float(seconds) for queue, seconds in bank.query(handled) if queue in lately} == pytest.approx(
        {queue: seconds for queue, seconds in lately.items() if seconds is not None}
    )


def test_agents_are_shared_out_whole(centre: Centre) -> None:
    """No part of an agent is lost or counted twice: who handled anything is there with his whole half hour."""
    first = date(2025, 3, 10)
    for number in range(3):
        centre.land(f"calls_{first + timedelta(days=number)}", some_visits(first + timedelta(days=number), seed=5))
    centre.build()
    at_work = defaultdict(set)
    for agent, answered, handle in centre.query(
        "select agent_id, answered_at, handle_seconds from operations.marts.fct_queue_visit"
        " where is_answered and handle_seconds > 0 and agent_id not like '%/unknown'"
    ):
        half_hour = answered.replace(minute=answered.minute // 30 * 30, second=0, microsecond=0)
        while half_hour < answered + timedelta(seconds=handle):
            at_work[half_hour].add(agent)
            half_hour += HALF_HOUR
    mart = "operations.marts.agents_present_by_interval"
    present = dict(centre.query(f"select half_hour_start_at, sum(agents_present) from {mart} group by all"))
    assert present.keys() == at_work.keys()
    for half_hour, agents in at_work.items():
        assert float(present[half_hour]) == pytest.approx(len(agents), abs=1e-3)


def test_agents_whose_states_are_known_are_there_for_as_long_as_these_say(centre: Centre) -> None:
    simulate(centre.home.landing, agents=12, days=2, start=date(2025, 3, 10), seed=2)
    centre.build()
    at_work = set()
    for agent, answered, handle, offset in centre.query(
        "select agent_id, answered_at, handle_seconds, answered_local - (answered_at at time zone 'UTC')"
        " from operations.marts.fct_queue_visit"
        " where is_answered and handle_seconds > 0 and agent_id not like '%/unknown'"
    ):
        for instant in (answered, answered + timedelta(seconds=handle - 1)):
            at_work.add((agent, (instant + offset).date()))
    available = defaultdict(float)
    for agent, day, start, end in centre.query(
        "select agent_id, day_local, started_at, ended_at from operations.marts.fct_agent_state"
        " where state in ('ready', 'ringing', 'talking', 'holding', 'wrapping_up')"
    ):
        half_hour = start.replace(minute=start.minute // 30 * 30, second=0, microsecond=0)
        while half_hour < end and (agent, day) in at_work:
            overlap = min(end, half_hour + HALF_HOUR) - max(start, half_hour)
            available[half_hour] += overlap / HALF_HOUR
            half_hour += HALF_HOUR
    mart = "operations.marts.agents_present_by_interval"
    present = dict(centre.query(f"select half_hour_start_at, sum(agents_present) from {mart} group by all"))
    assert sum(available.values()) > 100
    assert {half_hour for half_hour, agents in available.items() if agents > 1e-3} <= present.keys()
    for half_hour, agents in present.items():
        # A state of parts of a second is counted in whole ones.
        assert float(agents) == pytest.approx(available[half_hour], abs=0.02)
    assert centre.query(f"select distinct present_from from {mart}") == [("states",)]


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        add_functions(connection)
        yield connection


def test_fractions_of_agents_lie_between_the_whole_ones(connection) -> None:
    levels = connection.execute(
        "select erlang_service_level(10, 13, 180, 20, 200), erlang_service_level(10, 13.25, 180, 20, 200),"
        " erlang_service_level(10, 14, 180, 20, 200)"
    ).fetchone()
    assert levels[1] == pytest.approx(0.75 * levels[0] + 0.25 * levels[2])
    assert levels[0] == pytest.approx(erlang.ErlangA(10, 13, 180, 200).service_level(20))


def test_null_patience_is_endless_and_any_other_null_unknown(connection) -> None:
    assert connection.execute("select erlang_service_level(10, 14, 180, 20, null)").fetchone()[0] == pytest.approx(
        erlang.service_level(10, 14, 180, 20)
    )
    assert connection.execute(
        "select erlang_service_level(null, 14, 180, 20, 200), erlang_agents_needed(10, null, 20, 0.8, 0.85, 200),"
        " erlang_abandonment(10, null, 180, 200), erlang_occupancy(10, 14, 180, 200)"
    ).fetchone() == (None, None, None, pytest.approx(erlang.ErlangA(10, 14, 180, 200).occupancy))
    many = "select count(erlang_agents_needed(number / 50.0, 180, 20, 0.8, 0.85, 200)) from range(5000) as n (number)"
    assert connection.execute(many).fetchone() == (5000,)
    assert connection.execute(many.replace("5000", "0")).fetchone() == (0,)


def test_the_simulated_centre_is_open_when_its_scenario_says(bank: Centre) -> None:
    said = {
        (queue, minutes(hours["open"]), minutes(hours["close"]))
        for queue, hours in Scenario.read().settings["queues"].items()
    }
    seeded = bank.query(
        "select queue, opens_minute, closes_minute from warehouse.seeds.opening_hours where source = 'hotline'"
        " group by all having count(distinct weekday) = 7"
    )
    assert set(seeded) == said


def minutes(clock: str) -> int:
    hours, _, rest = clock.partition(":")
    return int(hours) * 60 + int(rest)
