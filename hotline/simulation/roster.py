"""Who works when: agents, their groups and shift patterns, what they are to do on a day, and what they do instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from hotline.simulation.engine import STATE
from hotline.simulation.scenario import HALF_HOURS, REASONS, REST, Scenario, duration, shift_hours

_WEEK = 7
_HALF_HOUR = 1800
_HOUR = 3600
_APART = 3  # days by which the next agent's cycle is moved
_MARGIN = 60  # seconds between what is planned and what comes up
_NEVER = 1 << 62

SCHEDULE = np.dtype([(name, np.int64) for name in ("agent", "starts", "ends", "activity", "pattern")])
ACTIVITIES = ("available", "break", "meal", "training", "coaching")
_AVAILABLE, _BREAK, _MEAL, _TRAINING, _COACHING = range(len(ACTIVITIES))
_DOING = {_MEAL: STATE.meal, _TRAINING: STATE.training, _COACHING: STATE.coaching}


@dataclass(frozen=True)
class Blocks:
    """Times in which agents take no calls: one value each per block; seconds of the day on which the shift begins.

    `what` is an activity of the schedule where the block is planned, else a state of the engine.
    """

    agent: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    what: np.ndarray

    @classmethod
    def of(cls, parts: list[tuple]) -> Blocks:
        """From (agent, starts, ends, what) each; `what` is one number for the whole part, or one per block."""
        columns = ([np.broadcast_to(part[column], part[0].shape) for part in parts] for column in range(4))
        return cls(*(np.concatenate([np.empty(0, dtype=np.int64), *column]).astype(np.int64) for column in columns))

    def __len__(self) -> int:
        return len(self.agent)

    def where(self, chosen: np.ndarray) -> Blocks:
        return Blocks(self.agent[chosen], self.starts[chosen], self.ends[chosen], self.what[chosen])


@dataclass(frozen=True)
class Shifts:
    """The shifts that begin on a day: one per agent who is to work, in seconds of that day, with the planned blocks."""

    agent: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    planned: Blocks

    def spans(self) -> np.ndarray:
        """Agent, from, to of the time between the planned blocks, by agent and time."""
        return _between(self.agent, self.begins, self.ends, self.planned)


@dataclass(frozen=True)
class Work:
    """How the shifts turn out: `present` and `late` (seconds) per shift, the rest as engine.add_shifts takes it."""

    shifts: Shifts
    present: np.ndarray
    late: np.ndarray
    signs_in: np.ndarray
    gets_ready: np.ndarray
    steps: np.ndarray


@dataclass(frozen=True)
class Roster:
    """The agents of a centre, numbered from 0.

    All arrays have one value per agent: of the place in the centre, whoever has it.
    """

    scenario: Scenario
    group: np.ndarray
    pattern: np.ndarray
    phase: np.ndarray
    nudge: np.ndarray

    @classmethod
    def of(cls, scenario: Scenario, agents: int, seed: int) -> Roster:
        settings = scenario.settings["agents"]
        draw = np.random.default_rng([seed, 1])
        patterns = scenario.settings["shift_patterns"]
        group = _shared_out([group["share"] for group in settings["groups"].values()], agents)
        pattern = np.empty(agents, dtype=np.int64)
        phase = np.empty(agents, dtype=np.int64)
        # Within a group, so that every skill is spread over the shifts; by steps of three days, which divide no
        # cycle's length, and on from group to group, so that a few agents too have their rest days apart.
        placed = dict.fromkeys((len(entry["cycle"]) for entry in patterns.values()), 0)
        for members in (np.flatnonzero(group == index) for index in np.unique(group)):
            shares = list(settings["groups"].values())[group[members[0]]]["patterns"]
            chosen = _shared_out([shares.get(name, 0.0) for name in patterns], len(members))
            pattern[members] = chosen
            for index, entry in enumerate(patterns.values()):
                fellows = members[chosen == index]
                if entry.get("is_fixed"):
                    phase[fellows] = 0
                    continue
                length = len(entry["cycle"])
                phase[fellows] = (placed[length] + np.arange(len(fellows))) * _APART % length
                placed[length] += len(fellows)
        return cls(
            scenario=scenario,
            group=group,
            pattern=pattern,
            phase=phase,
            nudge=draw.random(agents),
        )

    def seats(self, draw: np.random.Generator) -> np.ndarray:
        """Where the agents sit who sign in today: in their own seats, or now and then in one that is kept free."""
        agents = len(self.group)
        spare = agents + 1 + draw.integers(0, max(1, agents // 10), agents)
        elsewhere = draw.random(agents) < self.scenario.settings["presence"]["other_seat"]
        return np.where(elsewhere, spare, np.arange(1, agents + 1))

    def day(self, day: date, draw: np.random.Generator | None, works: np.ndarray | None = None) -> Shifts:
        """The shifts that begin on `day`, of all agents or of those who work in these days.

        Without `draw` there are breaks only: no training, no coaching.
        """
        shifts = self.scenario.settings["shifts"]
        names = list(shifts)
        working = np.full(len(self.group), -1)
        for index, entry in enumerate(self.scenario.settings["shift_patterns"].values()):
            cycle = np.array([-1 if shift == REST else names.index(shift) for shift in entry["cycle"]])
            # Monday is ordinal 1 modulo 7: cycles of seven days start on it.
            place = (day.toordinal() - 1 + self.phase) % len(cycle)
            working = np.where(self.pattern == index, cycle[place], working)
        if works is not None:
            working[~works] = -1
        who, begins, ends, blocks = [], [], [], []
        for index, name in enumerate(names):
            agents = np.flatnonzero(working == index)
            since, until, breaks = self._shift(shifts[name], agents)
            who.append(agents)
            begins.append(since)
            ends.append(until)
            blocks.extend(breaks)
            if draw is not None and breaks:
                blocks.extend(self._taught(agents, breaks, draw))
        planned = Blocks.of(blocks)
        planned = planned.where(planned.ends > planned.starts)
        return Shifts(np.concatenate(who), np.concatenate(begins), np.concatenate(ends), planned)

    def _shift(self, shift: dict, agents: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[tuple]]:
        """Begin and end of the agents' shifts, and their breaks one after the other."""
        begins, ends = shift_hours(shift)
        steps = shift["staggered"] // _HALF_HOUR + 1
        later = agents % steps * _HALF_HOUR
        since, breaks = begins + later, []
        for number, (earliest, length) in enumerate(shift["breaks"]):
            moved = (self.nudge[agents] * shift["spread"]).astype(np.int64)
            stops = np.clip(begins + later + earliest + moved, since, ends + later)
            since = np.minimum(stops + length, ends + later)
            breaks.append((agents, stops, since, _MEAL if number == shift.get("meal") else _BREAK))
        return begins + later, ends + later, breaks

    def _taught(self, agents: np.ndarray, breaks: list[tuple], draw: np.random.Generator) -> list[tuple]:
        """Now and then an agent is taught, between two breaks, where there is room."""
        blocks = []
        gap = draw.integers(0, max(1, len(breaks) - 1), len(agents))
        chance = draw.random(len(agents))
        for activity in (_TRAINING, _COACHING):
            settings = self.scenario.settings["presence"][ACTIVITIES[activity]]
            chosen = (chance >= 0) & (chance < settings["share_of_shifts"])
            chance -= settings["share_of_shifts"]
            if len(breaks) < 2 or not chosen.any():
                continue
            after = np.array([ends for _, _, ends, _ in breaks[:-1]])[gap, np.arange(len(agents))]
            before = np.array([starts for _, starts, _, _ in breaks[1:]])[gap, np.arange(len(agents))]
            room = before - after - settings["length"] - 2 * _MARGIN
            starts = after + _MARGIN + (draw.random(len(agents)) * np.maximum(room, 0)).astype(np.int64)
            chosen &= room >= 0
            blocks.append((agents[chosen], starts[chosen], starts[chosen] + settings["length"], activity))
        return blocks

    def schedule(self, shifts: Shifts, number: np.ndarray) -> np.ndarray:
        """What the agents are to do, as SCHEDULE in no order, under the number that each is known by."""
        spans, planned = shifts.spans(), shifts.planned
        rows = np.empty(len(spans) + len(planned), dtype=SCHEDULE)
        rows["agent"] = np.concatenate([spans[:, 0], planned.agent])
        rows["starts"] = np.concatenate([spans[:, 1], planned.starts])
        rows["ends"] = np.concatenate([spans[:, 2], planned.ends])
        rows["activity"] = np.concatenate([np.full(len(spans), _AVAILABLE), planned.what])
        rows["pattern"] = self.pattern[rows["agent"]]
        rows["agent"] = number[rows["agent"]]
        return rows

    def work(self, shifts: Shifts, restlessness: np.ndarray, draw: np.random.Generator) -> Work:
        """What the agents do, in seconds of the day.

        Some are absent, some late; breaks are moved and longer or shorter; reasons to be away come up. No shift begins
        before its time or goes on after its end, but for the call that the agent has. `restlessness` of each agent is a
        factor on how often he is away.
        """
        settings = self.scenario.settings["presence"]
        agents, count = len(self.group), len(shifts.agent)
        present = draw.random(count) >= self.scenario.settings["agents"]["absent"]
        late = np.where(
            draw.random(count) < settings["late"]["share"], draw.exponential(settings["late"]["mean"], count), 0.0
        )
        late = np.minimum(late, settings["late"]["most"]).astype(np.int64)
        signs_in, until = np.full(agents, -1), np.zeros(agents, dtype=np.int64)
        here = shifts.agent[present]
        signs_in[here] = (shifts.begins + late)[present]
        until[here] = shifts.ends[present]
        gets_ready = _lengths(draw, settings["gets_ready"], agents)
        blocks = self._apart(
            self._as_taken(shifts.planned, draw), self._aways(here, signs_in, until, restlessness, draw)
        )
        blocks = blocks.where(
            (blocks.starts > (signs_in + gets_ready)[blocks.agent]) & (blocks.ends < until[blocks.agent])
        )
        steps = np.concatenate(
            [
                np.column_stack([here, until[here], np.full(len(here), STATE.signed_out), np.full(len(here), -1)]),
                np.column_stack([blocks.agent, blocks.starts, blocks.what, blocks.ends - blocks.starts]),
            ]
        )
        return Work(shifts, present, late, signs_in, gets_ready, steps)

    def _as_taken(self, planned: Blocks, draw: np.random.Generator) -> Blocks:
        """The planned blocks as they are taken; a short break is spent on one of the usual reasons."""
        settings = self.scenario.settings["presence"]
        starts = planned.starts + (settings["break_moved"] * draw.standard_normal(len(planned))).astype(np.int64)
        lengths = (planned.ends - planned.starts) * _around_one(draw, settings["break_length"], len(planned))
        reasons = np.cumsum([settings["break_reasons"].get(reason, 0.0) for reason in REASONS])
        doing = STATE.away + np.searchsorted(reasons, draw.random(len(planned)) * reasons[-1], side="right")
        for activity, state in _DOING.items():
            doing[planned.what == activity] = state
        return Blocks(planned.agent, starts, starts + lengths.astype(np.int64), doing)

    def _aways(
        self,
        agents: np.ndarray,
        begins: np.ndarray,
        ends: np.ndarray,
        restlessness: np.ndarray,
        draw: np.random.Generator,
    ) -> Blocks:
        """What comes up in the shifts of these agents; some sign out and in again."""
        settings = self.scenario.settings["presence"]
        hours = (ends - begins)[agents] / _HOUR
        kinds = [
            (STATE.away + REASONS.index(reason), entry["per_hour"], restlessness[agents], entry)
            for reason, entry in settings["away"].items()
        ]
        again = settings["signs_in_again"]
        kinds.append((STATE.signed_out, again["per_hour"], np.ones(len(agents)), again))
        blocks = []
        for doing, per_hour, factor, length in kinds:
            who = np.repeat(agents, draw.poisson(per_hour * hours * factor))
            starts = begins[who] + (draw.random(len(who)) * (ends - begins)[who]).astype(np.int64)
            blocks.append((who, starts, starts + np.maximum(1, _lengths(draw, length, len(who))), doing))
        return Blocks.of(blocks)

    @staticmethod
    def _apart(planned: Blocks, unplanned: Blocks) -> Blocks:
        """Both, by agent and time, without what falls on another block."""
        columns = ("agent", "starts", "ends", "what")
        every = Blocks(*(np.concatenate([getattr(planned, name), getattr(unplanned, name)]) for name in columns))
        is_planned = np.arange(len(every)) < len(planned)
        order = np.lexsort((every.starts, every.agent))
        every, is_planned = every.where(order), is_planned[order]
        starts, ends = _keys(every.agent, every.starts), _keys(every.agent, every.ends)
        before = np.concatenate([[-_NEVER], np.maximum.accumulate(ends)[:-1]]) if len(every) else ends
        after = np.concatenate([starts[1:], [_NEVER]])[: len(every)]
        every = every.where(is_planned | ((starts > before + _MARGIN) & (ends + _MARGIN < after)))
        # A break that lasts into the next one ends before it.
        following = np.concatenate([_keys(every.agent, every.starts)[1:], [_NEVER]])[: len(every)]
        ends = np.minimum(every.ends, following - 1 - _keys(every.agent, 0))
        every = Blocks(every.agent, every.starts, ends, every.what)
        return every.where(every.ends > every.starts)

    def mean_staff(self) -> np.ndarray:
        """Mean number of agents who take calls, by weekday and half hour (7 × 48), absences taken off."""
        cycles = np.array([len(entry["cycle"]) for entry in self.scenario.settings["shift_patterns"].values()])
        staff = np.zeros((_WEEK, HALF_HOURS))
        # From a Monday; a shift that runs past midnight belongs to the next weekday there.
        first = date(2024, 1, 1).toordinal()
        middles = np.arange(HALF_HOURS * 2) * _HALF_HOUR + _HALF_HOUR // 2
        for length in np.unique(cycles):
            # Until the cycles of this length have come to the same weekday again.
            weeks = int(np.lcm(_WEEK, length)) // _WEEK
            for offset in range(_WEEK * weeks):
                spans = self.day(date.fromordinal(first + offset), None, cycles[self.pattern] == length).spans()
                began = np.searchsorted(np.sort(spans[:, 1]), middles, side="right")
                present = began - np.searchsorted(np.sort(spans[:, 2]), middles, side="right")
                staff[offset % _WEEK] += present[:HALF_HOURS] / weeks
                staff[(offset + 1) % _WEEK] += present[HALF_HOURS:] / weeks
        settings = self.scenario.settings["presence"]
        away = sum(entry["per_hour"] * entry["mean"] / _HOUR for entry in settings["away"].values())
        return staff * (1 - self.scenario.settings["agents"]["absent"]) * (1 - away)


