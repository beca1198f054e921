"""The queue: calls, agents and waiting, event by event, in whole seconds from the start of the simulation.

A call enters (a line must be free), goes through self-service, joins its queue, and is answered by the agent who has been
idle longest among those who serve it. Who waits is answered in order of priority, then of joining; waits end by patience,
time-out, or a call-back taken. An agent is busy from the first ring to the end of the wrap-up, and ends the call that he has
when his hours end. Abandoned and busy callers dial again, unresolved matters come back on a later day, call-backs are
dialled when nobody waits. Everything is deterministic: equal times are settled by kind of event, then by number.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from hotline.simulation.scenario import TEN_YEARS, Rules

# Columns of a visit, in the order of the file; -1 is empty. The last two are not written.
(
    CONTACT, VISIT, CHANNEL, DIRECTION, QUEUE, BUSINESS, CUSTOMER, ENTERED, QUEUED, ANSWERED, LEFT, WAIT, RING, TALK, HOLD,
    HOLDS, LONGEST_HOLD, WRAP_UP, AGENT, OUTCOME, ENDED_BY, TRANSFERRED, RATING_OFFERED, RATING, RATING_SCALE, LANGUAGE,
    PRIORITY, CALL_KIND, BY_TRAINEE, PLACE, IS_SIMULATED, NEXT, UNRESOLVED,
) = range(33)  # fmt: skip
FIELDS = 33

OUTCOMES = (
    "answered", "abandoned", "self_served", "left_in_self_service", "callback_requested", "voicemail", "overflow", "busy",
    "failed", "test",
)  # fmt: skip
(
    ANSWERED_CALL, ABANDONED, SELF_SERVED, LEFT_IN_SELF_SERVICE, CALLBACK_REQUESTED, VOICEMAIL, OVERFLOW, BUSY, FAILED, TEST,
) = range(10)  # fmt: skip
ENDERS = ("customer", "agent", "system")
CUSTOMER_ENDS, AGENT_ENDS, SYSTEM_ENDS = range(3)
INBOUND, OUTBOUND = range(2)

# Events, in the order in which equal times are settled.
FREED, OFF, ON, GIVES_UP, LEAVES, JOINS, CALLS_AGAIN, CALL_BACK_DUE = range(8)

# Whole numbers of the state.
(
    EVENTS, FIRST, ROWS, LINES, LINES_MOST, LATER_FREE, CONTACTS, RANDOM, CUSTOMERS, SHIFT_OF_CLOCK, FAILING_FROM,
    FAILING_TO, DAY_ENDS,
) = range(13)  # fmt: skip
NUMBERS = 13
FAILED_SHARE, FAILED_SHARE_INCIDENT = range(2)

LATER_CUSTOMER, LATER_BUSINESS, LATER_ATTEMPT, LATER_NEXT, LATER_PRIORITY = range(5)
LATER_FIELDS = 5
PRIORITIES = 3


class State(NamedTuple):
    """All that changes. Arrays may be replaced by longer ones between two calls of `run`."""

    numbers: np.ndarray
    failing: np.ndarray  # float: share of failed calls, ordinarily and within an incident
    heap: np.ndarray  # events: second << 34 | kind << 31 | reference
    visits: np.ndarray  # rows × FIELDS; row of visit v is v - numbers[FIRST]
    later: np.ndarray  # calls to come that a call of before has caused
    waiting_head: np.ndarray  # queue × priority, visit or -1
    waiting_tail: np.ndarray
    due_head: np.ndarray  # queue: call-backs due, row of `later` or -1
    due_tail: np.ndarray
    group: np.ndarray  # per agent
    speed: np.ndarray
    is_trainee: np.ndarray
    is_on: np.ndarray
    is_busy: np.ndarray
    idle_since: np.ndarray
    idle_next: np.ndarray
    idle_before: np.ndarray
    idle_head: np.ndarray  # per group
    idle_tail: np.ndarray


def new_state(
    group: np.ndarray, speed: np.ndarray, groups: int, queues: int, lines: int, customers: int, seed: int
) -> State:
    """An empty centre; nobody is on."""
    agents = len(group)
    numbers = np.zeros(NUMBERS, dtype=np.int64)
    numbers[LINES_MOST], numbers[CUSTOMERS], numbers[LATER_FREE] = lines, customers, -1
    numbers[RANDOM] = np.random.default_rng([seed, 2]).integers(0, 2**62)
    return lengthened(
        State(
            numbers=numbers,
            failing=np.zeros(2),
            heap=np.empty(0, dtype=np.int64),
            visits=np.empty((0, FIELDS), dtype=np.int64),
            later=np.empty((0, LATER_FIELDS), dtype=np.int64),
            waiting_head=np.full((queues, PRIORITIES), -1),
            waiting_tail=np.full((queues, PRIORITIES), -1),
            due_head=np.full(queues, -1),
            due_tail=np.full(queues, -1),
            group=group.astype(np.int64),
            speed=speed.astype(float),
            is_trainee=np.zeros(agents, dtype=np.bool_),
            is_on=np.zeros(agents, dtype=np.bool_),
            is_busy=np.zeros(agents, dtype=np.bool_),
            idle_since=np.zeros(agents, dtype=np.int64),
            idle_next=np.full(agents, -1),
            idle_before=np.full(agents, -1),
            idle_head=np.full(groups, -1),
            idle_tail=np.full(groups, -1),
        )
    )


def lengthened(state: State) -> State:
    """The same state with about twice the room where room is short."""
    heap, visits, later = state.heap, state.visits, state.later
    if len(heap) - state.numbers[EVENTS] < MARGIN * 2:
        heap = np.concatenate([heap, np.empty(max(len(heap), 8192), dtype=np.int64)])
    if len(visits) - state.numbers[ROWS] < MARGIN * 2:
        visits = np.concatenate([visits, np.empty((max(len(visits), 8192), FIELDS), dtype=np.int64)])
    if state.numbers[LATER_FREE] < 0 or later[state.numbers[LATER_FREE], LATER_NEXT] < 0:
        more = np.zeros((max(len(later), 4096), LATER_FIELDS), dtype=np.int64)
        more[:, LATER_NEXT] = np.arange(len(later) + 1, len(later) + len(more) + 1)
        more[-1, LATER_NEXT] = state.numbers[LATER_FREE]
        state.numbers[LATER_FREE] = len(later)
        later = np.concatenate([later, more])
    return state._replace(heap=heap, visits=visits, later=later)


MARGIN = 8  # the most of anything that one event may add


@njit(cache=True)
def _push(state, second, kind, reference):
    heap, numbers = state.heap, state.numbers
    key = second << 34 | kind << 31 | reference
    place = numbers[EVENTS]
    numbers[EVENTS] = place + 1
    while place > 0:
        parent = (place - 1) >> 1
        if heap[parent] <= key:
            break
        heap[place] = heap[parent]
        place = parent
    heap[place] = key


@njit(cache=True)
def _pop(state):
    heap, numbers = state.heap, state.numbers
    top = heap[0]
    last = numbers[EVENTS] - 1
    numbers[EVENTS] = last
    key = heap[last]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= last:
            break
        if child + 1 < last and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = key
    return top


@njit(cache=True)
def _uniform(state):
    """Splitmix64 (Steele, Lea, Flood 2014): 0 ≤ u < 1; few instructions, and the same on every machine."""
    counter = np.uint64(state.numbers[RANDOM]) + np.uint64(0x9E3779B97F4A7C15)
    state.numbers[RANDOM] = np.int64(counter)
    mixed = (counter ^ (counter >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.float64((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True)
def _normal(state):
    return math.sqrt(-2 * math.log(1 - _uniform(state))) * math.cos(2 * math.pi * _uniform(state))


@njit(cache=True)
def _seconds(state, mu, sigma, factor):
    """A duration in whole seconds; see `Rules`."""
    if sigma >= 0:
        drawn = math.exp(mu + sigma * _normal(state))
    else:
        drawn = -mu * math.log(1 - _uniform(state))
    return np.int64(drawn * factor + 0.5)


@njit(cache=True)
def _chosen(state, cumulative):
    drawn = _uniform(state)
    for index in range(cumulative.shape[0] - 1):
        if drawn < cumulative[index]:
            return index
    return cumulative.shape[0] - 1


@njit(cache=True)
def _tier_of(rules, customer):
    """A customer's tier is the customer's, not the call's: a hash of the number."""
    if customer < 0:
        return 0
    place = np.float64((customer * 2654435761) % 4294967296) / 4294967296.0
    for index in range(rules.tiers.shape[0] - 1):
        if place < rules.tiers[index, 0]:
            return index
    return rules.tiers.shape[0] - 1


