"""Who works when: agents, their groups and shift patterns, and the hours they can take calls on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from hotline.simulation.scenario import HALF_HOURS, REST, Scenario, shift_hours

_WEEK = 7
_HALF_HOUR = 1800


@dataclass(frozen=True)
class Roster:
    """The agents of a centre, numbered from 0.

    `group`, `trainee_until` (ordinal day, exclusive) and `speed` (factor on talk and wrap-up) have one value per agent.
    """

    scenario: Scenario
    group: np.ndarray
    trainee_until: np.ndarray
    speed: np.ndarray
    pattern: np.ndarray
    phase: np.ndarray
    nudge: np.ndarray

    @classmethod
    def of(cls, scenario: Scenario, agents: int, start: date, seed: int) -> Roster:
        settings = scenario.settings["agents"]
        draw = np.random.default_rng([seed, 1])
        patterns = scenario.settings["shift_patterns"]
        group = _shared_out([group["share"] for group in settings["groups"].values()], agents)
        pattern = np.empty(agents, dtype=np.int64)
        phase = np.empty(agents, dtype=np.int64)
        # Within a group, so that every skill is spread over the shifts.
        for members in (np.flatnonzero(group == index) for index in np.unique(group)):
            shares = list(settings["groups"].values())[group[members[0]]]["patterns"]
            chosen = _shared_out([shares.get(name, 0.0) for name in patterns], len(members))
            pattern[members] = chosen
            for index, entry in enumerate(patterns.values()):
                fellows = members[chosen == index]
                phase[fellows] = 0 if entry.get("is_fixed") else np.arange(len(fellows)) % len(entry["cycle"])
        trainee = draw.random(agents) < settings["trainees"]
        until = start.toordinal() + draw.integers(1, settings["trainee_days"] + 1, agents)
        return cls(
            scenario=scenario,
            group=group,
            trainee_until=np.where(trainee, until, 0),
            speed=np.exp(settings["speed_noise"] * draw.standard_normal(agents)),
            pattern=pattern,
            phase=phase,
            nudge=draw.random(agents),
        )

    def day(self, day: date, draw: np.random.Generator | None) -> np.ndarray:
        """Spans in which agents take calls, of the shifts that begin on `day`: agent, from, to (seconds of the day).

        Spans of one agent don't overlap. Without `draw` nobody is absent.
        """
        shifts = self.scenario.settings["shifts"]
        names = list(shifts)
        spans = [np.empty((0, 3), dtype=np.int64)]
        working = np.full(len(self.group), -1)
        for index, entry in enumerate(self.scenario.settings["shift_patterns"].values()):
            cycle = np.array([-1 if shift == REST else names.index(shift) for shift in entry["cycle"]])
            # Monday is ordinal 1 modulo 7: cycles of seven days start on it.
            place = (day.toordinal() - 1 + self.phase) % len(cycle)
            working = np.where(self.pattern == index, cycle[place], working)
        if draw is not None:
            working[draw.random(len(working)) < self.scenario.settings["agents"]["absent"]] = -1
        for index, name in enumerate(names):
            spans.extend(self._spans(shifts[name], np.flatnonzero(working == index)))
        return np.concatenate(spans)

    def _spans(self, shift: dict, agents: np.ndarray) -> list[np.ndarray]:
        """The spans between the breaks of the agents who work this shift today."""
        begins, ends = shift_hours(shift)
        steps = shift["staggered"] // _HALF_HOUR + 1
        later = agents % steps * _HALF_HOUR
        spans, since = [], begins + later
        for earliest, length in shift["breaks"]:
            moved = (self.nudge[agents] * shift["spread"]).astype(np.int64)
            stops = np.clip(begins + later + earliest + moved, since, ends + later)
            spans.append(np.column_stack([agents, since, stops]))
            since = np.minimum(stops + length, ends + later)
        spans.append(np.column_stack([agents, since, ends + later]))
        return [span[span[:, 2] > span[:, 1]] for span in spans]

    def mean_staff(self) -> np.ndarray:
        """Mean number of agents who take calls, by weekday and half hour (7 × 48), absences taken off."""
        weeks = np.lcm.reduce([len(entry["cycle"]) for entry in self.scenario.settings["shift_patterns"].values()])
        staff = np.zeros((_WEEK, HALF_HOURS))
        # From a Monday; a shift that runs past midnight belongs to the next weekday there.
        first = date(2024, 1, 1).toordinal()
        middles = np.arange(HALF_HOURS * 2) * _HALF_HOUR + _HALF_HOUR // 2
        for offset in range(_WEEK * int(weeks)):
            spans = self.day(date.fromordinal(first + offset), None)
            began = np.searchsorted(np.sort(spans[:, 1]), middles, side="right")
            present = began - np.searchsorted(np.sort(spans[:, 2]), middles, side="right")
            staff[offset % _WEEK] += present[:HALF_HOURS]
            staff[(offset + 1) % _WEEK] += present[HALF_HOURS:]
        return staff / int(weeks) * (1 - self.scenario.settings["agents"]["absent"])


def _shared_out(shares: list[float], count: int) -> np.ndarray:
    """0, 0, 1, 2 …: `count` places by share, largest remainders first."""
    ideal = np.array(shares) * count
    given = np.floor(ideal).astype(np.int64)
    order = np.argsort(given - ideal, kind="stable")
    given[order[: count - given.sum()]] += 1
    return np.repeat(np.arange(len(shares)), given)
