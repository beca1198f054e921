"""The campaign desk: who was put on a list, and what came of each attempt to reach them.

A bureau makes these calls beside the hotline: its agents are no employees of the centre, and its calls do not run over
the centre's switch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hotline.simulation.customers import Customers, days_of_month
from hotline.simulation.scenario import DAY, Scenario, duration
from hotline.simulation.tables import EMPTY

ENTRY = np.dtype([(name, np.int64) for name in ("campaign", "list", "customer", "extracted")])
ATTEMPT = np.dtype(
    [
        (name, np.int64)
        for name in (
            "campaign", "list", "customer", "attempt", "occurred", "agent", "result", "reason", "satisfaction",
            "is_complete", "is_sold", "amount",
        )
    ]
)  # fmt: skip
PURPOSES = ("sales", "member_call_back")
_LISTED = np.dtype([(name, np.int64) for name in ("place", "extracted", "called")])
"""Who is on a list: a customer's place, and the ordinal days of the extraction and of the first attempt."""
LISTS = ("residents", "companies")
RESULTS = ("reached", "no_answer", "busy", "wrong_number", "refused")
_REACHED, _WRONG_NUMBER, _REFUSED = (RESULTS.index(name) for name in ("reached", "wrong_number", "refused"))
SATISFACTIONS = ("satisfied", "neutral", "dissatisfied")
_DISSATISFIED = SATISFACTIONS.index("dissatisfied")


@dataclass(frozen=True)
class Campaigns:
    """The campaigns of a month: rows of `campaigns`, and what was extracted and tried (ENTRY, ATTEMPT) by time."""

    rows: list[tuple[str, ...]]
    entries: np.ndarray
    attempts: np.ndarray