@njit(cache=True)
def _new_visit(state, second, direction, business, customer):
    """A row of a new contact that enters now; returns the number of the visit."""
    numbers = state.numbers
    place = numbers[ROWS]
    numbers[ROWS] = place + 1
    row = state.visits[place]
    row[:] = -1
    numbers[CONTACTS] += 1
    row[CONTACT] = numbers[CONTACTS]
    row[VISIT] = 1
    row[CHANNEL] = 0
    row[DIRECTION] = direction
    row[BUSINESS] = business
    row[CUSTOMER] = customer
    row[ENTERED] = second
    row[IS_SIMULATED] = 1
    return numbers[FIRST] + place


@njit(cache=True)
def _ends(state, visit, second, outcome, ender):
    row = state.visits[visit - state.numbers[FIRST]]
    row[LEFT] = second
    row[OUTCOME] = outcome
    row[ENDED_BY] = ender


@njit(cache=True)
def _call_later(state, second, kind, customer, business, priority, attempt):
    numbers = state.numbers
    place = numbers[LATER_FREE]
    numbers[LATER_FREE] = state.later[place, LATER_NEXT]
    state.later[place, LATER_CUSTOMER] = customer
    state.later[place, LATER_BUSINESS] = business
    state.later[place, LATER_PRIORITY] = priority
    state.later[place, LATER_ATTEMPT] = attempt
    state.later[place, LATER_NEXT] = -1
    _push(state, second, kind, place)


