"""Erlang C and A against published numbers, against the queue's own balance equations, and their limits and shapes."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.statistics import erlang

LOADS = st.floats(0.05, 80)
AGENTS = st.integers(1, 100)
HANDLE = st.floats(20, 900)
PATIENCE = st.floats(10, 3_000)


def balance(load: float, agents: int, handle: float, patience: float) -> dict[str, float]:
    """The queue with impatient callers by its balance equations, state by state, far into the queue."""
    arrive, serve, leave = load / handle, 1 / handle, 1 / patience
    logs, number = [0.0], 0
    while number < agents + 50 or logs[-1] > max(logs) - 45:
        number += 1
        logs.append(logs[-1] + math.log(arrive / (min(number, agents) * serve + max(number - agents, 0) * leave)))
    weights = np.exp(np.array(logs) - max(logs))
    shares = weights / weights.sum()
    states = np.arange(len(shares))
    left = (np.maximum(states - agents, 0) * leave * shares).sum() / arrive
    return {
        "wait": shares[states >= agents].sum(),
        "left": left,
        "queue": (np.maximum(states - agents, 0) * shares).sum(),
        "busy": (np.minimum(states, agents) * shares).sum() / agents,
        "shares": shares,
    }


def answered_in_time(load: float, agents: int, handle: float, patience: float, within: float) -> float:
    """Service level with impatient callers: each caller who waits sees departures of those before him, one by one.

    Those before him leave at the rate nµ + jθ with j of them waiting, he himself at θ: Kolmogorov's equations of his
    position in the queue, by small steps.
    """
    found = balance(load, agents, handle, patience)["shares"]
    depth = len(found) - agents
    rate = agents / handle + np.arange(depth) / patience
    at = found[agents:].copy()
    answered = found[:agents].sum()
    steps = 4_000
    length = within / steps

    def change(now: np.ndarray) -> tuple[np.ndarray, float]:
        moved = rate * now
        out = -moved - now / patience
        out[:-1] += moved[1:]
        return out, moved[0]

    for _ in range(steps):  # fourth-order Runge–Kutta
        one, to_one = change(at)
        two, to_two = change(at + length / 2 * one)
        three, to_three = change(at + length / 2 * two)
        four, to_four = change(at + length * three)
        at = at + length / 6 * (one + 2 * two + 2 * three + four)
        answered += length / 6 * (to_one + 2 * to_two + 2 * to_three + to_four)
    return answered


def exact_wait_probability(load: Fraction, agents: int) -> Fraction:
    """Erlang C as textbooks print it, in fractions."""
    last = load**agents / math.factorial(agents) * agents / (agents - load)
    return last / (sum(load**number / math.factorial(number) for number in range(agents)) + last)


def test_reference_points_of_erlang_c() -> None:
    load = erlang.offered_load(100, 180)
    assert load == 10
    assert erlang.wait_probability(load, 14) == pytest.approx(0.174, abs=5e-4)
    assert erlang.service_level(load, 14, 180, 20) == pytest.approx(0.888, abs=5e-4)
    assert erlang.occupancy(load, 14) == pytest.approx(0.714, abs=5e-4)
    assert erlang.wait_probability(48, 55) == pytest.approx(0.2387, abs=5e-5)
    assert erlang.service_level(48, 55, 240, 20) == pytest.approx(0.8668, abs=5e-5)
    assert erlang.speed_of_answer(48, 55, 240) == pytest.approx(8.184, abs=5e-4)


def test_what_another_library_gives() -> None:
    """pyworkforce 0.5.1, ErlangC(transactions=1200, asa=20/60, aht=4, interval=30) with these positions."""
    for agents, wait in ((165, 0.5957884180905907), (171, 0.29100264013875043), (200, 0.0013769372644647203)):
        assert erlang.wait_probability(160, agents) == pytest.approx(wait, rel=1e-9)
    # 100 calls of 3 minutes in half an hour, shrinkage 0.3, 80 % in 20 s, occupancy 0.85: raw positions and all
    needed = erlang.agents_needed(10, 180, within_seconds=20, target_share=0.8, most_occupancy=0.85)
    assert needed == 14
    assert erlang.with_shrinkage(needed, 0.3) == 20


def test_published_example_of_impatient_callers() -> None:
    """48 calls a minute of one minute each, 50 agents, patience of two minutes: Mandelbaum and Zeltyn, table 1."""
    queue = erlang.ErlangA(48, 50, 60, 120)
    assert erlang.speed_of_answer(48, 50, 60) == pytest.approx(20.8, abs=0.05)
    assert queue.abandonment == pytest.approx(0.031, abs=5e-4)
    assert queue.mean_wait == pytest.approx(3.7, abs=0.05)
    assert queue.occupancy == pytest.approx(0.93, abs=5e-3)
    assert erlang.occupancy(48, 50) == pytest.approx(0.96)


def test_published_row_of_the_banks_wednesdays(real_data) -> None:
    notes = (real_data / "README.md").read_text(encoding="utf-8")
    calls = [float(one) for one in re.search(r"divided by 4:\n([\d. ]+);", notes)[1].split()]
    agents = [int(one) for one in re.search(r"\(Erlang C\): ([\d ]+)\.", notes)[1].split()]
    assert len(calls) == len(agents) == 24
    assert erlang.agents_needed(np.array(calls) / 15, most_waiting=0.5).tolist() == agents


@pytest.mark.parametrize(("load", "agents"), [("1/2", 1), ("5/2", 4), ("10", 14), ("9/10", 1), ("119/10", 12)])
def test_erlang_c_in_fractions(load: str, agents: int) -> None:
    exact = exact_wait_probability(Fraction(load), agents)
    assert erlang.wait_probability(float(Fraction(load)), agents) == pytest.approx(float(exact), rel=1e-12)


@settings(max_examples=150, deadline=None)
@given(LOADS, AGENTS, HANDLE, PATIENCE)
def test_erlang_a_solves_the_balance_equations(load: float, agents: int, handle: float, patience: float) -> None:
    by_state = balance(load, agents, handle, patience)
    queue = erlang.ErlangA(load, agents, handle, patience)
    assert queue.wait_probability == pytest.approx(by_state["wait"], rel=1e-6, abs=1e-9)
    assert queue.abandonment == pytest.approx(by_state["left"], rel=1e-6, abs=1e-9)
    assert queue.occupancy == pytest.approx(by_state["busy"], rel=1e-6, abs=1e-9)
    # Little: calls waiting = arrivals per second × mean wait.
    assert queue.mean_wait * load / handle == pytest.approx(by_state["queue"], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("load", "agents", "handle", "patience", "within"),
    [(10, 12, 180, 200, 20), (10, 9, 180, 60, 20), (30, 30, 240, 400, 60), (3, 1, 100, 30, 10), (0.4, 1, 200, 90, 5)],
)
def test_the_service_level_of_impatient_callers_position_by_position(
    load: float, agents: int, handle: float, patience: float, within: float
) -> None:
    level = erlang.ErlangA(load, agents, handle, patience).service_level(within)
    assert level == pytest.approx(answered_in_time(load, agents, handle, patience, within), abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(LOADS, AGENTS, HANDLE, PATIENCE, st.floats(0, 300))
def test_every_agent_more_helps(load: float, agents: int, handle: float, patience: float, within: float) -> None:
    few, more = (erlang.ErlangA(load, number, handle, patience) for number in (agents, agents + 1))
    assert more.wait_probability <= few.wait_probability + 1e-12
    assert more.abandonment <= few.abandonment + 1e-12
    assert more.service_level(within) >= few.service_level(within) - 1e-12
    assert more.occupancy <= few.occupancy + 1e-12
    assert few.service_level(within) + few.abandonment <= 1 + 1e-9
    # Impatience helps those who stay: never more of them wait than in the queue of the patient.
    assert few.wait_probability <= erlang.wait_probability(load, agents) + 1e-12


@settings(max_examples=60, deadline=None)
@given(LOADS, st.integers(1, 30), HANDLE, st.floats(1, 120))
def test_endless_patience_is_erlang_c(load: float, spare: int, handle: float, within: float) -> None:
    agents = math.floor(load) + spare
    patient = erlang.ErlangA(load, agents, handle, np.inf)
    assert patient.wait_probability == pytest.approx(erlang.wait_probability(load, agents))
    assert patient.service_level(within) == pytest.approx(erlang.service_level(load, agents, handle, within))
    assert patient.mean_wait == pytest.approx(erlang.speed_of_answer(load, agents, handle))
    if agents - load > 0.5:
        nearly = erlang.ErlangA(load, agents, handle, 1e9)
        assert nearly.service_level(within) == pytest.approx(patient.service_level(within), abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(LOADS, HANDLE, st.floats(0.5, 0.98), st.floats(0.5, 1), st.one_of(PATIENCE, st.just(np.inf)))
def test_the_agents_needed_are_enough_and_one_less_is_not(
    load: float, handle: float, target: float, busiest: float, patience: float
) -> None:
    wanted = {"within_seconds": 20, "target_share": target, "most_occupancy": busiest, "patience_seconds": patience}
    needed = erlang.agents_needed(load, handle, **wanted)

    def meets(agents: float) -> bool:
        queue = erlang.ErlangA(load, agents, handle, patience)
        steady = np.isfinite(patience) or agents > load
        return bool(steady and queue.service_level(20) >= target and queue.occupancy <= busiest)

    assert meets(needed)
    assert not meets(needed - 1)


def test_arrays_give_what_each_of_their_numbers_gives() -> None:
    loads = np.array([[0.0, 0.3, 9.5], [40.0, 480.0, np.nan]])
    together = erlang.agents_needed(loads, 200, within_seconds=20, target_share=0.8, patience_seconds=[np.inf, 90, 200])
    one_by_one = [
        [
            erlang.agents_needed(load, 200, within_seconds=20, target_share=0.8, patience_seconds=patience)
            for load, patience in zip(row, (np.inf, 90, 200), strict=True)
        ]
        for row in loads
    ]
    assert np.array_equal(together, one_by_one, equal_nan=True)
    assert together[0, 0] == 0
    assert math.isnan(together[1, 2])


def test_edges() -> None:
    # Nobody calls; nobody is there; nobody gives up a queue that grows without end.
    assert erlang.wait_probability(0, 3) == erlang.occupancy(0, 0) == erlang.speed_of_answer(0, 0, 180) == 0
    assert erlang.ErlangA(0, 0, 180, 60).service_level(20) == 1
    assert erlang.ErlangA(2, 0, 180, 60).service_level(20) == 0
    assert erlang.ErlangA(2, 0, 180, 60).abandonment == 1
    assert (erlang.wait_probability(5, 5), erlang.service_level(5, 5, 180, 20)) == (1, 0)
    assert erlang.speed_of_answer(5, 5, 180) == np.inf
    assert erlang.ErlangA(10, 8, 180, np.inf).abandonment == pytest.approx(0.2)
    # Twenty times more calls than one agent can take, and patience without end in sight.
    assert erlang.ErlangA(20, 1, 180, 20_000).abandonment == pytest.approx(0.95)
    assert erlang.ErlangA(20, 1, 180, 20_000).service_level(20) == 0
    # A centre of thousands.
    assert erlang.ErlangA(2_700, 6_000, 180, 3_600).wait_probability == 0
    assert 0.5 < erlang.ErlangA(2_700, 2_720, 180, 3_600).service_level(20) < 1
    assert erlang.patience_seconds([900, 900], [3, 0]).tolist() == [300, np.inf]
    assert erlang.with_shrinkage(7, 0.3) == 10


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: erlang.wait_probability(-1, 3), "load must not be below 0"),
        (lambda: erlang.wait_probability(1, 2.5), "agents must be whole"),
        (lambda: erlang.agents_needed(5, 180, target_share=1.01), "no number of agents"),
        (lambda: erlang.agents_needed(5, 180, most_occupancy=0), "no number of agents"),
        (lambda: erlang.agents_needed(2e5, 180, target_share=0.8), "more than 100000 agents"),
        (lambda: erlang.with_shrinkage(5, 1), "shrinkage must be below 1"),
    ],
)
def test_what_cannot_be_is_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
