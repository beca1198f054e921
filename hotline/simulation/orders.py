"""The order desk that the centre keeps for a supplier: orders, deliveries from stock, what is left in the evening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from hotline.simulation.scenario import Scenario

_SUNDAY = 6
_OPENS, _CLOSES = 8 * 3600, 18 * 3600


@dataclass
class _Order:
    """One order; `ready` is the day from which it can be delivered."""

    name: str
    ordered_at: datetime
    promised: date
    ready: date
    item: int
    quantity: int
    delivered_on: date | None = None
    delivered: int | None = None

    @property
    def row(self) -> tuple[str, ...]:
        """As landing_files.ORDERS names the columns."""
        return (
            self.name, self.ordered_at.isoformat(), self.promised.isoformat(),
            self.delivered_on.isoformat() if self.delivered_on else "",
            str(self.quantity), "" if self.delivered is None else str(self.delivered),
        )  # fmt: skip


class OrderDesk:
    """Orders and stock from day to day; nothing is ordered, delivered or restocked on Sundays.

    Each item is restocked to what sells in `cover_days`, some days after half of that is gone. An order is delivered
    from what is there, and that is the end of it: in part, if that is less; on a later day, if there is nothing.
    """

    def __init__(self, scenario: Scenario, agents: int, zone: ZoneInfo, seed: int) -> None:
        self._settings, self._zone, self._seed = scenario.settings["orders"], zone, seed
        self._items = list(self._settings["items"])
        self._shares = np.array(list(self._settings["items"].values()), dtype=float)
        self._a_day = self._settings["a_day_per_agent"] * agents
        quantity = self._settings["quantity"]
        sold = self._a_day * self._shares * quantity * self._settings["cover_days"]
        self._most = [int(amount) for amount in np.ceil(sold + 2 * quantity)]
        self._on_hand = self._most.copy()
        self._restocked: dict[int, date] = {}
        self._open: list[_Order] = []

    def month(self, day: date, days: int) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
        """Rows of `orders` that were open on any of `days` days from `day`, and rows of `stock` of every evening.

        To be asked for one month after the other: an order that is open at the end comes again in the next.
        """
        orders, stock = list(self._open), []
        for today in (day + timedelta(days=number) for number in range(days)):
            if today.weekday() != _SUNDAY:
                draw = np.random.default_rng([self._seed, 23, today.toordinal()])
                self._restock(today, draw)
                made = self._ordered(today, draw)
                orders += made
                self._open += made
                self._deliver(today)
            stock += [
                (item, today.isoformat(), str(there)) for item, there in zip(self._items, self._on_hand, strict=True)
            ]
        return [order.row for order in orders], stock

    def _ordered(self, today: date, draw: np.random.Generator) -> list[_Order]:
        settings, count = self._settings, int(draw.poisson(self._a_day))
        seconds = np.sort(draw.integers(_OPENS, _CLOSES, count))
        items = draw.choice(len(self._items), count, p=self._shares / self._shares.sum())
        quantities = draw.geometric(1 / settings["quantity"], count)
        late = np.where(
            draw.random(count) < settings["late"]["share"], draw.geometric(1 / settings["late"]["days"], count), 0
        )
        midnight = datetime(today.year, today.month, today.day, tzinfo=self._zone)
        promised = today + timedelta(days=settings["promised_after_days"])
        promised += timedelta(days=promised.weekday() == _SUNDAY)
        return [
            _Order(
                name=f"P{today:%Y%m%d}{number + 1:04d}",
                ordered_at=midnight + timedelta(seconds=int(seconds[number])),
                promised=promised,
                ready=promised + timedelta(days=int(late[number])),
                item=int(items[number]),
                quantity=int(quantities[number]),
            )
            for number in range(count)
        ]

    def _deliver(self, today: date) -> None:
        for order in self._open:
            there = self._on_hand[order.item]
            if order.ready <= today and there:
                order.delivered_on, order.delivered = today, min(order.quantity, there)
                self._on_hand[order.item] -= order.delivered
        self._open = [order for order in self._open if not order.delivered_on]

    def _restock(self, today: date, draw: np.random.Generator) -> None:
        """Items that come today, and when those come of which half is gone."""
        least, mean = self._settings["restocked_after"]["least"], self._settings["restocked_after"]["mean"]
        after = least - 1 + draw.geometric(1 / (mean - least + 1), len(self._items))
        for item, most in enumerate(self._most):
            if self._restocked.get(item, date.max) <= today:
                self._on_hand[item] = most
                del self._restocked[item]
            if self._on_hand[item] * 2 <= most and item not in self._restocked:
                self._restocked[item] = today + timedelta(days=int(after[item]))
