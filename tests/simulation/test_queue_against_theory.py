"""The queue against Erlang C and Erlang A, where their assumptions hold.

The expected values come from the balance equations of the birth–death process, and from the reference points of the
field; the simulated ones are means of days, whose spread gives the sampling error with the calls' dependence in it.
"""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest
from simulated_centres import arpu_of_the_upper, plain, read

from hotline.simulation import Scenario, simulate

START = date(2024, 1, 1)


def stationary(arrivals: float, service: float, servers: int, patience: float) -> np.ndarray:
    """Probability of 0, 1, 2 … in the system; rates per second."""
    states = servers + 3000
    up = np.full(states, math.log(arrivals))
    number = np.arange(1, states + 1)
    down = np.log(np.minimum(number, servers) / service + np.maximum(number - servers, 0) / patience)
    logs = np.concatenate([[0.0], np.cumsum(up - down)])
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def daily(out: Path, agents: int, days: int, scenario: Scenario, measures: str) -> np.ndarray:
    """One row per day, without the first, which starts empty."""
    simulate(out, agents, days, START, seed=11, scenario=scenario)
    connection = duckdb.connect()
    read(connection, out)
    rows = connection.execute(
        f"SELECT {measures} FROM calls WHERE entered::DATE > DATE '{START}' GROUP BY entered::DATE "
    ).fetchall()
    return np.array(rows, dtype=float)


def agrees(simulated: np.ndarray, expected: float, rounding: float) -> None:
    """Within four standard errors of the daily means, and what whole seconds can do."""
    error = simulated.std(ddof=1) / math.sqrt(len(simulated))
    assert error < 0.08 * max(expected, 0.05) + rounding, "too few days for a test that can fail"
    assert abs(simulated.mean() - expected) < 4 * error + rounding, (
        f"{simulated.mean():.4f} for {expected:.4f} ± {error:.4f}"
    )


@pytest.mark.parametrize(
    ("per_half_hour", "talk", "agents", "days", "wait", "level", "speed"),
    [
        # Reference points of the field: 100 calls in 30 minutes, 180 s, 14 agents: P(wait) 0.174, service level 0.888
        (100, 180, 14, 100, 0.174, 0.888, 0.174 * 180 / 4),
        # 48 erlangs, 55 agents, 240 s: 0.2387, 0.8668, speed of answer 8.184 s
        (360, 240, 55, 60, 0.2387, 0.8668, 8.184),
    ],
)
def test_patient_callers_wait_as_erlang_c_says(
    tmp_path: Path, per_half_hour: float, talk: float, agents: int, days: int, wait: float, level: float, speed: float
) -> None:
    simulated = daily(
        tmp_path / "landing",
        agents,
        days,
        plain(per_day=per_half_hour * 48, talk=talk),
        "avg((wait_seconds > 0)::INT), avg((wait_seconds <= 20)::INT), avg(wait_seconds), avg(talk_seconds), "
        "avg((outcome <> 'answered')::INT)",
    )
    # A wait below half a second is 0 here: the share of those is what the tolerance of the first line allows.
    agrees(simulated[:, 0], wait, rounding=wait * 0.5 / (talk / (agents - per_half_hour / 1800 * talk)))
    agrees(simulated[:, 1], level, rounding=0.003)
    agrees(simulated[:, 2], speed, rounding=0.05)
    agrees(simulated[:, 3], talk, rounding=0.05)
    assert simulated[:, 4].max() == 0, "nobody gives up"


@pytest.mark.parametrize(
    ("per_half_hour", "talk", "patience", "agents"),
    [(100, 180, 120, 10), (100, 180, 240, 9), (60, 200, 90, 7)],
)
def test_impatient_callers_wait_and_leave_as_erlang_a_says(
    tmp_path: Path, per_half_hour: float, talk: float, patience: float, agents: int
) -> None:
    arrivals = per_half_hour / 1800
    in_system = stationary(arrivals, talk, agents, patience)
    queue = np.maximum(np.arange(len(in_system)) - agents, 0)
    waiting = in_system[agents:].sum()
    mean_wait = (in_system * queue).sum() / arrivals
    abandoned = mean_wait / patience
    days = daily(
        tmp_path / "landing",
        agents,
        60,
        plain(per_day=per_half_hour * 48, talk=talk, patience=patience),
        "avg((wait_seconds > 0)::INT), avg((outcome = 'abandoned')::INT), avg(wait_seconds), sum(talk_seconds) / 86400",
    )
    agrees(days[:, 0], waiting, rounding=0.01)
    agrees(days[:, 1], abandoned, rounding=0.002)
    agrees(days[:, 2], mean_wait, rounding=0.3)
    agrees(days[:, 3], arrivals * (1 - abandoned) * talk, rounding=0.02)


def test_the_next_tier_waits_behind_the_one_before_it(tmp_path: Path) -> None:
    """Two priorities, patient callers: Cobham's formula for the non-preemptive M/M/n queue (1954)."""
    arrivals, talk, agents, first = 100 / 1800, 180.0, 12, 0.3
    in_system = stationary(arrivals, talk, agents, 1e12)
    load = arrivals * talk / agents
    backlog = in_system[agents:].sum() * talk / agents
    high = backlog / (1 - first * load)
    ordinary = high / (1 - load)
    tiers = {
        "ordinary": {"priority": 0, "patience": 1e9},
        "high": {"priority": 2, "patience": 1e9, "least": {"arpu": arpu_of_the_upper(first)}},
    }
    scenario = plain(per_day=4800, talk=talk, tiers=tiers)
    days = daily(
        tmp_path / "landing",
        agents,
        120,
        scenario,
        "avg((priority = 2)::INT), avg(wait_seconds) FILTER (priority = 2), avg(wait_seconds) FILTER (priority = 0)",
    )
    agrees(days[:, 0], first, rounding=0.01)
    agrees(days[:, 1], high, rounding=0.2)
    agrees(days[:, 2], ordinary, rounding=2)


def test_who_is_on_the_black_list_waits_behind_everybody(tmp_path: Path) -> None:
    """As the lower of two priorities."""
    arrivals, talk, agents, black = 100 / 1800, 180.0, 12, 0.2
    in_system = stationary(arrivals, talk, agents, 1e12)
    load = arrivals * talk / agents
    first = in_system[agents:].sum() * talk / agents / (1 - (1 - black) * load)
    days = daily(
        tmp_path / "landing",
        agents,
        120,
        plain(per_day=4800, talk=talk, black=black),
        "avg((priority = -1)::INT), avg(wait_seconds) FILTER (priority = 0), avg(wait_seconds) FILTER (priority = -1)",
    )
    agrees(days[:, 0], black, rounding=0.01)
    agrees(days[:, 1], first, rounding=0.2)
    agrees(days[:, 2], first / (1 - load), rounding=3)
