"""Erlang C and Erlang A: how long callers wait for a number of agents, and how many agents a target takes.

Calls arrive at random at a steady rate, handling times are exponential, all agents answer all calls in order of
arrival. Erlang C (M/M/n) lets callers wait for ever; in Erlang A (M/M/n+M) each hangs up after an exponential patience.
The *offered load* in erlangs is calls per second × mean handle seconds: so many agents would be busy if nobody waited.

All functions are vectorised: arguments broadcast against one another, the result has the common shape (a float for
scalars). Times are seconds, probabilities and occupancies 0..1. Arguments below zero and numbers of agents that are not
whole raise ValueError; NaN gives NaN. A queue that Erlang C cannot keep up with (load ≥ agents) has P(wait) 1,
service level 0, an infinite speed of answer.

Sources: Gans, Koole, Mandelbaum, *Telephone Call Centers: Tutorial, Review and Research Prospects* (2003), for C;
Mandelbaum, Zeltyn, *The Palm/Erlang-A Queue, with Applications to Call Centers* (2005), Baccelli, Hebuterne (1981).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Numbers = NDArray[np.float64]

MOST_AGENTS = 100_000
"""Beyond this many agents a search for a target gives up with ValueError: a unit is wrong."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)


# ---- loss and delay


def offered_load(calls: ArrayLike, handle_seconds: ArrayLike, interval_seconds: ArrayLike = 1800) -> Any:
    """Erlangs of so many calls per interval: 100 calls of 180 s in half an hour are 10 erlangs."""
    calls, handle, interval = _numbers(calls=calls, handle_seconds=handle_seconds, interval_seconds=interval_seconds)
    return _like(calls * handle / interval)


def loss_probability(load: ArrayLike, agents: ArrayLike) -> Any:
    """Erlang B: share of calls lost when nobody can wait, by the recursion on its inverse."""
    load, agents = _whole(load, agents)
    shape = np.broadcast(load, agents).shape
    load, agents = (np.broadcast_to(one, shape).ravel() for one in (load, agents))
    inverse = np.ones(load.shape)
    most = int(np.nanmax(agents, initial=0))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        for number in range(1, most + 1):
            inverse = np.where(number <= agents, 1 + inverse * number / load, inverse)
        loss = np.where(load == 0, np.where(agents == 0, 1.0, 0.0), 1 / inverse)
    return _like(np.where(np.isnan(load) | np.isnan(agents), np.nan, loss).reshape(shape))


def wait_probability(load: ArrayLike, agents: ArrayLike) -> Any:
    """Erlang C: probability that a caller must wait at all; 1 where load ≥ agents, 0 without load."""
    load, agents = _whole(load, agents)
    return _like(_delay(load, agents, loss_probability(load, agents)))


def service_level(load: ArrayLike, agents: ArrayLike, handle_seconds: ArrayLike, within_seconds: ArrayLike) -> Any:
    """Erlang C: share of calls answered within so many seconds."""
    load, agents = _whole(load, agents)
    handle, within = _numbers(handle_seconds=handle_seconds, within_seconds=within_seconds)
    return _like(_service_level(load, agents, wait_probability(load, agents), handle, within))


def speed_of_answer(load: ArrayLike, agents: ArrayLike, handle_seconds: ArrayLike) -> Any:
    """Erlang C: mean seconds until answered, those who did not wait included."""
    load, agents = _whole(load, agents)
    (handle,) = _numbers(handle_seconds=handle_seconds)
    with np.errstate(divide="ignore", invalid="ignore"):
        wait = np.asarray(wait_probability(load, agents)) * handle / (agents - load)
    return _like(np.where((load >= agents) & (load > 0), np.inf, np.where(load == 0, 0.0, wait)))


