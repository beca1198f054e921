"""Outages by place, and the calls that they bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

import numpy as np

from hotline.simulation.scenario import Scenario

_HOUR = 3600
_DAY = 24 * _HOUR


@dataclass(frozen=True)
class Outage:
    """Of one place; `begins` and `ends` are seconds of the simulation. A `number` may be that of several places."""

    number: int
    place: int
    planned: bool
    begins: int
    ends: int
    customers: int
    information_correct: bool


class Grid:
    """Draws the outages of a day."""

    def __init__(self, scenario: Scenario, customers: int, seed: int) -> None:
        self._scenario, self._settings, self._seed = scenario, scenario.settings["outages"], seed
        shares = np.array(list(scenario.settings["calls"]["places"].values()))
        self._customers, self._places = customers * shares, len(shares)
        self._per_day = self._settings["a_day_per_100000_customers"] * customers / 100_000

    def day(self, day: date, begins: int, is_stormy: bool) -> list[Outage]:
        settings = self._settings
        draw = np.random.default_rng([self._seed, 14, day.toordinal()])
        found, number = [], int(f"{day:%Y%m%d}") * 1000
        kinds = (("unplanned", settings["storm"] if is_stormy else 1.0), ("planned", 1.0))
        for name, more in kinds:
            kind = settings[name]
            for _ in range(draw.poisson(self._per_day * kind["share"] * more)):
                number += 1
                hour = draw.integers(9, 14) if name == "planned" else draw.integers(6, 23)
                starts = begins + int(hour) * _HOUR + int(draw.integers(0, _HOUR))
                length = int(np.exp(np.log(kind["length"]) - 0.3 + 0.7 * draw.standard_normal()))
                places = draw.permutation(self._places)[: 1 + (draw.random() < settings["two_places"])]
                for place in places:
                    affected = self._customers[place] * settings["affected"] * draw.exponential()
                    right = draw.random() < settings["information_correct"]
                    found.append(
                        Outage(
                            number, int(place), name == "planned", starts, starts + max(length, 900),
                            1 + int(affected), bool(right),
                        )
                    )  # fmt: skip
        return found

    def calls(self, outages: list[Outage], ends: int, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Seconds before `ends`, and places, of the calls of people who are without power."""
        seconds, places = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
        for outage in outages:
            share = self._settings["calls"]["planned" if outage.planned else "unplanned"]
            after = draw.exponential(self._settings["calls"]["after"], draw.poisson(outage.customers * share))
            moments = outage.begins + after.astype(np.int64)
            moments = moments[moments < min(outage.ends, ends)]
            seconds.append(moments)
            places.append(np.full(len(moments), outage.place))
        return np.concatenate(seconds), np.concatenate(places)

    def rows(self, outages: list[Outage], start: int, zone: ZoneInfo) -> list[tuple[str, ...]]:
        """Of the file: outage_id, area, planned, approved_at, copied_at, announced_at, starts_at, ends_at,
        customers_affected, information_correct. `start` is the first second of the simulation, in UTC.
        """
        names = self._scenario.places

        def told(second: int) -> str:
            return datetime.fromtimestamp(start + second, UTC).astimezone(zone).isoformat()

        found = []
        for outage in outages:
            before = ("", "", "")
            if outage.planned:
                approved, copied, announced = self._planning(outage)
                before = (told(approved), told(copied), told(announced))
            found.append(
                (
                    f"O{outage.number}", names[outage.place], str(outage.planned).lower(), *before, told(outage.begins),
                    told(outage.ends), str(outage.customers), str(outage.information_correct).lower(),
                )
            )  # fmt: skip
        return found

    def notices(self, outages: list[Outage], important: list[str], start: int, zone: ZoneInfo) -> list[tuple[str, ...]]:
        """Of the file: outage_id, customer_id, channel, sent_at, confirmed_at.

        Some of the `important` customers are told one by one of a planned outage.
        """
        settings = self._settings["notices"]
        channels, shares = list(settings["channels"]), list(settings["channels"].values())

        def told(second: int) -> str:
            return datetime.fromtimestamp(start + second, UTC).astimezone(zone).isoformat()

        found = []
        planned = [outage for outage in outages if outage.planned]
        for number, of_outage in groupby(planned, lambda outage: outage.number):
            first, *others = of_outage
            draw = np.random.default_rng([self._seed, 20, number])
            affected = first.customers + sum(other.customers for other in others)
            some = 1 + draw.poisson(affected * settings["of_affected"])
            announced = self._planning(first)[2]
            for chosen in draw.permutation(len(important))[:some]:
                late = draw.random() < settings["late"]
                sent = first.begins + _HOUR if late else announced + int(draw.integers(0, 2 * _HOUR))
                is_confirmed = draw.random() < settings["confirmed"]
                confirmed = sent + int(draw.integers(60, 8 * _HOUR))
                found.append(
                    (
                        f"O{number}", important[chosen], str(draw.choice(channels, p=shares)), told(sent),
                        told(confirmed) if is_confirmed else "",
                    )
                )  # fmt: skip
        return found

    def _planning(self, outage: Outage) -> tuple[int, int, int]:
        """Seconds at which the plan was approved, copied and announced: in good time or, now and then, too late."""
        draw = np.random.default_rng([self._seed, 15, outage.number])
        is_late = draw.random() < self._settings["announced_late"]
        announced = outage.begins - (5 if is_late else 8) * _DAY - int(draw.integers(0, 7200))
        approved = announced - 4 * _DAY
        return approved, approved + int(draw.integers(1, 30)) * _HOUR, announced