class Bureau:
    """Who makes the campaigns' calls. `second_of` tells when a day begins, in seconds of the simulation."""

    def __init__(
        self, scenario: Scenario, agents: int, customers: Customers, last: date, seed: int,
        second_of: Callable[[date], int],
    ) -> None:  # fmt: skip
        self._settings, self._windows = scenario.settings["campaigns"], scenario.rules.windows
        self._customers, self._last, self._seed, self._second_of = customers, last.toordinal(), seed, second_of
        self._reasons = reasons(scenario)
        agents = max(2, round(agents * self._settings["agents"]))
        self._skill = self._settings["skill"] * np.random.default_rng([seed, 21]).standard_normal(agents)

    def month(self, first: date, day: date) -> Campaigns:
        """The campaigns of the month of `first`, with the lists that are extracted on `day` or after it.

        What comes after the last simulated day is drawn like the rest and left out, so that a longer run begins alike.
        To be asked when the customers have turned to the month: who leaves in it is known.
        """
        begins = self._begins(first)
        rows, entries, attempts = [], [np.empty(0, dtype=ENTRY)], [np.empty(0, dtype=ATTEMPT)]
        for number, listing in enumerate((self._sales, self._new_members), start=1):
            draw = np.random.default_rng([self._seed, 22, first.toordinal(), number])
            listed = listing(first, draw)
            calls_end = self._customers.calls_end(listed["place"])
            is_listed = (listed["extracted"] >= day.toordinal()) & (listed["extracted"] < calls_end)
            listed, calls_end = listed[is_listed], calls_end[is_listed]
            if not len(listed) or listed["extracted"].min() > self._last:
                continue
            campaign, settings = int(f"{first:%Y%m}{number}"), self._settings[PURPOSES[number - 1]]
            entry = np.empty(len(listed), dtype=ENTRY)
            entry["campaign"], entry["customer"] = campaign, self._customers.number_of(listed["place"])
            entry["list"] = self._customers.is_company(listed["place"])
            entry["extracted"] = begins[listed["extracted"] - first.toordinal()] + self._settings["extracted_at"]
            entries.append(entry[listed["extracted"] <= self._last])

            made = self._attempts(settings, entry, draw)
            days = listed["called"][:, None] + np.arange(settings["attempts"])
            ends = first.toordinal() + len(begins) - 1
            made["occurred"] = begins[np.minimum(days, ends) - first.toordinal()] + self._moments(
                draw.random(days.shape)
            )
            is_used = draw.random(len(listed)) >= settings["unused"]
            is_made = is_used[:, None] & (days < calls_end[:, None]) & (days <= min(ends, self._last))
            attempts.append(made[is_made & _is_tried(made["result"])])

            starts = date.fromordinal(int(listed["extracted"].min()))
            target = round(settings["target"] * len(listed))
            ends_on = date.fromordinal(ends).isoformat()
            rows.append((f"M{campaign}", starts.isoformat(), ends_on, str(target), PURPOSES[number - 1]))
        return Campaigns(rows, _by_time(entries, "extracted"), _by_time(attempts, "occurred"))

    def _sales(self, first: date, draw: np.random.Generator) -> np.ndarray:
        """Some of the customers (_LISTED), all on one day; their first calls are spread over the days that follow."""
        settings = self._settings["sales"]
        places = np.flatnonzero(draw.random(self._customers.number) < settings["listed"])
        listed = np.empty(len(places), dtype=_LISTED)
        listed["place"], listed["extracted"] = places, first.toordinal() + settings["from"] - 1
        listed["called"] = listed["extracted"] + draw.integers(1, settings["days"] + 1, len(listed))
        return listed

    def _new_members(self, first: date, draw: np.random.Generator) -> np.ndarray:
        """Who became a customer in the month before (_LISTED), on the same day of this month."""
        places, joined = self._customers.joined_within((first - timedelta(days=1)).replace(day=1), first)
        listed = np.empty(len(places), dtype=_LISTED)
        listed["place"], listed["extracted"] = places, first.toordinal() + days_of_month(joined) - 1
        share = self._settings["member_call_back"]["called_on_a_day"]
        listed["called"] = listed["extracted"] + draw.geometric(share, len(listed)) - 1
        return listed

    def _attempts(self, settings: dict, entry: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        """What each attempt (entries × attempts) would come to, if it is made."""
        shape = (len(entry), settings["attempts"])
        made = np.full(shape, EMPTY, dtype=ATTEMPT)
        for name in ("campaign", "list", "customer"):
            made[name] = entry[name][:, None]
        made["attempt"] = np.arange(1, settings["attempts"] + 1)
        made["agent"] = draw.integers(1, len(self._skill) + 1, shape)
        skill = self._skill[made["agent"] - 1]
        result = _chosen(RESULTS, self._settings["answers"], draw.random(shape))
        talks = result == _REACHED
        refuses = talks & (draw.random(shape) < _moved(settings["refused"], -skill))
        listens = talks & ~refuses
        made["result"] = np.where(refuses, _REFUSED, result)
        made["is_complete"] = np.where(talks, draw.random(shape) < settings["complete"], EMPTY)
        gives_reason = refuses
        if "sold" in settings:
            odds = skill + np.where(made["list"] == LISTS.index("companies"), np.log(settings["companies_buy"]), 0.0)
            sold = listens & (draw.random(shape) < _moved(settings["sold"], odds))
            made["is_sold"] = np.where(listens, sold, EMPTY)
            mu, sigma = duration(settings["amount"])
            amount = np.rint(100 * np.exp(mu + sigma * draw.standard_normal(shape)))
            made["amount"] = np.where(sold, amount, EMPTY)
        else:
            felt = _chosen(SATISFACTIONS, settings["satisfaction"], draw.random(shape))
            made["satisfaction"] = np.where(listens, felt, EMPTY)
            gives_reason = listens & (felt == _DISSATISFIED)
        reason = _chosen(self._reasons, settings["reasons"], draw.random(shape))
        made["reason"] = np.where(gives_reason, reason, EMPTY)
        return made

    def _begins(self, first: date) -> np.ndarray:
        """The second at which each day of the month begins, by the clock that holds at its end, and so by day."""
        after = (first + timedelta(days=31)).replace(day=1)
        days = (first + timedelta(days=number) for number in range(1, (after - first).days + 1))
        return np.array([self._second_of(day) for day in days]) - DAY

    def _moments(self, chances: np.ndarray) -> np.ndarray:
        """Seconds of the day within the hours in which customers may be called, spread evenly."""
        lengths = self._windows["closes"] - self._windows["opens"]
        since = (chances * lengths.sum()).astype(np.int64)
        window = np.searchsorted(np.cumsum(lengths), since, side="right")
        return (self._windows["opens"] - np.cumsum(lengths) + lengths)[window] + since


def reasons(scenario: Scenario) -> list[str]:
    """Why people refuse, and why they are dissatisfied."""
    return [reason for purpose in PURPOSES for reason in scenario.settings["campaigns"][purpose]["reasons"]]


def _is_tried(result: np.ndarray) -> np.ndarray:
    """Which attempts (entries × attempts) are not after one that settled the matter."""
    settles = np.isin(result, (_REACHED, _REFUSED, _WRONG_NUMBER))
    return np.cumsum(settles, axis=1) - settles == 0


def _chosen(names: Sequence[str], shares: dict[str, float], chances: np.ndarray) -> np.ndarray:
    """Places among `names`, drawn by the shares."""
    places = np.array([names.index(name) for name in shares])
    return places[np.searchsorted(np.cumsum(list(shares.values()))[:-1], chances, side="right")]


def _moved(share: float, by: np.ndarray) -> np.ndarray:
    """The share whose log odds are greater by so much."""
    return 1 / (1 + np.exp(-(np.log(share / (1 - share)) + by)))


def _by_time(parts: list[np.ndarray], time: str) -> np.ndarray:
    rows = np.concatenate(parts)
    return rows[np.argsort(rows[time], kind="stable")]