@njit(cache=True)
def _forget(state, place):
    state.later[place, LATER_NEXT] = state.numbers[LATER_FREE]
    state.numbers[LATER_FREE] = place


@njit(cache=True)
def _allowed(state, rules, second):
    """The first second from this one at which the centre may call a customer."""
    local = (second + state.numbers[SHIFT_OF_CLOCK]) % 86_400
    for window in range(rules.call_backs.shape[0]):
        if local < rules.call_backs[window, 1]:
            return second + max(0, rules.call_backs[window, 0] - local)
    return second + 86_400 - local + rules.call_backs[0, 0]


@njit(cache=True)
def _becomes_idle(state, second, agent):
    group = state.group[agent]
    state.idle_since[agent] = second
    state.idle_next[agent] = -1
    state.idle_before[agent] = state.idle_tail[group]
    if state.idle_tail[group] >= 0:
        state.idle_next[state.idle_tail[group]] = agent
    else:
        state.idle_head[group] = agent
    state.idle_tail[group] = agent


@njit(cache=True)
def _is_no_more_idle(state, agent):
    group = state.group[agent]
    before, after = state.idle_before[agent], state.idle_next[agent]
    if before >= 0:
        state.idle_next[before] = after
    else:
        state.idle_head[group] = after
    if after >= 0:
        state.idle_before[after] = before
    else:
        state.idle_tail[group] = before


@njit(cache=True)
def _idle_longest(state, rules, queue):
    best = -1
    for group in range(state.idle_head.shape[0]):
        agent = state.idle_head[group]
        if agent >= 0 and rules.serves[group, queue] and (best < 0 or state.idle_since[agent] < state.idle_since[best]):
            best = agent
    return best


@njit(cache=True)
def _rates(state, rules, row):
    """The customer's rating, 1..5, or -1 where none is given."""
    rating = rules.rating
    if _uniform(state) >= rating.offered:
        row[RATING_OFFERED] = 0
        return
    row[RATING_OFFERED] = 1
    if _uniform(state) >= rating.answered:
        return
    score = rating.best - rating.per_minute_waited * row[WAIT] / 60.0 + rating.noise * _normal(state)
    if row[VISIT] > 1:
        score -= rating.transferred
    if row[BY_TRAINEE] == 1:
        score -= rating.trainee
    if row[UNRESOLVED] == 1:
        score -= rating.unresolved
    row[RATING] = min(5, max(1, np.int64(math.floor(score + 0.5))))
    row[RATING_SCALE] = 0