def _keys(agent: np.ndarray, second: np.ndarray | int) -> np.ndarray:
    """One number that orders by agent, then by second; no shift has more than 2**18 seconds."""
    return (agent << 20) + second


def _between(agent: np.ndarray, begins: np.ndarray, ends: np.ndarray, blocks: Blocks) -> np.ndarray:
    """Agent, from, to of what blocks that don't overlap leave of each agent's shift."""
    # In order, each opening has its closing: the begin or the end of a block, and the next block or the end.
    opens = np.sort(np.concatenate([_keys(agent, begins), _keys(blocks.agent, blocks.ends)]))
    closes = np.sort(np.concatenate([_keys(agent, ends), _keys(blocks.agent, blocks.starts)]))
    who = opens >> 20
    spans = np.column_stack([who, opens - (who << 20), closes - (who << 20)])
    return spans[spans[:, 2] > spans[:, 1]]


def _around_one(draw: np.random.Generator, spread: float, count: int) -> np.ndarray:
    """Factors whose logarithm has this standard deviation."""
    return np.exp(spread * draw.standard_normal(count))


def _lengths(draw: np.random.Generator, setting: dict[str, float], count: int) -> np.ndarray:
    """Whole seconds of a duration of the scenario."""
    mu, sigma = duration(setting)
    drawn = np.exp(mu + sigma * draw.standard_normal(count)) if sigma >= 0 else draw.exponential(1, count) * mu
    return np.rint(drawn).astype(np.int64)


def _shared_out(shares: list[float], count: int) -> np.ndarray:
    """0, 0, 1, 2 …: `count` places by share, largest remainders first."""
    ideal = np.array(shares) * count
    given = np.floor(ideal).astype(np.int64)
    order = np.argsort(given - ideal, kind="stable")
    given[order[: count - given.sum()]] += 1
    return np.repeat(np.arange(len(shares)), given)
