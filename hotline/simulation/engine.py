"""The queue: calls, agents and waiting, event by event, in whole seconds from the start of the simulation.

A call enters (a line must be free), goes through self-service, joins its queue, and is answered by the agent who has
been idle longest among those who serve it. Who waits is answered in order of priority, then of joining; waits end by
patience, time-out, or a call-back taken. An agent is busy from the first ring to the end of the wrap-up, and ends the
call that he has when his hours end. Abandoned and busy callers dial again, unresolved matters come back on a later day,
call-backs are dialled when nobody waits. Equal times are settled by kind of event, then by number: nothing is left to
chance but what is drawn. What an agent does is logged second by second.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hotline.simulation.compiling import compiled_part, njit
from hotline.simulation.customers import Customers
from hotline.simulation.scenario import Rules
from hotline.simulation.tables import table_of

VISIT = np.dtype(
    [
        (name, np.int64)
        for name in (
            # in the order of the file; -1 is empty
            "contact", "visit", "channel", "direction", "queue", "business_type", "customer", "entered", "queued",
            "answered", "left", "wait", "ring", "talk", "hold", "holds", "longest_hold", "wrap_up", "agent", "outcome",
            "ended_by", "transferred_to", "rating_offered", "rating", "rating_scale", "language", "priority",
            "call_kind", "by_trainee", "ticket", "outage", "place", "is_simulated",
            # not written: who waits behind, whether the customer will call again
            "next", "is_unresolved",
        )
    ]
)  # fmt: skip


AGENT_EVENT = np.dtype([(name, np.int64) for name in ("agent", "at", "state", "reason", "seat", "contact")])


class _Outcomes(NamedTuple):
    """Codes as fields of a tuple: numba takes plain constants as types, and would compile a function for each."""

    answered: int = 0
    abandoned: int = 1
    self_served: int = 2
    left_in_self_service: int = 3
    callback_requested: int = 4
    voicemail: int = 5
    overflow: int = 6
    busy: int = 7
    failed: int = 8
    test: int = 9


class _Enders(NamedTuple):
    customer: int = 0
    agent: int = 1
    system: int = 2


class _Directions(NamedTuple):
    inbound: int = 0
    outbound: int = 1


class _Events(NamedTuple):
    """In the order in which equal times are settled."""

    freed: int = 0
    off: int = 1
    on: int = 2
    gives_up: int = 3
    leaves: int = 4
    joins: int = 5
    calls_again: int = 6
    call_back_due: int = 7


class _States(NamedTuple):
    """Of the soft-phone. Where an agent's doing is a number, `away` is the first of REASONS, and the others follow."""

    signed_out: int = 0
    signed_in: int = 1
    ready: int = 2
    ringing: int = 3
    talking: int = 4
    holding: int = 5
    wrapping_up: int = 6
    outbound: int = 7
    meal: int = 8
    training: int = 9
    coaching: int = 10
    away: int = 11


OUTCOME, ENDER, DIRECTION, EVENT, STATE = _Outcomes(), _Enders(), _Directions(), _Events(), _States()

_NOW = np.dtype(
    [
        ("events", np.int64),  # in the heap
        ("rows", np.int64),  # in visits
        ("logged", np.int64),  # in log
        ("first", np.int64),  # number of the visit in row 0
        ("lines", np.int64),  # in use
        ("most_lines", np.int64),
        ("free_later", np.int64),  # a free row of later
        ("free", np.int64),  # rows of later
        ("contacts", np.int64),  # number of the last contact
        ("random", np.int64),
        ("day_ends", np.int64),
        ("clock", np.int64),  # added to a second: local time, modulo a day
        ("failing_from", np.int64),
        ("failing_to", np.int64),
        ("failed", np.float64),  # share of calls lost, ordinarily
        ("failed_in_incident", np.float64),
    ]
)
_LATER = np.dtype(
    [
        (name, np.int64)
        for name in ("customer", "business_type", "queue", "priority", "attempt", "next", "agent", "doing", "length")
    ]
)
_LINE = np.dtype([("head", np.int64), ("tail", np.int64)])
_AGENT = np.dtype(
    [
        ("id", np.int64),
        ("seat", np.int64),
        ("next_seat", np.int64),  # from the next sign-in on
        ("group", np.int64),
        ("speed", np.float64),
        ("care", np.float64),  # standard deviations above the mean
        ("is_trainee", np.int64),
        ("is_on", np.int64),
        ("is_busy", np.int64),
        ("ready_in", np.int64),  # row of log in which the agent last turned ready, if it is still there
        ("instead", np.int64),  # what the agent does, or will when the call is over, who is not on;
        ("length", np.int64),  # and for how long, -1 for good
        ("returns_at", np.int64),
        ("signs_in_at", np.int64),
        ("gets_ready", np.int64),  # seconds from signing in
        ("idle_since", np.int64),
        ("next", np.int64),
        ("before", np.int64),
    ]
)
PLACED = 1000
PRIORITIES = 4
"""The last in the queue, and one for each priority; a visit's `priority` is one of these."""
FOR_EVER = 86_400  # who would wait longer waits without end


