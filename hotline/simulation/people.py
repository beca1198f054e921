"""The people who work in the centre: who they are, who leaves, who follows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from hotline.simulation.customers import dates, whole_months
from hotline.simulation.scenario import Scenario

GENDERS = ("female", "male")
EDUCATIONS = ("secondary", "college", "bachelor", "master")
MARITAL = ("single", "married")
KINDS = ("voluntary", "involuntary", "other")
JOBS = ("agent", "senior_agent", "team_leader")
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰建红飞云宁欣雪晨雨佳怡文博思远"
_NAMES = len(_SURNAMES) * len(_GIVEN) ** 2
_PERSON = np.dtype(
    [
        ("place", "i8"), ("team", "i8"), ("gender", "i8"), ("born", "i8"), ("education", "i8"), ("marital", "i8"),
        ("hired", "i8"), ("independent", "i8"), ("trainee_until", "i8"), ("left", "i8"), ("kind", "i8"),
        ("reason", "i8"), ("job", "i8"), ("pay", "f8"), ("speed", "f8"), ("restlessness", "f8"), ("stress", "f8"),
        ("care", "f8"), ("name", "i8"),
    ]
)  # fmt: skip
_YEAR = 365.25
_FIRST_LEADER = 90_000
_FIRST_FORMER = 70_000


def months_after(ordinal: np.ndarray, months: int) -> np.ndarray:
    """The same day `months` later, or the last of that month."""
    days = dates(ordinal)
    month = days.astype("datetime64[M]")
    day = days - month.astype("datetime64[D]")
    last = (month + months + 1).astype("datetime64[D]") - (month + months).astype("datetime64[D]") - 1
    moved = (month + months).astype("datetime64[D]") + np.minimum(day, last)
    return moved.astype(np.int64) + date(1970, 1, 1).toordinal()


class People:
    """As many places as the centre has agents, each with one person at a time or vacant.

    Persons are numbered from 0 in order of hiring; `at` has the person of each place, -1 where it is vacant.
    """

    def __init__(self, scenario: Scenario, group: np.ndarray, start: date, seed: int) -> None:
        self._settings, self._agents, self._seed = scenario.settings["people"], scenario.settings["agents"], seed
        self._presence = scenario.settings["presence"]
        self._sites = list(self._settings["sites"])
        self._is_senior = np.array([name == "senior" for name in scenario.settings["agents"]["groups"]])[group]
        places = len(group)
        self.teams = max(1, round(places / self._settings["team"]))
        self._team = np.arange(places) * self.teams // places
        draw = np.random.default_rng([seed, 10])
        self.team_leaves = np.exp(self._settings["leaving"]["between_teams"] * draw.standard_normal(self.teams))
        self.persons = np.empty(0, dtype=_PERSON)
        self.at = np.full(places, -1)
        self._vacant_since = np.full(places, start.toordinal())
        self._reported = start.toordinal()
        trainee = draw.random(places) < self._agents["trainees"]
        days = self._settings["taught_days"]
        recently = start.toordinal() - draw.integers(0, self._agents["trainee_days"], places)
        before = start.toordinal() - self._agents["trainee_days"] - days - 5
        long_ago = (before - draw.exponential(self._settings["tenure"], places)).astype(np.int64)
        independent = np.where(trainee, recently, long_ago + days)
        self._hire(np.arange(places), independent - days, draw)

    def _hire(self, places: np.ndarray, hired: np.ndarray, draw: np.random.Generator) -> None:
        settings, count = self._settings, len(places)
        new = np.zeros(count, dtype=_PERSON)
        new["place"], new["team"], new["hired"] = places, self._team[places], hired
        new["independent"] = hired + settings["taught_days"]
        new["trainee_until"] = months_after(new["independent"], settings["trainee_months"])
        new["job"] = self._is_senior[places]
        self._describe(new, draw)
        new["speed"] = np.exp(self._agents["speed_noise"] * draw.standard_normal(count))
        new["restlessness"] = np.exp(self._presence["between_agents"] * draw.standard_normal(count))
        new["stress"] = draw.standard_normal(count) + settings["stress"]["men"] * new["gender"]
        new["care"] = draw.standard_normal(count)
        new["name"] = draw.integers(0, _NAMES, count)
        self.at[places] = len(self.persons) + np.arange(count)
        self.persons = np.concatenate([self.persons, new])

    def _describe(self, new: np.ndarray, draw: np.random.Generator) -> None:
        """Draw what the personnel office writes of persons whose day of hiring is known."""
        settings, count, pay = self._settings, len(new), self._settings["pay"]
        new["gender"] = draw.random(count) < settings["men"]
        new["born"] = new["hired"] - ((19 + draw.gamma(2.2, 3.6, count)) * _YEAR).astype(np.int64)
        new["education"] = draw.choice(len(EDUCATIONS), count, p=settings["education"])
        new["marital"] = draw.random(count) < np.clip((new["hired"] - new["born"]) / _YEAR / 20 - 0.9, 0.05, 0.85)
        new["pay"] = pay["of_market"] + pay["spread"] * draw.standard_normal(count)

    def turn_to(self, day: date) -> None:
        """Who left yesterday is gone; on the first of a month come those who follow."""
        today = day.toordinal()
        draw = np.random.default_rng([self._seed, 11, today])
        places = np.flatnonzero(self.at >= 0)
        gone = places[(self.persons["left"][self.at[places]] > 0) & (self.persons["left"][self.at[places]] < today)]
        self.at[gone] = -1
        self._vacant_since[gone] = today
        if day.day == 1:
            free = np.flatnonzero((self.at < 0) & (today - self._vacant_since >= self._settings["vacant_days"]))
            self._hire(free, np.full(len(free), today), draw)
        self._leave(today, draw)

    def stress(self, who: np.ndarray, today: int) -> np.ndarray:
        """Standard deviations above the mean; it is highest in some months of tenure."""
        settings = self._settings["stress"]
        months = whole_months(np.minimum(self.persons["hired"][who], today), np.full(len(who), today))
        least, most = settings["peak_months"]
        return self.persons["stress"][who] + settings["at_peak"] * ((months >= least) & (months < most))

    def hazard(self, who: np.ndarray, today: int) -> np.ndarray:
        """Leavings a year that each of these persons may expect."""
        leaving, persons = self._settings["leaving"], self.persons[who]
        months = (today - persons["hired"]) / (_YEAR / 12)
        limits = [entry["months"] for entry in leaving["tenure"]]
        tenure = np.array([entry["factor"] for entry in leaving["tenure"]])[
            np.searchsorted(limits[:-1], months, side="right")
        ]
        under = (1 - persons["pay"]) * 10
        return (
            leaving["a_year"]
            * tenure
            * self.team_leaves[persons["team"]]
            * np.exp(leaving["pay_per_tenth_under_market"] * under + leaving["stress"] * self.stress(who, today))
        )

    def _leave(self, today: int, draw: np.random.Generator) -> None:
        places = np.flatnonzero(self.at >= 0)
        chance = draw.random(len(self.at))[places]
        who = self.at[places][chance < -np.expm1(-self.hazard(self.at[places], today) / _YEAR)]
        leaving = self._settings["leaving"]
        self.persons["left"][who] = today
        self.persons["kind"][who] = draw.choice(len(KINDS), len(who), p=[leaving["kinds"][kind] for kind in KINDS])
        reasons = list(leaving["reasons"].values())
        self.persons["reason"][who] = draw.choice(len(reasons), len(who), p=reasons)

    # What the roster and the queue need to know, one value per place.

    def _of(self, field: str, vacant: float) -> np.ndarray:
        return np.where(self.at >= 0, self.persons[field][np.maximum(self.at, 0)], vacant)

    @property
    def id(self) -> np.ndarray:
        """Numbers of agents, from 1; 0 where the place is vacant."""
        return self.at + 1

    def works(self, day: date) -> np.ndarray:
        """Whether there is somebody who takes calls by now."""
        return (self.at >= 0) & (self._of("independent", 0) <= day.toordinal())

    def is_trainee(self, day: date) -> np.ndarray:
        return self.works(day) & (self._of("trainee_until", 0) > day.toordinal())

    @property
    def independent(self) -> np.ndarray:
        """The ordinal day from which the person takes calls; 0 where the place is vacant."""
        return self._of("independent", 0)

    @property
    def speed(self) -> np.ndarray:
        return self._of("speed", 1.0)

    @property
    def care(self) -> np.ndarray:
        return self._of("care", 0.0)

    @property
    def restlessness(self) -> np.ndarray:
        return self._of("restlessness", 1.0)

    def missing(self) -> float:
        """Share of the places that is vacant or being taught, in the long run."""
        settings = self._settings
        return settings["leaving"]["a_year"] * (settings["vacant_days"] + 15 + settings["taught_days"]) / _YEAR

    def snapshot(self, day: date) -> list[tuple[str, ...]]:
        """Rows of `employees` on `day`: who is employed, and who has left since the snapshot before."""
        today, persons = day.toordinal(), self.persons
        shown = np.flatnonzero((persons["left"] == 0) | (persons["left"] >= self._reported))
        self._reported = today
        rows = [self._row(int(number), today, day.isoformat()) for number in shown]
        return rows + [self._leader(team, day) for team in range(self.teams)]

    def past(self, start: date) -> Iterator[tuple[date, list[tuple[str, ...]]]]:
        """Rows of `employees` of the months before `start`, by snapshot day: who is here was, and who was here before.

        Of each place, back in time: before the person who has it it stood vacant, and before that somebody else had it.
        Those are known to the personnel office only, and not as agents: what they did is in no file.
        """
        first = months_after(np.array([start.toordinal()]), -self._settings["past_months"])[0]
        former = self._former(int(first))
        days = [date.fromordinal(day) for day in range(int(first), start.toordinal())]
        days = [day for day in days if day.day == 1 or day == days[-1]]
        reported = int(first)
        for day in days:
            today = day.toordinal()
            rows = [
                self._row(int(number), today, day.isoformat())
                for number in np.flatnonzero(self.persons["hired"] <= today)
            ]
            shown = np.flatnonzero((former["hired"] <= today) & (former["left"] >= reported))
            rows += [
                self._record(former[number], f"E{_FIRST_FORMER + number + 1}", "", today, day.isoformat())
                for number in shown
            ]
            yield day, rows + [self._leader(team, day) for team in range(self.teams)]
            reported = today

    def _former(self, first: int) -> np.ndarray:
        """Persons who left a place on `first` or later and before those who have it now."""
        settings, leaving = self._settings, self._settings["leaving"]
        if not leaving["a_year"]:
            return np.empty(0, dtype=_PERSON)
        draw = np.random.default_rng([self._seed, 13])
        limits = np.array([entry["months"] for entry in leaving["tenure"]]) * _YEAR / 12
        a_year = leaving["a_year"] * np.array([entry["factor"] for entry in leaving["tenure"]])
        gone = []
        followed = self.persons[["place", "team", "job", "hired"]].copy()
        while len(followed):
            count = len(followed)
            # Vacant for some weeks, then until the first of a month.
            left = followed["hired"] - settings["vacant_days"] - draw.integers(0, 30, count)
            # The hazard falls with tenure: a time for each stretch, the first of which is not outlived.
            tenure, open_ = np.zeros(count), np.ones(count, dtype=bool)
            for begins, ends, rate in zip([0, *limits[:-1]], limits, a_year, strict=True):
                lasts = draw.exponential(_YEAR / rate, count)
                tenure = np.where(open_, np.minimum(begins + lasts, ends), tenure)
                open_ &= begins + lasts > ends
            here = left >= first
            new = np.zeros(int(here.sum()), dtype=_PERSON)
            for field in ("place", "team", "job"):
                new[field] = followed[field][here]
            new["left"] = left[here]
            new["hired"] = np.minimum(new["left"], (left - tenure)[here].astype(np.int64))
            self._describe(new, draw)
            new["name"] = draw.integers(0, _NAMES, len(new))
            # Those who leave are paid less than those who stay.
            new["pay"] -= leaving["pay_per_tenth_under_market"] * 10 * settings["pay"]["spread"] ** 2
            new["kind"] = draw.choice(len(KINDS), len(new), p=[leaving["kinds"][kind] for kind in KINDS])
            new["reason"] = draw.choice(len(leaving["reasons"]), len(new), p=list(leaving["reasons"].values()))
            gone.append(new)
            followed = new[["place", "team", "job", "hired"]].copy()
        return np.concatenate(gone) if gone else np.empty(0, dtype=_PERSON)

    def market_pay(self, job: int, today: int) -> float:
        pay = self._settings["pay"]
        years = (today - date(2024, 1, 1).toordinal()) / _YEAR
        return round(pay["market"][JOBS[job]] * (1 + pay["growth_a_year"]) ** years)

    def team_name(self, team: int) -> str:
        return f"T{team + 1:02d}"

    def site(self, team: int) -> str:
        return self._sites[team % len(self._sites)]

    def _row(self, number: int, today: int, as_of: str) -> tuple[str, ...]:
        """The record of one of `persons`."""
        return self._record(self.persons[number], f"E{number + 1:05d}", f"A{number + 1:0{self.width}d}", today, as_of)

    def _record(self, person: np.void, employee: str, agent: str, today: int, as_of: str) -> tuple[str, ...]:
        settings = self._settings
        market = self.market_pay(int(person["job"]), today)
        # What happens later today, nobody knows yet.
        left = 0 < person["left"] < today
        kind = KINDS[person["kind"]]
        return (
            employee, as_of, _name(int(person["name"])), GENDERS[person["gender"]], _day(person["born"]),
            EDUCATIONS[person["education"]], MARITAL[person["marital"]], _day(person["hired"]),
            _day(person["left"]) if left else "",
            kind if left else "",
            (list(settings["leaving"]["reasons"])[person["reason"]] if kind == "voluntary" else kind) if left else "",
            self.team_name(int(person["team"])), self.site(int(person["team"])), JOBS[person["job"]],
            f"P{min(12, 1 + (today - int(person['hired'])) // 183)}",
            "permanent" if person["education"] > 1 else "agency",
            f"{market * person['pay']:.2f}", f"{market:.2f}", f"E{_FIRST_LEADER + person['team'] + 1}",
            agent, _day(person["independent"]) if agent else "",
            _day(confirmed) if (confirmed := int(months_after(person["hired"], 6))) <= today else "",
        )  # fmt: skip

    @property
    def width(self) -> int:
        """Digits of an agent's number."""
        return max(3, len(str(len(self.at))))

    def _leader(self, team: int, day: date) -> tuple[str, ...]:
        draw = np.random.default_rng([self._seed, 12, team])
        hired = date(2012, 1, 1) + timedelta(days=int(draw.integers(0, 2500)))
        market = self.market_pay(2, day.toordinal())
        return (
            f"E{_FIRST_LEADER + team + 1}", day.isoformat(), _name(int(draw.integers(0, 30_000))),
            GENDERS[draw.integers(0, 2)], (hired - timedelta(days=int(draw.integers(9_000, 14_000)))).isoformat(),
            "bachelor", "married", hired.isoformat(), "", "", "", self.team_name(team), self.site(team), "team_leader",
            f"M{1 + team % 4}", "permanent",
            f"{market * (0.95 + 0.1 * draw.random()):.2f}", f"{market:.2f}", "", "", "", "",
        )  # fmt: skip


def _day(ordinal: int) -> str:
    return date.fromordinal(int(ordinal)).isoformat()


def _name(number: int) -> str:
    number, surname = divmod(number, len(_SURNAMES))
    first, second = divmod(number % len(_GIVEN) ** 2, len(_GIVEN))
    return _SURNAMES[surname] + _GIVEN[first] + _GIVEN[second]