@njit(cache=True)
def _answers(state, rules, second, visit, agent):
    """The agent's telephone rings now; all that follows of this visit is settled here."""
    row = state.visits[visit - state.numbers[FIRST]]
    handling = rules.handling
    business = row[BUSINESS]
    trainee = state.is_trainee[agent]
    factor = state.speed[agent] * (handling.trainee_slower if trainee else 1.0)
    row[AGENT] = agent + 1
    row[BY_TRAINEE] = 1 if trainee else 0
    row[RING] = _seconds(state, handling.ring_mu, handling.ring_sigma, 1.0)
    row[ANSWERED] = second + row[RING]
    row[WAIT] = row[ANSWERED] - row[QUEUED]
    row[OUTCOME] = ANSWERED_CALL

    kind = row[CALL_KIND]
    is_short = not math.isnan(rules.kind_talk[kind, 0])
    row[HOLD], row[HOLDS] = 0, 0
    if is_short:
        row[TALK] = _seconds(state, rules.kind_talk[kind, 0], rules.kind_talk[kind, 1], 1.0)
    else:
        row[TALK] = _seconds(state, rules.talk[business, 0], rules.talk[business, 1], factor)
        while _uniform(state) < (handling.hold if row[HOLDS] == 0 else handling.second_hold) and row[HOLDS] < 5:
            hold = _seconds(state, handling.hold_mu, handling.hold_sigma, 1.0)
            row[HOLDS] += 1
            row[HOLD] += hold
            row[LONGEST_HOLD] = max(row[LONGEST_HOLD], hold)
    row[WRAP_UP] = _seconds(state, rules.wrap_up[business, 0], rules.wrap_up[business, 1], factor)
    row[LEFT] = row[ANSWERED] + row[TALK] + row[HOLD]
    row[ENDED_BY] = AGENT_ENDS if is_short or _uniform(state) < handling.ended_by_agent else CUSTOMER_ENDS

    if not is_short:
        share = rules.transfer[business] * (handling.trainee_transfers if trainee else 1.0)
        if row[VISIT] == 1 and _uniform(state) < share:
            row[ENDED_BY] = AGENT_ENDS
            outside = rules.serves.shape[1]
            target = rules.transfer_to[business]
            row[TRANSFERRED] = outside if _uniform(state) < handling.external_transfer else target
        else:
            row[UNRESOLVED] = 1 if _uniform(state) < rules.unresolved[business] else 0
            _rates(state, rules, row)
            if row[UNRESOLVED] == 1 and row[CUSTOMER] >= 0:
                # Another day at about the same time: the mean is two days.
                days = 1 + np.int64(-1.2 * math.log(1 - _uniform(state)))
                moved = np.int64((_uniform(state) - 0.5) * 14_400)
                again = row[LEFT] + days * 86_400 + moved
                _call_later(state, again, CALLS_AGAIN, row[CUSTOMER], business, row[PRIORITY], 0)

    state.is_busy[agent] = True
    _push(state, row[LEFT], LEAVES, visit)
    _push(state, row[LEFT] + row[WRAP_UP], FREED, agent)


@njit(cache=True)
def _calls_back(state, rules, second, place, agent):
    """The agent dials the customer who asked for it."""
    handling, waiting = rules.handling, rules.waiting
    customer, business = state.later[place, LATER_CUSTOMER], state.later[place, LATER_BUSINESS]
    attempt, priority = state.later[place, LATER_ATTEMPT], state.later[place, LATER_PRIORITY]
    visit = _new_visit(state, second, OUTBOUND, business, customer)
    row = state.visits[visit - state.numbers[FIRST]]
    row[QUEUE] = rules.queue_of[business]
    row[PRIORITY] = priority
    row[LANGUAGE] = 0
    row[CALL_KIND] = 0
    row[AGENT] = agent + 1
    row[BY_TRAINEE] = 1 if state.is_trainee[agent] else 0
    row[RING] = 6 + np.int64(_uniform(state) * 24)
    row[PLACE] = _chosen(state, rules.places)
    free = second + row[RING]
    if _uniform(state) < waiting.reached:
        factor = state.speed[agent] * (handling.trainee_slower if state.is_trainee[agent] else 1.0)
        row[ANSWERED] = second + row[RING]
        row[TALK] = _seconds(state, rules.talk[business, 0], rules.talk[business, 1], factor)
        row[WRAP_UP] = _seconds(state, rules.wrap_up[business, 0], rules.wrap_up[business, 1], factor)
        row[HOLD], row[HOLDS] = 0, 0
        _ends(state, visit, row[ANSWERED] + row[TALK], ANSWERED_CALL, CUSTOMER_ENDS)
        free = row[LEFT] + row[WRAP_UP]
    else:
        _ends(state, visit, free, FAILED, SYSTEM_ENDS)
        if attempt < waiting.attempts:
            again = _allowed(state, rules, second + np.int64(waiting.between_attempts))
            _call_later(state, again, CALL_BACK_DUE, customer, business, priority, attempt + 1)
    _forget(state, place)
    state.is_busy[agent] = True
    _push(state, free, FREED, agent)


