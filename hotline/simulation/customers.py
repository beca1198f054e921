"""The customers: a row each per month, and the tier that a caller has by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from hotline.simulation.scenario import Scenario

CUSTOMER = np.dtype(
    [
        (name, np.int64)
        for name in (
            "customer", "month", "arpu", "joined", "left", "credit", "list", "kind", "is_important", "segment",
            "birth_year", "gender", "company", "phone", "address",
        )
    ]
)  # fmt: skip
CREDITS = ("A", "B", "C", "D")
LISTS = ("normal", "red", "black")
_BLACK = LISTS.index("black")
_AT_ONCE = 65_536
_MONTH = 30.4


class Customers:
    """`number` places, each with one customer at a time: who has left is followed by a new one in the next month.

    A customer's number is his place plus `number` for each who had it before. What the queue reads has one value per
    place: `tier` (which of `tiers` of the scenario), `is_black` and `before` (how many had the place).
    """

    def __init__(self, scenario: Scenario, number: int, start: date, last: date, seed: int) -> None:
        self._scenario, self.number, self._seed, self._last = scenario, number, seed, last.toordinal()
        self._settings = scenario.settings["customers"]
        self._segments = list(self._settings["segments"].values())
        self.tier = np.zeros(number, dtype=np.int8)
        self.before = np.zeros(number, dtype=np.int32)
        self.is_black = np.zeros(number, dtype=np.int8)
        self._left = np.zeros(number, dtype=np.int32)
        self._joined = np.zeros(number, dtype=np.int32)
        self._usual = np.zeros(number, dtype=np.float32)  # ARPU
        self._cents = np.zeros(number, dtype=np.int32)
        self._declines = np.zeros(number, dtype=bool)
        for name, form in (
            ("segment", np.int8), ("credit", np.int8), ("list", np.int8), ("important", np.int8),
            ("birth_year", np.int16), ("gender", np.int8), ("named", np.int8), ("phone", np.int8), ("address", np.int8),
        ):  # fmt: skip
            setattr(self, f"_{name}", np.zeros(number, dtype=form))
        draw = np.random.default_rng([seed, 6])
        since = draw.exponential(self._settings["months_so_far"] * _MONTH, number)
        self._new(np.arange(number), (start.toordinal() - since).astype(np.int32), start.year, draw)

    def _new(self, places: np.ndarray, joined: np.ndarray, year: int, draw: np.random.Generator) -> None:
        """Other customers in these places."""
        settings, count = self._settings, len(places)
        segment = np.searchsorted(
            np.cumsum([entry["share"] for entry in self._segments])[:-1], draw.random(count), side="right"
        )
        median = np.array([entry["arpu"] for entry in self._segments])[segment]
        spread = np.array([entry["spread"] for entry in self._segments])[segment]
        company = np.array([entry["kind"] == "company" for entry in self._segments])[segment]
        self._segment[places] = segment
        self._usual[places] = median * np.exp(spread * draw.standard_normal(count))
        # The 28th is the last day of a month on which anybody joins: a month later is then the same for everybody.
        first = joined - days_of_month(joined) + 1
        self._joined[places] = first + np.minimum(days_of_month(joined), 28) - 1
        self._left[places] = 0
        self._declines[places] = False
        shares = np.cumsum([settings["credit"][grade] for grade in CREDITS])
        grade = np.searchsorted(shares, draw.random(count), side="right")
        self._credit[places] = np.where(grade < len(CREDITS), grade, -1)
        chance = draw.random(count)
        red, black = settings["red"], settings["black"]
        self._list[places] = np.where(chance < red, LISTS.index("red"), np.where(chance < red + black, _BLACK, 0))
        self._important[places] = company & (draw.random(count) < settings["important"])
        complete = settings["complete"]
        born = np.clip(year - 44 + 14 * draw.standard_normal(count), year - 88, year - 18)
        self._birth_year[places] = np.where(company | (draw.random(count) >= complete["birth_year"]), -1, born)
        self._gender[places] = np.where(company, -1, draw.integers(0, 2, count))
        self._named[places] = np.where(company, draw.random(count) < complete["company_name"], -1)
        self._phone[places] = draw.random(count) < complete["phone"]
        self._address[places] = draw.random(count) < complete["address"]

    def is_company(self, customer: np.ndarray) -> np.ndarray:
        """Whether these customers, or who follows them, are companies; who is not known is none."""
        company = np.array([entry["kind"] == "company" for entry in self._segments])
        return (customer >= 0) & company[self._segment[customer % self.number]]

    def important(self) -> list[str]:
        """Ids of the important customers of today, as in the files."""
        places = np.flatnonzero(self._important)
        width = id_width(self.number)
        return [f"C{number:0{width}}" for number in self.number_of(places)]

    def number_of(self, places: np.ndarray) -> np.ndarray:
        """The numbers of the customers who have these places today."""
        return places + self.before[places].astype(np.int64) * self.number

    def joined_within(self, since: date, before: date) -> tuple[np.ndarray, np.ndarray]:
        """Places of those who became customers on `since` or later, and before the other day, and the ordinal days."""
        places = np.flatnonzero((self._joined >= since.toordinal()) & (self._joined < before.toordinal()))
        return places, self._joined[places].astype(np.int64)

    def calls_end(self, places: np.ndarray) -> np.ndarray:
        """From which ordinal day on nobody calls the customers of these places: that on which they leave, as far as it
        is known in their month; always, who has no telephone number or is on the black list.
        """
        left = np.where(self._left[places] > 0, self._left[places], date.max.toordinal())
        return np.where((self._phone[places] == 1) & (self._list[places] != _BLACK), left, 0)

    def month(self, first: date) -> Iterator[np.ndarray]:
        """Turn to the month that begins on `first`; the customers of the month, some thousands at a time."""
        settings, number = self._settings, self.number
        draw = np.random.default_rng([self._seed, 7, first.toordinal()])
        begins = first.toordinal()
        ends = (np.datetime64(first, "M") + 1).astype("datetime64[D]").astype(date).toordinal() - 1
        gone = np.flatnonzero((self._left > 0) & (self._left < begins))
        self.before[gone] += 1
        self._new(gone, begins + draw.integers(0, 28, len(gone)), first.year, draw)
        decline = settings["decline"]
        chance = draw.random(number)
        self._declines = np.where(self._declines, chance >= decline["recovers"], chance < decline["share_a_month"])
        arpu = self._usual * np.exp(settings["month_noise"] * draw.standard_normal(number))
        arpu *= np.where(self._declines, decline["factor"], 1.0)
        self._cents = np.rint(arpu * 100).astype(np.int32)
        leaving = settings["leaving"]
        hazard = np.where(arpu < leaving["arpu"], leaving["below"], leaving["above"])
        hazard = hazard * np.where(self._declines, decline["leaves"], 1.0)
        leaves = draw.random(number) < hazard
        on = np.maximum(begins + draw.integers(0, ends - begins + 1, number), self._joined)
        self._left[leaves] = on[leaves]
        self.is_black[:] = self._list == _BLACK
        self._places_tiers(begins, ends)
        return self._rows(begins)

    def _shown_left(self) -> np.ndarray:
        """Nobody knows who will leave after the last day."""
        return np.where(self._left > self._last, 0, self._left)

    def _places_tiers(self, begins: int, ends: int) -> None:
        """The highest tier of which the customer has what it takes, in the month."""
        left = self._shown_left()
        months = whole_months(self._joined, np.where(left > 0, np.minimum(left, ends), ends))
        points = np.where(self._credit >= 0, len(CREDITS) - self._credit, 0)
        tiers = list(self._scenario.settings["tiers"].values())
        self.tier[:] = 0
        for place in sorted(range(len(tiers)), key=lambda place: tiers[place]["priority"]):
            least = tiers[place].get("least", {})
            credit = least.get("credit")
            self.tier[
                (self._cents >= least.get("arpu", 0) * 100)
                & (months >= least.get("months", 0))
                & (points >= (len(CREDITS) - CREDITS.index(credit) if credit else 0))
            ] = place

    def _rows(self, month: int) -> Iterator[np.ndarray]:
        company = np.array([entry["kind"] == "company" for entry in self._segments])
        left = self._shown_left()
        for since in range(0, self.number, _AT_ONCE):
            part = slice(since, since + _AT_ONCE)
            place = np.arange(self.number)[part]
            rows = np.empty(len(place), dtype=CUSTOMER)
            rows["customer"] = place + self.before[part].astype(np.int64) * self.number
            rows["month"] = month
            rows["arpu"] = self._cents[part]
            rows["joined"] = self._joined[part]
            rows["left"] = np.where(left[part] > 0, left[part], -1)
            rows["kind"] = company[self._segment[part]]
            rows["is_important"] = self._important[part]
            rows["company"] = np.where(self._named[part] == 1, rows["customer"], -1)
            for name in ("credit", "list", "segment", "birth_year", "gender", "phone", "address"):
                rows[name] = getattr(self, f"_{name}")[part]
            yield rows


def id_width(number: int) -> int:
    """Least digits in the id of a customer of a centre with so many."""
    return max(6, len(str(number)))


def days_of_month(ordinal: np.ndarray) -> np.ndarray:
    """1..31."""
    days = dates(ordinal)
    return (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1


def dates(ordinal: np.ndarray) -> np.ndarray:
    return np.asarray(ordinal, dtype=np.int64).view("datetime64[D]") - np.timedelta64(date(1970, 1, 1).toordinal(), "D")


def whole_months(since: np.ndarray, until: np.ndarray) -> np.ndarray:
    """Months that are over between two ordinal days, the first of which is not after the 28th."""
    since, until = dates(since), dates(until)
    months = (until.astype("datetime64[M]") - since.astype("datetime64[M]")).astype(np.int64)
    day = [days - days.astype("datetime64[M]").astype("datetime64[D]") for days in (since, until)]
    return months - (day[1] < day[0])