class State(NamedTuple):
    """All that changes. `heap`, `visits`, `log` and `later` may be replaced by longer ones between two calls of `run`.

    A visit's number is its row plus `first`; links are numbers or rows, -1 for none.
    """

    now: np.ndarray  # one record
    heap: np.ndarray  # events: second << 34 | kind << 31 | reference
    visits: np.ndarray
    blank: np.ndarray  # one record: a visit of which nothing is known
    log: np.ndarray  # of agents' states, in order of time for each agent
    later: np.ndarray  # calls to come, caused by one that was; and what agents will turn to
    waiting: np.ndarray  # queue × priority: visits
    due: np.ndarray  # queue: call-backs, rows of later
    agents: np.ndarray
    idle: np.ndarray  # group: agents
    # Of the places of customers, see `Customers`
    tier: np.ndarray
    is_black: np.ndarray
    before: np.ndarray


def new_state(group: np.ndarray, groups: int, queues: int, lines: int, customers: Customers, seed: int) -> State:
    """An empty centre; nobody is on. `group` has one value per agent; the customers are read as they change."""
    now = np.zeros(1, dtype=_NOW)
    now["most_lines"], now["free_later"] = lines, -1
    now["random"] = np.random.default_rng([seed, 2]).integers(0, 2**62)
    agents = np.zeros(len(group), dtype=_AGENT)
    agents["group"] = group
    agents["returns_at"] = agents["signs_in_at"] = -1
    blank = np.full(1, -1, dtype=np.int64).repeat(len(VISIT)).view(VISIT)
    blank["visit"], blank["channel"], blank["is_simulated"] = 1, 0, 1
    return lengthened(
        State(
            now=now,
            heap=np.empty(0, dtype=np.int64),
            visits=np.empty(0, dtype=VISIT),
            blank=blank,
            log=np.empty(0, dtype=AGENT_EVENT),
            later=np.empty(0, dtype=_LATER),
            waiting=np.full((queues, PRIORITIES), -1, dtype=_LINE),
            due=np.full(queues, -1, dtype=_LINE),
            agents=agents,
            idle=np.full(groups, -1, dtype=_LINE),
            tier=customers.tier,
            is_black=customers.is_black,
            before=customers.before,
        ),
        steps=0,
    )