@njit(cache=True)
def _first_waiting(state, queue, priority):
    """The first who still waits, or -1; those who have left are passed for good."""
    visit = state.waiting_head[queue, priority]
    while visit >= 0 and state.visits[visit - state.numbers[FIRST], OUTCOME] >= 0:
        visit = state.visits[visit - state.numbers[FIRST], NEXT]
    state.waiting_head[queue, priority] = visit
    if visit < 0:
        state.waiting_tail[queue, priority] = -1
    return visit


@njit(cache=True)
def _looks_for_work(state, rules, second, agent):
    """The longest waiting of the highest priority among the agent's queues, else a call-back, else idle."""
    group = state.group[agent]
    queues = rules.serves.shape[1]
    for priority in range(PRIORITIES - 1, -1, -1):
        best, joined, best_queue = -1, 0, 0
        for queue in range(queues):
            if rules.serves[group, queue]:
                visit = _first_waiting(state, queue, priority)
                if visit >= 0:
                    queued = state.visits[visit - state.numbers[FIRST], QUEUED]
                    if best < 0 or queued < joined or (queued == joined and visit < best):
                        best, joined, best_queue = visit, queued, queue
        if best >= 0:
            _answers(state, rules, second, best, agent)
            _first_waiting(state, best_queue, priority)
            return
    for queue in range(queues):
        place = state.due_head[queue]
        if rules.serves[group, queue] and place >= 0 and _allowed(state, rules, second) == second:
            state.due_head[queue] = state.later[place, LATER_NEXT]
            if state.due_head[queue] < 0:
                state.due_tail[queue] = -1
            _calls_back(state, rules, second, place, agent)
            return
    _becomes_idle(state, second, agent)


@njit(cache=True)
def _joins(state, rules, second, visit):
    """The call joins its queue: answered at once, closed, called back later, or it waits."""
    row = state.visits[visit - state.numbers[FIRST]]
    waiting, queue, priority = rules.waiting, row[QUEUE], row[PRIORITY]
    local = (second + state.numbers[SHIFT_OF_CLOCK]) % 86_400
    if local < rules.opening[queue, 0] or local >= rules.opening[queue, 1]:
        if _uniform(state) < waiting.voicemail_when_closed:
            row[QUEUED] = second
            left = second + 20 + np.int64(_uniform(state) * 40)
            row[WAIT] = left - second
            _ends(state, visit, left, VOICEMAIL, CUSTOMER_ENDS)
        else:
            left = second + 3 + np.int64(_uniform(state) * 9)
            _ends(state, visit, left, LEFT_IN_SELF_SERVICE, CUSTOMER_ENDS)
        _push(state, left, LEAVES, visit)
        return
    row[QUEUED] = second
    agent = _idle_longest(state, rules, queue)
    if agent >= 0:
        _is_no_more_idle(state, agent)
        _answers(state, rules, second, visit, agent)
        return

    head = _first_waiting(state, queue, priority)
    head_wait = second - state.visits[head - state.numbers[FIRST], QUEUED] if head >= 0 else 0
    if (
        row[CUSTOMER] >= 0
        and head_wait >= waiting.call_back_offered_after
        and _uniform(state) < waiting.call_back_taken
    ):
        left = second + 12 + np.int64(_uniform(state) * 28)
        row[WAIT] = left - second
        _ends(state, visit, left, CALLBACK_REQUESTED, CUSTOMER_ENDS)
        _push(state, left, LEAVES, visit)
        due = _allowed(state, rules, left + _seconds(state, waiting.call_back_mu, waiting.call_back_sigma, 1.0))
        _call_later(state, due, CALL_BACK_DUE, row[CUSTOMER], row[BUSINESS], priority, 1)
        return
    if _uniform(state) < waiting.hangs_up_at_once:
        patience = 1 + np.int64(_uniform(state) * 5)
    else:
        patience = max(1, _seconds(state, rules.tiers[_tier_of(rules, row[CUSTOMER]), 1], -1.0, 1.0))
    deadline = min(patience, np.int64(waiting.time_out))
    if deadline < 86_400:  # beyond that: waits for ever, as in Erlang C
        _push(state, second + deadline, GIVES_UP, visit)
    row[NEXT] = -1
    tail = state.waiting_tail[queue, priority]
    if tail >= 0:
        state.visits[tail - state.numbers[FIRST], NEXT] = visit
    else:
        state.waiting_head[queue, priority] = visit
    state.waiting_tail[queue, priority] = visit


