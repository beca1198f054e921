"""What the personnel office keeps: attendance, training, performance and surveys."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from hotline.simulation.people import EDUCATIONS, GENDERS, MARITAL, People
from hotline.simulation.roster import ACTIVITIES, Work
from hotline.simulation.scenario import Scenario

ATTENDANCE = np.dtype(
    [(name, np.int64) for name in ("employee", "day", "scheduled", "worked", "overtime", "absence", "exception")]
)
ABSENCES = ("sick", "personal", "unexcused")
EXCEPTIONS = ("late", "missing_punch")
_YEAR = 365.25
_WAVE = 10  # days that a survey is open
_TAUGHT = (ACTIVITIES.index("training"), ACTIVITIES.index("coaching"))
_BANDS = {
    "age": ((26, "18-25"), (36, "26-35"), (46, "36-45"), (999, "46+")),
    "tenure": ((0.5, "under 6 months"), (1, "6-12 months"), (2, "1-2 years"), (4, "2-4 years"), (999, "over 4 years")),
}
Rows = dict[str, list[tuple[str, ...]]]


class Office:
    """Knows the people, but decides nothing that the queue would feel."""

    def __init__(
        self, scenario: Scenario, people: People, group: np.ndarray, start: date, zone: ZoneInfo, seed: int
    ) -> None:
        self._scenario, self._settings = scenario, scenario.settings["personnel"]
        self._people, self._start, self._zone, self._seed = people, start, zone, seed
        groups = list(scenario.settings["agents"]["groups"])
        of_groups = self._settings["survey_groups"]
        self._group = np.array([of_groups.get(name, "C") for name in groups])[group]
        self._tests: dict[date, list[tuple[int, str]]] = {}  # retests to come: person and course

    def attendance(self, day: date, work: Work, draw: np.random.Generator) -> np.ndarray:
        """One row per agent who was to work in a shift that begins on `day`."""
        settings, count = self._settings, len(work.shifts.agent)
        rows = np.full(count, -1, dtype=np.int64).repeat(len(ATTENDANCE)).view(ATTENDANCE)
        rows["employee"], rows["day"] = self._people.id[work.shifts.agent], day.toordinal()
        meals = np.zeros(len(self._group), dtype=np.int64)
        planned = work.shifts.planned
        is_meal = planned.what == ACTIVITIES.index("meal")
        meals[planned.agent[is_meal]] = (planned.ends - planned.starts)[is_meal]
        rows["scheduled"] = (work.shifts.ends - work.shifts.begins - meals[work.shifts.agent]) // 60
        late = work.late // 60
        stays = draw.random(count) < settings["overtime"]["share_of_shifts"]
        overtime = np.where(stays, np.rint(draw.exponential(settings["overtime"]["mean"] / 60, count)), 0)
        rows["overtime"] = np.where(work.present, overtime, 0)
        rows["worked"] = np.where(work.present, rows["scheduled"] - late + rows["overtime"], 0)
        shares = [settings["absences"][name] for name in ABSENCES]
        rows["absence"] = np.where(work.present, -1, draw.choice(len(ABSENCES), count, p=shares))
        punch = draw.random(count) < settings["missing_punch"]
        rows["exception"] = np.where(work.present & (late > 0), 0, np.where(work.present & punch, 1, -1))
        return rows[np.argsort(rows["employee"], kind="stable")]

    def day(self, day: date, work: Work) -> Rows:
        """Rows of the day by entity."""
        draw = np.random.default_rng([self._seed, 16, day.toordinal()])
        found: Rows = {"training": self._training(day, work, draw)}
        if day.day == 1 and day > self._start:
            found["performance"] = self._performance(day - timedelta(days=1), draw)
        for survey, settings in self._settings["surveys"].items():
            # A wave that was open when the simulation began is there too: three months have one of stress.
            if day.day == settings["day"] and day.month in settings["months"]:
                for entity, rows in self._survey(survey, settings, day, draw).items():
                    found.setdefault(entity, []).extend(rows)
        return found

    def _moment(self, day: date, second: int) -> str:
        moment = datetime(day.year, day.month, day.day, tzinfo=self._zone) + timedelta(seconds=int(second))
        return moment.isoformat()

    def _training(self, day: date, work: Work, draw: np.random.Generator) -> list[tuple[str, ...]]:
        """Trainings of the schedule with their tests; tests of newcomers before their first call; retests."""
        people, settings, rows = self._people, self._settings["training"], []
        courses = settings["courses"]
        present = np.zeros(len(self._group), dtype=bool)
        present[work.shifts.agent] = work.present
        planned = work.shifts.planned
        tested: list[tuple[int, str, int, str]] = []
        for block in np.flatnonzero(np.isin(planned.what, _TAUGHT)):
            place, person = planned.agent[block], int(people.at[planned.agent[block]])
            course = "coaching" if planned.what[block] == _TAUGHT[1] else courses[int(draw.integers(len(courses)))]
            moment = self._moment(day, planned.starts[block])
            rows.append(
                (f"E{person + 1:05d}", moment, course, "training", "true", str(bool(present[place])).lower(), "", "")
            )
            if course != "coaching" and present[place]:
                tested.append((person, course, int(planned.ends[block]), "test"))
        newcomers = np.flatnonzero((people.at >= 0) & (people.independent == day.toordinal()))
        tested += [(int(people.at[place]), "basics", 9 * 3600, "test") for place in newcomers]
        tested += [(person, course, 10 * 3600, "retest") for person, course in self._tests.pop(day, [])]
        for person, course, second, kind in tested:
            score = settings["score"] + 5 * people.persons["care"][person] + settings["spread"] * draw.standard_normal()
            score = round(float(np.clip(score + (6 if kind == "retest" else 0), 0, 100)), 1)
            passed = score >= settings["pass"]
            rows.append(
                (
                    f"E{person + 1:05d}", self._moment(day, second), course, kind, "true", "true", str(passed).lower(),
                    f"{score:.1f}",
                )
            )  # fmt: skip
            if not passed and kind == "test":
                self._tests.setdefault(day + timedelta(days=7), []).append((person, course))
        return rows

    def _performance(self, last: date, draw: np.random.Generator) -> list[tuple[str, ...]]:
        """Of the month that ended on `last`: each agent's and each team's measures, passed or not."""
        people, settings = self._people, self._settings["performance"]
        places = np.flatnonzero((people.at >= 0) & people.works(last))
        who = people.at[places]
        persons, month = people.persons[who], f"{last:%Y-%m}"
        skill = settings["care"] * persons["care"] - settings["trainee"] * people.is_trainee(last)[places]
        rows: list[tuple[str, ...]] = []
        total = np.zeros(len(who))
        for name, kpi in settings["kpis"].items():
            value = kpi["mean"] + kpi["sd"] * (skill + draw.standard_normal(len(who)))
            total += (value - kpi["mean"]) / kpi["sd"]
            rows += [
                (f"E{person + 1:05d}", "", month, name, f"{kpi['target']}", str(bool(passed)).lower(), "")
                for person, passed in zip(who, value >= kpi["target"], strict=True)
            ]
            for team in range(people.teams):
                of_team = persons["team"] == team
                if of_team.any():
                    passed = bool(value[of_team].mean() >= kpi["target"])
                    rows.append(("", people.team_name(team), month, name, f"{kpi['target']}", str(passed).lower(), ""))
        if len(who):
            best = int(who[np.argmax(total)])
            rows.append((f"E{best + 1:05d}", "", month, "award_of_the_month", "", "true", "agent of the month"))
        return rows

    # Surveys. What people answer follows from the stress and the contentment that they have.

    def items(self) -> list[tuple[str, ...]]:
        """Of `survey_items`."""
        return [
            (survey, item, dimension, str(is_reversed).lower(), "1", "5", *texts)
            for survey, settings in self._settings["surveys"].items()
            for item, dimension, is_reversed, *texts in _items(settings)
        ]

    def _survey(self, survey: str, settings: dict, day: date, draw: np.random.Generator) -> Rows:
        """Of the wave that was closed on the evening before `day`: answers cannot be put beside names."""
        people, today = self._people, day.toordinal()
        begins = day - timedelta(days=_WAVE)
        places = np.flatnonzero(people.at >= 0)
        places = places[draw.permutation(len(places))]
        who, wave = people.at[places], f"{begins:%Y-%m}"
        sent = self._moment(begins, 8 * 3600)
        invitations = [
            (survey, wave, f"{survey}-{wave}-{number:05d}", sent, str(self._group[place]))
            for number, place in enumerate(places, start=1)
        ]
        answers = draw.random(len(who)) < settings["returned"]
        places, who = places[answers], who[answers]
        order = draw.permutation(len(who))
        places, who = places[order], who[order]
        persons = people.persons[who]
        in_group = np.isin(self._group[places], ["A", "B"])
        latent = people.stress(who, today) + settings.get("groups_a_and_b", 0.0) * in_group
        if settings["of"] == "contentment":
            age = (today - persons["born"]) / _YEAR
            latent = -0.5 * latent + 0.85 * draw.standard_normal(len(who)) - settings["young"] * (age <= 35)
        columns = []
        for dimension in settings["dimensions"].values():
            share = dimension["goes_along"]
            own = share * latent + np.sqrt(1 - share**2) * draw.standard_normal(len(who))
            for place in range(dimension["items"]):
                own_share = 0.0 if place in dimension.get("unrelated", []) else 1.0
                noise = settings["item_noise"] * draw.standard_normal(len(who))
                columns.append(dimension["mean"] + own_share * dimension["sd"] * own + noise)
        answers = np.clip(np.rint(np.column_stack(columns)), 1, 5).astype(np.int64)
        valid = draw.random(len(who)) < settings["valid"]
        answers[~valid] = 3
        submitted = [self._moment(begins + timedelta(days=int(later)), second) for later, second in zip(
            draw.integers(0, _WAVE, len(who)), draw.integers(8 * 3600, 20 * 3600, len(who)), strict=True)]  # fmt: skip
        items = _items(settings)
        responses = []
        for number, (place, person) in enumerate(zip(places, persons, strict=True)):
            head = (survey, wave, f"{survey}-{wave}-R{number + 1:05d}", submitted[number])
            tail = (
                str(bool(valid[number])).lower(),
                GENDERS[person["gender"]],
                _band("age", (today - person["born"]) / _YEAR),
                EDUCATIONS[person["education"]],
                MARITAL[person["marital"]],
                _band("tenure", (today - person["hired"]) / _YEAR),
                str(self._group[place]),
            )
            for (item, _, is_reversed, *_), answer in zip(items, answers[number], strict=True):
                responses.append((*head, item, str(6 - answer if is_reversed else answer), *tail))
        return {"survey_invitations": invitations, "survey_responses": responses}


def _items(settings: dict) -> list[tuple[str, str, bool, str, str]]:
    """Item, dimension, whether it is reversed, and its name in both languages."""
    found = []
    for name, dimension in settings["dimensions"].items():
        for place in range(dimension["items"]):
            number = place + dimension.get("first", 1)
            item, is_reversed = f"{dimension['letter']}{number}", place in dimension.get("reversed", [])
            texts = (f"{name.replace('_', ' ').capitalize()}, item {item}", f"{dimension['zh']} {item}")
            found.append((item, name, is_reversed, *texts))
    return found


def _band(name: str, value: float) -> str:
    return next(text for below, text in _BANDS[name] if value < below)