def lengthened(state: State, steps: int) -> State:
    """The same state with room for `steps` of agents, and more of it where it is short."""
    now, heap, visits, log, later = state.now[0], state.heap, state.visits, state.log, state.later
    needed = now["events"] + steps + len(state.agents) + 2 * MARGIN
    if len(heap) < needed:
        heap = np.concatenate([heap, np.empty(max(len(heap), needed, 8192), dtype=heap.dtype)])
    if len(visits) - now["rows"] < 2 * MARGIN:
        visits = np.concatenate([visits, np.empty(max(len(visits) // 3, 8192), dtype=VISIT)])
    if len(log) - now["logged"] < 2 * LOG_MARGIN:
        log = np.concatenate([log, np.empty(max(len(log) // 3, 8192), dtype=AGENT_EVENT)])
    if now["free"] < steps + 2 * MARGIN:
        more = np.zeros(max(len(later), steps, 4096), dtype=_LATER)
        more["next"] = np.arange(len(later) + 1, len(later) + len(more) + 1)
        more["next"][-1] = now["free_later"]
        now["free_later"] = len(later)
        now["free"] += len(more)
        later = np.concatenate([later, more])
    return state._replace(heap=heap, visits=visits, log=log, later=later)


TEN_YEARS = 10 * 366 * 86_400
MARGIN = 8  # the most of anything that one event may add,
LOG_MARGIN = 32  # to the log: every hold is two states
_MOST_HOLDS = 5


@compiled_part
def _push(state, second, kind, reference):
    heap, now = state.heap, state.now[0]
    key = second << 34 | kind << 31 | reference
    place = now.events
    now.events = place + 1
    while place > 0:
        parent = (place - 1) >> 1
        if heap[parent] <= key:
            break
        heap[place] = heap[parent]
        place = parent
    heap[place] = key


@compiled_part
def _pop(state):
    heap, now = state.heap, state.now[0]
    top = heap[0]
    last = now.events - 1
    now.events = last
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


@compiled_part
def _uniform(state):
    """Splitmix64 (Steele, Lea, Flood 2014): 0 ≤ u < 1; few instructions, and the same on every machine."""
    counter = np.uint64(state.now[0].random) + np.uint64(0x9E3779B97F4A7C15)
    state.now[0].random = np.int64(counter)
    mixed = (counter ^ (counter >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.float64((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) / 9007199254740992.0


@compiled_part
def _normal(state):
    return math.sqrt(-2 * math.log(1 - _uniform(state))) * math.cos(2 * math.pi * _uniform(state))


@compiled_part
def _seconds(state, mu, sigma, factor):
    """A duration in whole seconds; see `Rules`."""
    drawn = math.exp(mu + sigma * _normal(state)) if sigma >= 0 else -mu * math.log(1 - _uniform(state))
    return np.int64(drawn * factor + 0.5)


@compiled_part
def _of(shares, drawn):
    """Which of the records with cumulated shares `up_to` a number in 0..1 falls on."""
    for index in range(shares.shape[0] - 1):
        if drawn < shares[index].up_to:
            return index
    return shares.shape[0] - 1


@compiled_part
def _tier_of(state, customer):
    """Of whoever has the customer's place this month; who is not known is ordinary."""
    return np.int64(state.tier[customer % state.tier.shape[0]]) if customer >= 0 else np.int64(0)


@compiled_part
def _new_visit(state, second, direction, business, customer):
    """A row of a new contact that enters now; returns the number of the visit."""
    now = state.now[0]
    place = now.rows
    now.rows = place + 1
    state.visits[place] = state.blank[0]
    row = state.visits[place]
    now.contacts += 1
    row.contact = now.contacts
    row.direction = direction
    row.business_type = business
    row.customer = customer
    row.entered = second
    return now.first + place


@compiled_part
def _ends(state, visit, second, outcome, ender):
    row = state.visits[visit - state.now[0].first]
    row.left = second
    row.outcome = outcome
    row.ended_by = ender


@compiled_part
def _place_for_later(state):
    now = state.now[0]
    place = now.free_later
    now.free_later = state.later[place].next
    now.free -= 1
    return place


@compiled_part
def _call_later(state, second, kind, customer, business, queue, priority, attempt):
    place = _place_for_later(state)
    state.later[place].customer = customer
    state.later[place].business_type = business
    state.later[place].queue = queue
    state.later[place].priority = priority
    state.later[place].attempt = attempt
    state.later[place].next = -1
    _push(state, second, kind, place)


@compiled_part
def _forget(state, place):
    state.later[place].next = state.now[0].free_later
    state.now[0].free_later = place
    state.now[0].free += 1


@compiled_part
def _allowed(state, rules, second):
    """The first second from this one at which the centre may call a customer."""
    local = (second + state.now[0].clock) % 86_400
    for window in range(rules.windows.shape[0]):
        if local < rules.windows[window].closes:
            return second + max(0, rules.windows[window].opens - local)
    return second + 86_400 - local + rules.windows[0].opens


@compiled_part
def _log(state, second, agent, doing, contact):
    """From this second on the agent is `doing`; a reason is -1 where the state says it all.

    Who turns ready at the very second at which a call comes was not ready.
    """
    now = state.now[0]
    place, ready = now.logged, state.agents[agent].ready_in
    if (
        0 <= ready < now.logged
        and state.log[ready].at == second
        and state.log[ready].agent == state.agents[agent].id
        and state.log[ready].state == STATE.ready
    ):
        place = ready
    else:
        now.logged += 1
    if doing == STATE.ready:
        state.agents[agent].ready_in = place
    row = state.log[place]
    row.agent, row.seat = state.agents[agent].id, state.agents[agent].seat
    row.at, row.contact = second, contact
    row.state = min(doing, STATE.away)
    row.reason = doing - STATE.away if doing >= STATE.away else -1


@compiled_part
def _turns_to(state, second, agent):
    """The agent, who has no call, is off for as long as he meant to be."""
    me = state.agents[agent]
    if me.instead == STATE.signed_in:
        me.seat = me.next_seat
    _log(state, second, agent, me.instead, -1)
    me.returns_at = -1
    if me.length >= 0:
        me.returns_at = second + me.length
        _push(state, me.returns_at, EVENT.on, agent)


@compiled_part
def _goes_off(state, second, agent, doing, length):
    """The agent turns to something else, or will when he has no call. Who is off already does what has been planned."""
    me = state.agents[agent]
    if me.is_on == 0 and me.is_busy == 0 and me.instead == STATE.signed_out:
        if length < 0:
            me.returns_at = -1
        return
    if me.is_on == 0 and (doing >= STATE.away or (doing == STATE.signed_out and length >= 0)):
        return
    if me.is_on and not me.is_busy:
        _is_no_more_idle(state, agent)
    me.is_on, me.instead, me.length = 0, doing, length
    if not me.is_busy:
        _turns_to(state, second, agent)


@compiled_part
def _goes_on(state, rules, second, agent):
    """The agent signs in or takes calls again, unless something has come between."""
    me = state.agents[agent]
    if me.is_on or (second != me.returns_at and second != me.signs_in_at):
        return
    if me.is_busy:  # The shift ended and the next began during the call.
        me.is_on = 1
    elif me.instead == STATE.signed_out:
        me.instead, me.length = STATE.signed_in, me.gets_ready
        _turns_to(state, second, agent)
    else:
        me.is_on = 1
        _looks_for_work(state, rules, second, agent)


@compiled_part
def _becomes_idle(state, second, agent):
    _log(state, second, agent, STATE.ready, -1)
    group = state.agents[agent].group
    state.agents[agent].idle_since = second
    state.agents[agent].next = -1
    state.agents[agent].before = state.idle[group].tail
    if state.idle[group].tail >= 0:
        state.agents[state.idle[group].tail].next = agent
    else:
        state.idle[group].head = agent
    state.idle[group].tail = agent


@compiled_part
def _is_no_more_idle(state, agent):
    group = state.agents[agent].group
    before, after = state.agents[agent].before, state.agents[agent].next
    if before >= 0:
        state.agents[before].next = after
    else:
        state.idle[group].head = after
    if after >= 0:
        state.agents[after].before = before
    else:
        state.idle[group].tail = before


@compiled_part
def _idle_longest(state, rules, queue):
    best = -1
    for group in range(state.idle.shape[0]):
        agent = state.idle[group].head
        if (
            agent >= 0
            and rules.serves[group, queue]
            and (best < 0 or state.agents[agent].idle_since < state.agents[best].idle_since)
        ):
            best = agent
    return best


@compiled_part
def _rates(state, rules, row, agent):
    """The customer's rating, 1..5, or -1 where none is given."""
    settings = rules.settings[0]
    if _uniform(state) >= settings.rating_offered:
        row.rating_offered = 0
        return
    row.rating_offered = 1
    if _uniform(state) >= settings.rating_answered:
        return
    score = (
        settings.rating_best
        - settings.rating_per_minute_waited * row.wait / 60.0
        + settings.rating_noise * _normal(state)
        + settings.rating_care * state.agents[agent].care
    )
    if row.visit > 1:
        score -= settings.rating_transferred
    if row.by_trainee == 1:
        score -= settings.rating_trainee
    if row.is_unresolved == 1:
        score -= settings.rating_unresolved
    row.rating = min(5, max(1, np.int64(math.floor(score + 0.5))))
    row.rating_scale = 0


@compiled_part
def _answers(state, rules, second, visit, agent):
    """The agent's telephone rings now; all that follows of this visit is settled here."""
    row = state.visits[visit - state.now[0].first]
    settings = rules.settings[0]
    business = row.business_type
    trainee = state.agents[agent].is_trainee
    factor = state.agents[agent].speed * (settings.trainee_slower if trainee else 1.0)
    row.agent = state.agents[agent].id
    row.by_trainee = 1 if trainee else 0
    row.ring = _seconds(state, settings.ring_mu, settings.ring_sigma, 1.0)
    if settings.ring_mu > 0 and row.ring == 0:
        row.ring = 1  # so that a telephone that rings is seen to
    row.answered = second + row.ring
    row.wait = row.answered - row.queued
    row.outcome = OUTCOME.answered
    if row.ring > 0:
        _log(state, second, agent, STATE.ringing, row.contact)
    _log(state, row.answered, agent, STATE.talking, row.contact)

    kind = row.call_kind
    is_short = not math.isnan(rules.kinds[kind].talk_mu)
    row.hold, row.holds = 0, 0
    if is_short:
        row.talk = _seconds(state, rules.kinds[kind].talk_mu, rules.kinds[kind].talk_sigma, 1.0)
    else:
        row.talk = _seconds(state, rules.types[business].talk_mu, rules.types[business].talk_sigma, factor)
        talked = 0
        while _uniform(state) < (settings.hold if row.holds == 0 else settings.second_hold) and row.holds < _MOST_HOLDS:
            hold = max(1, _seconds(state, settings.hold_mu, settings.hold_sigma, 1.0))
            if row.talk - talked < 3:
                break
            # Somewhere in what is left of the talk, which goes on afterwards.
            talked += 1 + np.int64(_uniform(state) * (row.talk - talked - 2))
            _log(state, row.answered + talked + row.hold, agent, STATE.holding, row.contact)
            row.holds += 1
            row.hold += hold
            row.longest_hold = max(row.longest_hold, hold)
            _log(state, row.answered + talked + row.hold, agent, STATE.talking, row.contact)
    row.wrap_up = _seconds(state, rules.types[business].wrap_up_mu, rules.types[business].wrap_up_sigma, factor)
    row.left = row.answered + row.talk + row.hold
    if row.wrap_up > 0:
        _log(state, row.left, agent, STATE.wrapping_up, row.contact)
    row.ended_by = ENDER.agent if is_short or _uniform(state) < settings.ended_by_agent else ENDER.customer

    if not is_short:
        share = rules.types[business].transfer * (settings.trainee_transfers if trainee else 1.0)
        if row.visit == 1 and _uniform(state) < share:
            row.ended_by = ENDER.agent
            outside = rules.queues.shape[0]
            target = rules.types[business].transfer_to
            row.transferred_to = outside if _uniform(state) < settings.external_transfer else target
        else:
            row.is_unresolved = 1 if _uniform(state) < rules.types[business].unresolved else 0
            _rates(state, rules, row, agent)
            if row.is_unresolved == 1 and row.customer >= 0:
                # Another day at about the same time: the mean is two days.
                days = 1 + np.int64(-1.2 * math.log(1 - _uniform(state)))
                moved = np.int64((_uniform(state) - 0.5) * 14_400)
                again = row.left + days * 86_400 + moved
                _call_later(
                    state, again, EVENT.calls_again, row.customer, business, row.queue, row.priority, np.int64(0)
                )

    state.agents[agent].is_busy = 1
    _push(state, row.left, EVENT.leaves, visit)
    _push(state, row.left + row.wrap_up, EVENT.freed, agent)


@compiled_part
def _calls_back(state, rules, second, place, agent):
    """The agent dials the customer who asked for it."""
    settings = rules.settings[0]
    customer, business = state.later[place].customer, state.later[place].business_type
    attempt, priority = state.later[place].attempt, state.later[place].priority
    visit = _new_visit(state, second, DIRECTION.outbound, business, customer)
    row = state.visits[visit - state.now[0].first]
    row.queue = state.later[place].queue
    row.priority = priority
    row.language = 0
    row.call_kind = 0
    row.agent = state.agents[agent].id
    row.by_trainee = 1 if state.agents[agent].is_trainee else 0
    row.ring = 6 + np.int64(_uniform(state) * 24)
    row.place = _of(rules.places, _uniform(state))
    free = second + row.ring
    _log(state, second, agent, STATE.outbound, row.contact)
    if _uniform(state) < settings.reached:
        factor = state.agents[agent].speed * (settings.trainee_slower if state.agents[agent].is_trainee else 1.0)
        row.answered = second + row.ring
        row.talk = _seconds(state, rules.types[business].talk_mu, rules.types[business].talk_sigma, factor)
        row.wrap_up = _seconds(state, rules.types[business].wrap_up_mu, rules.types[business].wrap_up_sigma, factor)
        row.hold, row.holds = 0, 0
        _ends(state, visit, row.answered + row.talk, OUTCOME.answered, ENDER.customer)
        free = row.left + row.wrap_up
        if row.wrap_up > 0:
            _log(state, row.left, agent, STATE.wrapping_up, row.contact)
    else:
        _ends(state, visit, free, OUTCOME.failed, ENDER.system)
        if attempt < settings.attempts:
            again = _allowed(state, rules, second + np.int64(settings.between_attempts))
            _call_later(state, again, EVENT.call_back_due, customer, business, row.queue, priority, attempt + 1)
    _forget(state, place)
    state.agents[agent].is_busy = 1
    _push(state, free, EVENT.freed, agent)


@compiled_part
def _first_waiting(state, queue, priority):
    """The first who still waits, or -1; those who have left are passed for good."""
    visit = state.waiting[queue, priority].head
    while visit >= 0 and state.visits[visit - state.now[0].first].outcome >= 0:
        visit = state.visits[visit - state.now[0].first].next
    state.waiting[queue, priority].head = visit
    if visit < 0:
        state.waiting[queue, priority].tail = -1
    return visit


@compiled_part
def _looks_for_work(state, rules, second, agent):
    """The longest waiting of the highest priority among the agent's queues, else a call-back, else idle."""
    group = state.agents[agent].group
    queues = rules.queues.shape[0]
    for priority in range(PRIORITIES - 1, -1, -1):
        best, joined, best_queue = np.int64(-1), 0, 0
        for queue in range(queues):
            if rules.serves[group, queue]:
                visit = _first_waiting(state, queue, priority)
                if visit >= 0:
                    queued = state.visits[visit - state.now[0].first].queued
                    if best < 0 or queued < joined or (queued == joined and visit < best):
                        best, joined, best_queue = visit, queued, queue
        if best >= 0:
            _answers(state, rules, second, best, agent)
            _first_waiting(state, best_queue, priority)
            return
    for queue in range(queues):
        place = state.due[queue].head
        if rules.serves[group, queue] and place >= 0 and _allowed(state, rules, second) == second:
            state.due[queue].head = state.later[place].next
            if state.due[queue].head < 0:
                state.due[queue].tail = -1
            _calls_back(state, rules, second, place, agent)
            return
    _becomes_idle(state, second, agent)


@compiled_part
def _joins(state, rules, second, visit):
    """The call joins its queue: answered at once, closed, called back later, or it waits."""
    row = state.visits[visit - state.now[0].first]
    settings, queue, priority = rules.settings[0], row.queue, row.priority
    local = (second + state.now[0].clock) % 86_400
    if local < rules.queues[queue].opens or local >= rules.queues[queue].closes:
        if _uniform(state) < settings.voicemail_when_closed:
            row.queued = second
            left = second + 20 + np.int64(_uniform(state) * 40)
            row.wait = left - second
            _ends(state, visit, left, OUTCOME.voicemail, ENDER.customer)
        else:
            left = second + 3 + np.int64(_uniform(state) * 9)
            _ends(state, visit, left, OUTCOME.left_in_self_service, ENDER.customer)
        _push(state, left, EVENT.leaves, visit)
        return
    row.queued = second
    agent = _idle_longest(state, rules, queue)
    if agent >= 0:
        _is_no_more_idle(state, agent)
        _answers(state, rules, second, visit, agent)
        return

    head = _first_waiting(state, queue, priority)
    head_wait = second - state.visits[head - state.now[0].first].queued if head >= 0 else 0
    if (
        row.customer >= 0
        and head_wait >= settings.call_back_offered_after
        and _uniform(state) < settings.call_back_taken
    ):
        left = second + 12 + np.int64(_uniform(state) * 28)
        row.wait = left - second
        _ends(state, visit, left, OUTCOME.callback_requested, ENDER.customer)
        _push(state, left, EVENT.leaves, visit)
        due = _allowed(state, rules, left + _seconds(state, settings.call_back_mu, settings.call_back_sigma, 1.0))
        _call_later(state, due, EVENT.call_back_due, row.customer, row.business_type, queue, priority, np.int64(1))
        return
    if _uniform(state) < settings.hangs_up_at_once:
        patience = 1 + np.int64(_uniform(state) * 5)
    else:
        patience = max(1, _seconds(state, rules.tiers[_tier_of(state, row.customer)].patience, -1.0, 1.0))
    deadline = min(patience, np.int64(settings.time_out))
    if deadline < FOR_EVER:
        _push(state, second + deadline, EVENT.gives_up, visit)
    row.next = -1
    tail = state.waiting[queue, priority].tail
    if tail >= 0:
        state.visits[tail - state.now[0].first].next = visit
    else:
        state.waiting[queue, priority].head = visit
    state.waiting[queue, priority].tail = visit


@compiled_part
def _calls_missed_back(state, rules, second, row):
    """Who could not be connected is called back, where the tier has a right to it."""
    settings = rules.settings[0]
    if row.customer >= 0 and row.priority > 0:
        share = rules.tiers[_tier_of(state, row.customer)].called_back
        if share > 0 and _uniform(state) < share:
            due = _allowed(state, rules, second + _seconds(state, settings.missed_mu, settings.missed_sigma, 1.0))
            _call_later(
                state, due, EVENT.call_back_due, row.customer, row.business_type, row.queue, row.priority, np.int64(1)
            )


@compiled_part
def _gives_up(state, rules, second, visit):
    row = state.visits[visit - state.now[0].first]
    if row.outcome >= 0:
        return  # answered before
    settings = rules.settings[0]
    row.wait = second - row.queued
    if row.wait >= settings.time_out:
        _ends(state, visit, second, OUTCOME.overflow, ENDER.system)
    else:
        _ends(state, visit, second, OUTCOME.abandoned, ENDER.customer)
        if _uniform(state) < settings.redial_after_abandon:
            again = second + 30 + _seconds(state, settings.redial_after_abandon_mean, -1.0, 1.0)
            _call_later(
                state, again, EVENT.calls_again, row.customer, row.business_type, row.queue, row.priority, np.int64(0)
            )
    _calls_missed_back(state, rules, second, row)
    state.now[0].lines -= 1
    _first_waiting(state, row.queue, row.priority)


@compiled_part
def _leaves(state, rules, second, visit):
    """The line is free, unless the call is handed on to another queue."""
    row = state.visits[visit - state.now[0].first]
    if row.transferred_to < 0 or row.transferred_to == rules.queues.shape[0]:
        state.now[0].lines -= 1
        return
    state.now[0].contacts -= 1
    second_visit = _new_visit(state, second, DIRECTION.inbound, row.business_type, row.customer)
    onward = state.visits[second_visit - state.now[0].first]
    onward.contact = row.contact
    onward.visit = row.visit + 1
    onward.queue = row.transferred_to
    onward.language, onward.priority = row.language, row.priority
    onward.call_kind, onward.place = row.call_kind, row.place
    _joins(state, rules, second, second_visit)


@compiled_part
def _enters(state, rules, second, business, customer, place):
    """A call reaches the centre, from a place or, where it is -1, from any."""
    now, settings = state.now[0], rules.settings[0]
    visit = _new_visit(state, second, DIRECTION.inbound, business, customer)
    row = state.visits[visit - now.first]
    is_black = customer >= 0 and state.is_black[customer % state.tier.shape[0]]
    row.queue = rules.types[business].queue
    row.language = 1 if _uniform(state) < settings.english else 0
    row.priority = 0 if is_black else rules.tiers[_tier_of(state, customer)].priority
    row.place = place if place >= 0 else _of(rules.places, _uniform(state))
    row.call_kind = _of(rules.kinds, _uniform(state))
    is_incident = now.failing_from <= second < now.failing_to
    if _uniform(state) < (now.failed_in_incident if is_incident else now.failed):
        _ends(state, visit, second, OUTCOME.failed, ENDER.system)
        return
    if now.lines >= now.most_lines:
        _ends(state, visit, second, OUTCOME.busy, ENDER.system)
        _calls_missed_back(state, rules, second, row)
        if _uniform(state) < settings.redial_after_busy:
            again = second + 10 + _seconds(state, settings.redial_after_busy_mean, -1.0, 1.0)
            _call_later(state, again, EVENT.calls_again, customer, business, row.queue, row.priority, np.int64(0))
        return
    now.lines += 1
    in_menu = _seconds(state, rules.types[business].self_service_mu, rules.types[business].self_service_sigma, 1.0)
    if _uniform(state) < settings.test:
        row.customer, row.priority, row.call_kind = -1, rules.tiers[0].priority, 0
        _ends(state, visit, second + in_menu, OUTCOME.test, ENDER.agent)
        _push(state, row.left, EVENT.leaves, visit)
        return
    fate = _uniform(state)
    contained, gives_up = rules.types[business].contained, rules.types[business].gives_up
    if fate < contained + gives_up:
        row.call_kind = 0
        if fate < contained:
            _ends(state, visit, second + in_menu, OUTCOME.self_served, ENDER.customer)
        else:
            left = second + np.int64(in_menu * _uniform(state))
            _ends(state, visit, left, OUTCOME.left_in_self_service, ENDER.customer)
        _push(state, row.left, EVENT.leaves, visit)
        return
    _push(state, second + in_menu, EVENT.joins, visit)


@compiled_part
def _caller(state, rules):
    """A customer's number; some call much more often than others. -1: unknown."""
    if _uniform(state) < rules.settings[0].unknown_customer:
        return np.int64(-1)
    places = state.tier.shape[0]
    place = np.int64(places * _uniform(state) ** rules.settings[0].frequent_callers)
    return place + places * np.int64(state.before[place])


@njit(cache=True, nogil=True)
def run(state: State, rules: Rules, seconds: np.ndarray, types: np.ndarray, done: int) -> int:
    """Simulate until now.day_ends, not included.

    `seconds` (ascending) and `types` are the calls that arrive by themselves, of which `done` have arrived; a call from
    a certain place is `PLACED` × (number of the place + 1) + its type. Returns -1
    when the day is over; how many have arrived when the state needs more room (`lengthened`) before it can go on.
    """
    now = state.now[0]
    ends = now.day_ends
    while True:
        if (
            state.heap.shape[0] - now.events < MARGIN
            or state.visits.shape[0] - now.rows < MARGIN
            or state.log.shape[0] - now.logged < LOG_MARGIN
            or now.free < MARGIN
        ):
            return done
        event_at = state.heap[0] >> 34 if now.events > 0 else TEN_YEARS
        call_at = seconds[done] if done < seconds.shape[0] else TEN_YEARS
        if min(event_at, call_at) >= ends:
            return -1
        if call_at < event_at:
            packed = types[done]
            _enters(state, rules, call_at, packed % PLACED, _caller(state, rules), packed // PLACED - 1)
            done += 1
            continue
        key = _pop(state)
        second, kind, reference = key >> 34, (key >> 31) & 7, key & 0x7FFFFFFF
        if kind == EVENT.freed:
            state.agents[reference].is_busy = 0
            if state.agents[reference].is_on:
                _looks_for_work(state, rules, second, reference)
            else:
                _turns_to(state, second, reference)
        elif kind == EVENT.off:
            step = state.later[reference]
            agent, doing, length = step.agent, step.doing, step.length
            _forget(state, reference)
            _goes_off(state, second, agent, doing, length)
        elif kind == EVENT.on:
            _goes_on(state, rules, second, reference)
        elif kind == EVENT.gives_up:
            _gives_up(state, rules, second, reference)
        elif kind == EVENT.leaves:
            _leaves(state, rules, second, reference)
        elif kind == EVENT.joins:
            _joins(state, rules, second, reference)
        elif kind == EVENT.calls_again:
            customer, business = state.later[reference].customer, state.later[reference].business_type
            _forget(state, reference)
            _enters(state, rules, second, business, customer, np.int64(-1))
        else:
            queue = state.later[reference].queue
            agent = _idle_longest(state, rules, queue)
            if agent >= 0 and _allowed(state, rules, second) == second:
                _is_no_more_idle(state, agent)
                _calls_back(state, rules, second, reference, agent)
            else:
                if state.due[queue].tail >= 0:
                    state.later[state.due[queue].tail].next = reference
                else:
                    state.due[queue].head = reference
                state.due[queue].tail = reference


@njit(cache=True)
def add_shifts(state: State, signs_in: np.ndarray, gets_ready: np.ndarray, steps: np.ndarray) -> None:
    """What agents will do as events; the heap and `later` must have room (`lengthened`).

    signs_in      per agent, the second of the simulation at which the shift begins, or -1
    gets_ready    per agent, the seconds from then to the first call
    steps         agent, second, what he turns to, and seconds until he takes calls again, -1 for never

    An agent who has a call ends it first, and is off as long as he meant to be.
    """
    for agent in range(signs_in.shape[0]):
        if signs_in[agent] >= 0:
            state.agents[agent].signs_in_at = signs_in[agent]
            state.agents[agent].gets_ready = gets_ready[agent]
            _push(state, signs_in[agent], EVENT.on, agent)
    for row in range(steps.shape[0]):
        place = _place_for_later(state)
        state.later[place].agent = steps[row, 0]
        state.later[place].doing = steps[row, 2]
        state.later[place].length = steps[row, 3]
        _push(state, steps[row, 1], EVENT.off, place)


@njit(cache=True, nogil=True)
def agent_events(state: State, begins: int, ends: int) -> np.ndarray:
    """Take the agents' events from `begins` to before `ends` out of the state, in order of time."""
    now, log = state.now[0], state.log
    place = np.zeros(ends - begins + 1, dtype=np.int64)
    for row in range(now.logged):
        if log[row].at < ends:
            place[log[row].at - begins + 1] += 1
    for second in range(1, place.shape[0]):
        place[second] += place[second - 1]
    taken = np.empty(place[-1], dtype=log.dtype)
    kept = 0
    for row in range(now.logged):
        if log[row].at < ends:
            taken[place[log[row].at - begins]] = log[row]
            place[log[row].at - begins] += 1
        else:
            log[kept] = log[row]
            kept += 1
    now.logged = kept
    return taken


def entered_before(state: State, second: int) -> np.ndarray:
    """The visits that entered before `second`, a view; all of them must have ended."""
    visits = state.visits[: state.now[0]["rows"]]
    return visits[: np.searchsorted(visits["entered"], second)]


def forget(state: State, count: int) -> None:
    """Take the first `count` visits out of the state."""
    now, visits = state.now[0], table_of(state.visits)
    rest = now["rows"] - count
    visits[:rest] = visits[count : now["rows"]]
    now["rows"] = rest
    now["first"] += count
