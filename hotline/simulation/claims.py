"""The claims desk of the insurer that the centre answers for: claims opened, examined, settled and refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from hotline.simulation.scenario import Scenario

_HOUR = 3600


def claim_rows(
    scenario: Scenario, agents: int, first: date, days: int, last: date, zone: ZoneInfo, seed: int
) -> list[tuple[str, ...]]:
    """Rows of `claims` opened on `days` days from `first`, in order, as landing_files.CLAIMS names the columns.

    What happens after `last` nobody knows yet: such a claim is not settled and nothing has been paid on it.
    """
    settings = scenario.settings["claims"]
    rows = []
    for day in (first + timedelta(days=number) for number in range(days)):
        draw = np.random.default_rng([seed, 19, day.toordinal()])
        for number in range(1, int(draw.poisson(settings["a_day_per_agent"] * agents)) + 1):
            rows.append((f"L{day:%Y%m%d}{number:03d}", *_claim(settings, day, last, zone, draw)))
    return rows


def _claim(
    settings: dict[str, Any], day: date, last: date, zone: ZoneInfo, draw: np.random.Generator
) -> tuple[str, ...]:
    """One claim without its id. Every claim draws as often as any other, so that none changes the next."""
    names = list(settings["products"])
    name = names[draw.choice(len(names), p=[product["share"] for product in settings["products"].values()])]
    product, chances, parts = settings["products"][name], draw.random(6), draw.random(5)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    opened = midnight + timedelta(seconds=int(draw.integers(8 * _HOUR, 19 * _HOUR)))
    settled = opened + timedelta(hours=int(24 * draw.gamma(2.0, settings["settled_after_days"] / 2)))
    injury = bool(chances[0] < product["injury"])
    reserved = product["amount"] * float(np.exp(0.8 * draw.standard_normal() - 0.32)) * (2.5 if injury else 1.0)
    is_due = injury and reserved > settings["examined"]["above"]
    examined = injury and bool(chances[1] < settings["examined"]["must" if is_due else "may"])
    fraud = bool(chances[2] < settings["fraud"])
    refused = reserved * (1.0 if fraud else parts[0] if chances[3] < settings["refused"] else 0.0)
    rest = reserved - refused
    price = rest * settings["price_reduction"] * parts[1] if name == "motor" else 0.0
    by_injury = rest * settings["injury_reduction"] * parts[2] if examined else 0.0
    paid = rest - price - by_injury
    recovered = paid * parts[3] if chances[4] < settings["recovered"] else 0.0
    premium = product["premium"] * (0.7 + 0.6 * parts[4])
    known = settled.date() <= last

    def later(text: str) -> str:
        return text if known else ""

    return (
        opened.isoformat(), later(settled.isoformat()), name, f"{premium:.2f}", f"{reserved:.2f}", later(f"{paid:.2f}"),
        str(injury).lower(), str(examined).lower(), later(str(fraud).lower()),
        *(later(f"{amount:.2f}") for amount in (recovered, refused, price, by_injury)),
    )  # fmt: skip