def occupancy(load: ArrayLike, agents: ArrayLike, abandonment: ArrayLike = 0.0) -> Any:
    """Share of the agents' time that is handling, at most 1. `abandonment`: share of the calls that nobody handles."""
    load, agents = _whole(load, agents)
    (abandonment,) = _numbers(abandonment=abandonment)
    with np.errstate(divide="ignore", invalid="ignore"):
        busy = np.minimum(load * (1 - abandonment) / agents, 1.0)
    return _like(np.where(load == 0, 0.0, busy))


# ---- abandonment


def patience_seconds(waited_seconds: ArrayLike, abandoned: ArrayLike) -> Any:
    """Mean patience from all seconds waited, by whomever, and the number of abandons; infinite where nobody gave up.

    Maximum likelihood for an exponential patience: whoever was answered had *at least* that much patience.
    """
    waited, abandoned = _numbers(waited_seconds=waited_seconds, abandoned=abandoned)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _like(np.where(abandoned == 0, np.inf, waited / abandoned))


class ErlangA:
    """The queue with impatient callers. Patience may be infinite: then it is Erlang C where that keeps up.

    `wait_probability`  share of callers who find all agents busy
    `abandonment`       share of callers who hang up
    `occupancy`         share of the agents' time that is handling
    `mean_wait`         mean seconds in the queue of all callers, those who hang up included
    """

    def __init__(
        self, load: ArrayLike, agents: ArrayLike, handle_seconds: ArrayLike, patience_seconds: ArrayLike
    ) -> None:
        load, agents = _whole(load, agents)
        handle, patience = _numbers(handle_seconds=handle_seconds, patience_seconds=patience_seconds)
        self._load, self._agents, self._handle, self._patience = np.broadcast_arrays(load, agents, handle, patience)
        self._forever = np.isinf(self._patience)
        loss = np.asarray(loss_probability(self._load, self._agents))
        with np.errstate(all="ignore"):
            # In units of the patience: departures of busy agents, and arrivals.
            self._service = np.where(self._forever, 1.0, self._agents * self._patience / self._handle)
            self._arrivals = np.where(self._forever, 0.0, self._load * self._patience / self._handle)
            # A logarithm, since the sum itself overflows where far more calls come than agents can take.
            self._log_busy = _log_busy_sum(self._service, self._arrivals)
            waits = 1 / (1 + (1 / loss - 1) * np.exp(-self._log_busy))
            waits = np.where(self._agents == 0, 1.0, waits)
            used = self._arrivals / self._service
            left = waits * (np.exp(-self._log_busy) + used - 1) / used
            left = np.where(self._agents == 0, 1.0, np.clip(left, 0.0, 1.0))
            delayed = _delay(self._load, self._agents, loss)
            # Nobody leaves a queue that grows without end; what the agents cannot handle is never answered either.
            overflow = np.clip(1 - self._agents / self._load, 0.0, 1.0)
        empty = self._load == 0
        unknown = np.isnan(self._load + self._agents + self._handle) | np.isnan(self._patience)
        self._waits = _known(unknown, np.where(empty, 0.0, np.where(self._forever, delayed, waits)))
        self._left = _known(unknown, np.where(empty, 0.0, np.where(self._forever, overflow, left)))

    @property
    def wait_probability(self) -> Any:
        return _like(self._waits)

    @property
    def abandonment(self) -> Any:
        return _like(self._left)

    @property
    def occupancy(self) -> Any:
        return occupancy(self._load, self._agents, self._left)

    @property
    def mean_wait(self) -> Any:
        with np.errstate(invalid="ignore"):
            wait = self._left * self._patience
        forever = speed_of_answer(self._load, self._agents, self._handle)
        return _like(np.where(self._load == 0, 0.0, np.where(self._forever, forever, wait)))

    def service_level(self, within_seconds: ArrayLike) -> Any:
        """Share of all callers who are answered within so many seconds.

        The wait of a caller who never gives up has density P(wait) v(t) / ∫v, where
        v(t) = exp(−nµt + (λ/θ)(1 − e^−θt)); of the others a share e^−θt is still there at t. The
        integral is taken in 32 nodes.
        """
        (within,) = _numbers(within_seconds=within_seconds)
        shape = np.broadcast(self._load, within).shape
        load, agents, handle, patience, waits, log_busy, forever, within = (
            np.broadcast_to(one, shape)
            for one in (
                self._load, self._agents, self._handle, self._patience,
                self._waits, self._log_busy, self._forever, within,
            )
        )  # fmt: skip
        with np.errstate(all="ignore"):
            rate, leaving = agents / handle, 1 / patience
            seconds = within[..., None] * (_NODES + 1) / 2
            gone = -np.expm1(-leaving[..., None] * seconds)
            exponent = -(rate + leaving)[..., None] * seconds + (load / handle / leaving)[..., None] * gone
            # ∫v = A(nµ/θ, λ/θ) / nµ
            answered = (np.exp(exponent - log_busy[..., None]) @ _WEIGHTS) * within / 2 * rate
            level = 1 - waits + waits * answered
            patient = _service_level(load, agents, waits, handle, within)
        level = np.where(agents == 0, 0.0, np.clip(level, 0.0, 1.0))
        level = np.where(load == 0, 1.0, np.where(forever, patient, level))
        return _like(_known(np.isnan(waits) | np.isnan(within), level))