@njit(cache=True)
def _gives_up(state, rules, second, visit):
    row = state.visits[visit - state.numbers[FIRST]]
    if row[OUTCOME] >= 0:
        return  # answered before
    waiting = rules.waiting
    row[WAIT] = second - row[QUEUED]
    if row[WAIT] >= waiting.time_out:
        _ends(state, visit, second, OVERFLOW, SYSTEM_ENDS)
    else:
        _ends(state, visit, second, ABANDONED, CUSTOMER_ENDS)
        if _uniform(state) < waiting.redial_after_abandon:
            again = second + 30 + _seconds(state, waiting.redial_after_abandon_mean, -1.0, 1.0)
            _call_later(state, again, CALLS_AGAIN, row[CUSTOMER], row[BUSINESS], row[PRIORITY], 0)
    state.numbers[LINES] -= 1
    _first_waiting(state, row[QUEUE], row[PRIORITY])


@njit(cache=True)
def _leaves(state, rules, second, visit):
    """The line is free, unless the call is handed on to another queue."""
    row = state.visits[visit - state.numbers[FIRST]]
    if row[TRANSFERRED] < 0 or row[TRANSFERRED] == rules.serves.shape[1]:
        state.numbers[LINES] -= 1
        return
    state.numbers[CONTACTS] -= 1
    second_visit = _new_visit(state, second, INBOUND, row[BUSINESS], row[CUSTOMER])
    onward = state.visits[second_visit - state.numbers[FIRST]]
    onward[CONTACT] = row[CONTACT]
    onward[VISIT] = row[VISIT] + 1
    onward[QUEUE] = row[TRANSFERRED]
    onward[LANGUAGE], onward[PRIORITY] = row[LANGUAGE], row[PRIORITY]
    onward[CALL_KIND], onward[PLACE] = row[CALL_KIND], row[PLACE]
    _joins(state, rules, second, second_visit)


@njit(cache=True)
def _enters(state, rules, second, business, customer):
    """A call reaches the centre."""
    numbers, waiting = state.numbers, rules.waiting
    visit = _new_visit(state, second, INBOUND, business, customer)
    row = state.visits[visit - numbers[FIRST]]
    tier = _tier_of(rules, customer)
    row[QUEUE] = rules.queue_of[business]
    row[LANGUAGE] = 1 if _uniform(state) < waiting.english else 0
    row[PRIORITY] = np.int64(rules.tiers[tier, 2])
    row[PLACE] = _chosen(state, rules.places)
    row[CALL_KIND] = _chosen(state, rules.kinds)
    is_incident = numbers[FAILING_FROM] <= second < numbers[FAILING_TO]
    if _uniform(state) < state.failing[FAILED_SHARE_INCIDENT if is_incident else FAILED_SHARE]:
        _ends(state, visit, second, FAILED, SYSTEM_ENDS)
        return
    if numbers[LINES] >= numbers[LINES_MOST]:
        _ends(state, visit, second, BUSY, SYSTEM_ENDS)
        if _uniform(state) < waiting.redial_after_busy:
            again = second + 10 + _seconds(state, waiting.redial_after_busy_mean, -1.0, 1.0)
            _call_later(state, again, CALLS_AGAIN, customer, business, row[PRIORITY], 0)
        return
    numbers[LINES] += 1
    in_menu = _seconds(state, rules.self_service[business, 0], rules.self_service[business, 1], 1.0)
    if _uniform(state) < waiting.test:
        row[CUSTOMER], row[PRIORITY], row[CALL_KIND] = -1, 0, 0
        _ends(state, visit, second + in_menu, TEST, AGENT_ENDS)
        _push(state, row[LEFT], LEAVES, visit)
        return
    fate = _uniform(state)
    contained, gives_up = rules.contained[business], rules.gives_up[business]
    if fate < contained + gives_up:
        row[CALL_KIND] = 0
        if fate < contained:
            _ends(state, visit, second + in_menu, SELF_SERVED, CUSTOMER_ENDS)
        else:
            left = second + np.int64(in_menu * _uniform(state))
            _ends(state, visit, left, LEFT_IN_SELF_SERVICE, CUSTOMER_ENDS)
        _push(state, row[LEFT], LEAVES, visit)
        return
    _push(state, second + in_menu, JOINS, visit)


