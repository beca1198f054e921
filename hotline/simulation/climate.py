"""Weather and calendar: what makes one day's calls more than another's, and is known to everybody."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import holidays
import numpy as np

from hotline.simulation.scenario import Scenario

_MEMORY = 12  # days that a spell of weather is made of


@dataclass(frozen=True)
class Event:
    """Something that the calendar knew before. `factor` is on all calls, or on those of the `business_types` named."""

    name: str
    factor: float
    business_types: tuple[str, ...] = ()
    begins: str = "00:00"
    ends: str = "24:00"


class Climate:
    """Depends on seed and day only: not on where the simulation begins."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._settings, self._seed = scenario.settings, seed
        self._holidays = holidays.country_holidays(scenario.settings["calendar"]["country"])

    def weather(self, day: date) -> list[tuple[float, float, float]]:
        """Highest and lowest temperature in °C, and rain in mm, per place of the scenario."""
        weather = self._settings["weather"]
        weights = weather["persistence"] ** np.arange(_MEMORY)
        weights /= math.sqrt((weights**2).sum())
        moods = [
            np.random.default_rng([self._seed, 8, day.toordinal() - back]).standard_normal() for back in range(_MEMORY)
        ]
        mood = float(weights @ np.array(moods))
        draw = np.random.default_rng([self._seed, 9, day.toordinal()])
        # The warmest day is about the 25th of July.
        year = math.cos(2 * math.pi * (day.timetuple().tm_yday - 206) / 365.25)
        middle = weather["mean_of_year"] + weather["summer_more"] * year + weather["noise"] * mood
        found = []
        for warmer in weather["places"].values():
            most = min(middle + warmer + 0.4 * draw.standard_normal(), weather["most"])
            rain = draw.exponential(9) if draw.random() < 0.28 - 0.1 * np.tanh(mood) else 0.0
            found.append((round(most, 1), round(most - 6 - 3 * draw.random(), 1), round(rain, 1)))
        return found

    def heat(self, day: date) -> np.ndarray:
        """Factor on the calls of each place."""
        heat = self._settings["weather"]["heat"]
        most = np.array([most for most, _, _ in self.weather(day)])
        return 1 + heat["per_degree"] * np.maximum(0, most - heat["above"])

    def events(self, day: date) -> list[Event]:
        calendar = self._settings["calendar"]
        found = []
        if day in self._holidays:
            found.append(Event("holiday", calendar["holiday"]["factor"]))
        for name, event in calendar["yearly"].items():
            if f"{day:%m-%d}" in event["days"]:
                found.append(Event(name, event["factor"], tuple(event.get("business_types", ()))))
        draw = np.random.default_rng([self._seed, 5, day.toordinal()])
        for name, event in calendar["now_and_then"].items():
            if draw.random() < event["share_of_days"]:
                found.append(Event(name, event["factor"], tuple(event["business_types"]), event["from"], event["to"]))
        return found

    def weather_rows(self, days: list[date]) -> list[tuple[str, ...]]:
        """Of the file: place, day, max_celsius, min_celsius, rain_mm."""
        places = list(self._settings["weather"]["places"])
        return [
            (place, day.isoformat(), *(f"{value:.1f}" for value in values))
            for day in days
            for place, values in zip(places, self.weather(day), strict=True)
        ]

    def event_rows(self, first: date) -> list[tuple[str, ...]]:
        """Of the file of a month: day, place (empty: everywhere), event, expected_factor.

        The factor of an event that concerns some business types only is that on all calls.
        """
        shares = {name: kind["share"] for name, kind in self._settings["business_types"].items()}
        curve = self._settings["calls"]["by_half_hour"]
        rows, day = [], first
        while day.month == first.month:
            for event in self.events(day):
                factor = event.factor
                if event.business_types:
                    hours = slice(int(event.begins[:2]) * 2, int(event.ends[:2]) * 2)
                    share = sum(shares[name] for name in event.business_types) * sum(curve[hours]) / sum(curve)
                    factor = 1 + (factor - 1) * share
                rows.append((day.isoformat(), "", event.name, f"{factor:.3f}"))
            day += timedelta(days=1)
        return rows