# ---- staffing


def agents_needed(
    load: ArrayLike,
    handle_seconds: ArrayLike = 1.0,
    *,
    within_seconds: ArrayLike = 0.0,
    target_share: ArrayLike = 0.0,
    most_waiting: ArrayLike = 1.0,
    most_occupancy: ArrayLike = 1.0,
    patience_seconds: ArrayLike = np.inf,
) -> Any:
    """The fewest agents with service level ≥ `target_share`, P(wait) ≤ `most_waiting`, occupancy ≤ `most_occupancy`.

    Erlang C with infinite patience, Erlang A with any other; each queue of an array may have its own. Without load
    nobody is needed. NaN where a number is unknown. Raises ValueError for a target that no number of agents meets
    (a share above 1 or an occupancy of 0) and for a load that takes more than `MOST_AGENTS`.
    """
    numbers = _numbers(
        load=load, handle_seconds=handle_seconds, within_seconds=within_seconds, target_share=target_share,
        most_waiting=most_waiting, most_occupancy=most_occupancy, patience_seconds=patience_seconds,
    )  # fmt: skip
    shape = np.broadcast(*numbers).shape
    load, handle, within, target, waiting, busiest, patience = (np.broadcast_to(one, shape).ravel() for one in numbers)
    if np.any(target > 1) or np.any(busiest <= 0) or np.any(waiting < 0):
        raise ValueError("no number of agents gives a service level above 1, an occupancy of 0 or a P(wait) below 0")
    needed = np.where(load == 0, 0.0, np.nan)
    unknown = np.isnan(load + handle + within + target + waiting + busiest) | np.isnan(patience)

    def enough(rows: NDArray[np.intp], agents: Numbers) -> NDArray[np.bool_]:
        queue = ErlangA(load[rows], agents, handle[rows], patience[rows])
        # A load equal to the agents is no steady queue where nobody gives up.
        steady = np.isfinite(patience[rows]) | (agents > load[rows])
        return (
            steady
            & (np.asarray(queue.service_level(within[rows])) >= target[rows])
            & (np.asarray(queue.wait_probability) <= waiting[rows])
            & (np.asarray(queue.occupancy) <= busiest[rows])
        )

    # Everything that is asked for improves with each agent: growing steps find a number that is enough, halving what
    # lies between finds the first.
    rows = np.flatnonzero((load > 0) & ~unknown)
    low = np.zeros(rows.size)
    high = np.maximum(np.ceil(load[rows]), 1.0)
    open_ = np.arange(rows.size)
    while open_.size:
        if np.any(high[open_] > MOST_AGENTS):
            raise ValueError(f"a target takes more than {MOST_AGENTS} agents: look at load and units")
        lacking = open_[~enough(rows[open_], high[open_])]
        low[lacking] = high[lacking]
        high[lacking] = np.maximum(high[lacking] + 1, np.ceil(high[lacking] * 1.25))
        open_ = lacking
    while (open_ := np.flatnonzero(high - low > 1)).size:
        middle = np.floor((low[open_] + high[open_]) / 2)
        reached = enough(rows[open_], middle)
        high[open_[reached]] = middle[reached]
        low[open_[~reached]] = middle[~reached]
    needed[rows] = high
    return _like(_known(unknown, needed).reshape(shape))