@njit(cache=True)
def _caller(state, rules):
    """A customer's number; some call much more often than others. -1: unknown."""
    if _uniform(state) < rules.waiting.unknown_customer:
        return np.int64(-1)
    drawn = _uniform(state)
    return np.int64(state.numbers[CUSTOMERS] * drawn * drawn)


@njit(cache=True)
def run(state: State, rules: Rules, seconds: np.ndarray, types: np.ndarray, done: int) -> int:
    """Simulate until numbers[DAY_ENDS], not included.

    `seconds` (ascending) and `types` are the calls that arrive by themselves, of which `done` have arrived. Returns how many
    have; fewer than there are when the state needs more room (`lengthened`) before it can go on.
    """
    numbers = state.numbers
    ends = numbers[DAY_ENDS]
    while True:
        if (
            state.heap.shape[0] - numbers[EVENTS] < MARGIN
            or state.visits.shape[0] - numbers[ROWS] < MARGIN
            or numbers[LATER_FREE] < 0
            or state.later[numbers[LATER_FREE], LATER_NEXT] < 0
        ):
            return done
        event_at = state.heap[0] >> 34 if numbers[EVENTS] > 0 else TEN_YEARS
        call_at = seconds[done] if done < seconds.shape[0] else TEN_YEARS
        if min(event_at, call_at) >= ends:
            return -1
        if call_at < event_at:
            _enters(state, rules, call_at, types[done], _caller(state, rules))
            done += 1
            continue
        key = _pop(state)
        second, kind, reference = key >> 34, (key >> 31) & 7, key & 0x7FFFFFFF
        if kind == FREED:
            state.is_busy[reference] = False
            if state.is_on[reference]:
                _looks_for_work(state, rules, second, reference)
        elif kind == OFF:
            state.is_on[reference] = False
            if not state.is_busy[reference]:
                _is_no_more_idle(state, reference)
        elif kind == ON:
            state.is_on[reference] = True
            if not state.is_busy[reference]:
                _looks_for_work(state, rules, second, reference)
        elif kind == GIVES_UP:
            _gives_up(state, rules, second, reference)
        elif kind == LEAVES:
            _leaves(state, rules, second, reference)
        elif kind == JOINS:
            _joins(state, rules, second, reference)
        elif kind == CALLS_AGAIN:
            customer, business = state.later[reference, LATER_CUSTOMER], state.later[reference, LATER_BUSINESS]
            _forget(state, reference)
            _enters(state, rules, second, business, customer)
        else:
            queue = rules.queue_of[state.later[reference, LATER_BUSINESS]]
            agent = _idle_longest(state, rules, queue)
            if agent >= 0 and _allowed(state, rules, second) == second:
                _is_no_more_idle(state, agent)
                _calls_back(state, rules, second, reference, agent)
            else:
                if state.due_tail[queue] >= 0:
                    state.later[state.due_tail[queue], LATER_NEXT] = reference
                else:
                    state.due_head[queue] = reference
                state.due_tail[queue] = reference


@njit(cache=True)
def add_spans(state: State, spans: np.ndarray) -> None:
    """Agents' spans on duty (agent, from, to in seconds of the simulation) as events; the heap must have room."""
    for place in range(spans.shape[0]):
        _push(state, spans[place, 1], ON, spans[place, 0])
        _push(state, spans[place, 2], OFF, spans[place, 0])


def with_room_for_spans(state: State, spans: int) -> State:
    room = np.empty(2 * spans + MARGIN * 2, dtype=np.int64)
    return state._replace(
        heap=np.concatenate([state.heap[: state.numbers[EVENTS]], room, state.heap[state.numbers[EVENTS] :]])
    )


@njit(cache=True)
def take_entered_before(state: State, second: int) -> np.ndarray:
    """Take the visits that entered before `second` out of the state; all of them must have ended."""
    numbers = state.numbers
    count = 0
    while count < numbers[ROWS] and state.visits[count, ENTERED] < second:
        count += 1
    taken = state.visits[:count].copy()
    rest = numbers[ROWS] - count
    for row in range(rest):
        state.visits[row] = state.visits[row + count]
    numbers[ROWS] = rest
    numbers[FIRST] += count
    return taken