def with_shrinkage(agents: ArrayLike, shrinkage: ArrayLike) -> Any:
    """Agents to be rostered so that so many are at work: agents / (1 − shrinkage), rounded up.

    `shrinkage` is the share of rostered time not available for contacts, 0 ≤ shrinkage < 1.
    """
    agents, shrinkage = _numbers(agents=agents, shrinkage=shrinkage)
    if np.any(shrinkage >= 1):
        raise ValueError("shrinkage must be below 1")
    # 7 / (1 − 0.3) is 10.000000000000002 in floating point and takes ten agents.
    return _like(np.ceil(agents / (1 - shrinkage) - 1e-9))


# ---- helpers


def _delay(load: Numbers, agents: Numbers, loss: ArrayLike) -> Numbers:
    loss = np.asarray(loss)
    with np.errstate(divide="ignore", invalid="ignore"):
        used = load / agents
        delayed = loss / (1 - used * (1 - loss))
    return _known(np.isnan(load) | np.isnan(agents), np.where(load == 0, 0.0, np.where(load >= agents, 1.0, delayed)))


def _service_level(load: Numbers, agents: Numbers, waits: ArrayLike, handle: Numbers, within: Numbers) -> Numbers:
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        level = 1 - np.asarray(waits) * np.exp(-(agents - load) * within / handle)
    level = np.where(load == 0, 1.0, np.where(load >= agents, 0.0, level))
    return _known(np.isnan(load + agents + handle + within), level)


def _log_busy_sum(service: Numbers, arrivals: Numbers) -> Numbers:
    """log A(x, y) with A = 1 + Σ_{j≥1} y^j / ((x+1) … (x+j)) = x e^y y^−x γ(x, y)."""
    below = special.gammainc(service, arrivals)
    scale = np.log(service) + arrivals - service * np.log(arrivals) + special.gammaln(service)
    logarithm = np.array(scale + np.log(below))
    # It underflows only where departures far exceed arrivals: there the series ends soon.
    summed = (arrivals > 0) & (below < 1e-250) & (service > arrivals)
    if np.any(summed):
        x, y = service[summed], arrivals[summed]
        total, term, number = np.ones(x.shape), np.ones(x.shape), 0
        while np.any(term > total * 1e-16):
            number += 1
            term = term * y / (x + number)
            total = total + term
        logarithm[summed] = np.log(total)
    return np.where(arrivals == 0, 0.0, logarithm)


def _numbers(**given: ArrayLike) -> tuple[Numbers, ...]:
    arrays = []
    for name, values in given.items():
        array = np.asarray(values, dtype=float)
        if np.any(array < 0):
            raise ValueError(f"{name} must not be below 0")
        arrays.append(array)
    return tuple(arrays)


def _whole(load: ArrayLike, agents: ArrayLike) -> tuple[Numbers, Numbers]:
    load, agents = _numbers(load=load, agents=agents)
    if np.any(agents[np.isfinite(agents)] % 1 != 0):
        raise ValueError("agents must be whole")
    return load, agents


def _known(unknown: NDArray[np.bool_], values: Numbers) -> Numbers:
    return np.where(unknown, np.nan, values)


def _like(values: Numbers) -> Any:
    """A float for scalars, the array for arrays."""
    array = np.asarray(values)
    return float(array) if array.ndim == 0 else array
