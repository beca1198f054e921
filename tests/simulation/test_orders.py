"""The order desk: deliveries from stock add up, and are as late as drawn."""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from simulated_centres import SHIPPED

from hotline.simulation.orders import OrderDesk

SETTINGS = SHIPPED.settings["orders"]
START, AGENTS = date(2024, 2, 1), 40
Month = tuple[list[tuple[str, ...]], list[tuple[str, ...]]]


def months(number: int, last_days: int = 31) -> list[Month]:
    desk, day, found = OrderDesk(SHIPPED, AGENTS, ZoneInfo("Asia/Shanghai"), seed=4), START, []
    for place in range(number):
        following = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
        found.append(desk.month(day, min((following - day).days, last_days if place == number - 1 else 31)))
        day = following
    return found


@pytest.fixture(scope="module")
def year() -> list[Month]:
    return months(12)


@pytest.fixture(scope="module")
def orders(year: list[Month]) -> dict[str, tuple[str, ...]]:
    """The last that is told of each order."""
    return {row[0]: row for rows, _ in year for row in rows}


@pytest.fixture(scope="module")
def stock(year: list[Month]) -> dict[date, dict[str, int]]:
    """On hand in the evening, by day and item."""
    evenings: dict[date, dict[str, int]] = {}
    for _, rows in year:
        for item, day, on_hand in rows:
            evenings.setdefault(date.fromisoformat(day), {})[item] = int(on_hand)
    return evenings


def test_there_is_a_row_of_stock_for_each_item_and_evening_and_never_less_than_nothing(
    stock: dict[date, dict[str, int]],
) -> None:
    assert list(stock) == [START + timedelta(days=number) for number in range(366)]
    assert all(evening.keys() == SETTINGS["items"].keys() for evening in stock.values())
    assert min(min(evening.values()) for evening in stock.values()) == 0, "there are shortages"


def test_stock_is_what_was_there_and_came_less_what_was_delivered(
    orders: dict[str, tuple[str, ...]], stock: dict[date, dict[str, int]]
) -> None:
    delivered = dict.fromkeys(stock, 0)
    for *_, day, _, quantity in orders.values():
        if day:
            delivered[date.fromisoformat(day)] += int(quantity)
    restocked = 0
    for (_, before), (day, after) in pairwise(stock.items()):
        came = sum(after.values()) - sum(before.values()) + delivered[day]
        # Nothing but a restocked item has more than the evening before.
        assert came >= sum(max(0, after[item] - before[item]) for item in after), day
        if all(after[item] <= before[item] for item in after):
            assert came == 0, day
        restocked += came > 0
        if day.weekday() == 6:
            assert (after, delivered[day]) == (before, 0)
    assert 50 < restocked < 200


def test_an_order_is_delivered_once_not_before_the_promise_and_not_more_than_was_ordered(
    orders: dict[str, tuple[str, ...]], year: list[Month]
) -> None:
    for _, ordered, promised, delivered_on, quantity, delivered in orders.values():
        assert ordered[:10] < promised
        assert (delivered_on == "") == (delivered == "")
        if delivered:
            assert promised <= delivered_on
            assert 1 <= int(delivered) <= int(quantity)
    partial = sum(0 < int(row[5] or 0) < int(row[4]) for row in orders.values())
    assert 3 < partial < len(orders) / 20
    # What is open at the end of a month comes again in the next, and nothing else does.
    for (rows, _), (later, _) in pairwise(year):
        assert {row[0] for row in rows if not row[3]} == {row[0] for row in rows} & {row[0] for row in later}
    assert all(row[3] for row in orders.values() if row[2] < "2025-01-01"), "none is forgotten"


def test_orders_come_and_are_late_as_drawn(
    orders: dict[str, tuple[str, ...]], stock: dict[date, dict[str, int]]
) -> None:
    open_days = sum(day.weekday() != 6 for day in stock)
    expected = SETTINGS["a_day_per_agent"] * AGENTS * open_days
    assert abs(len(orders) - expected) < 4 * math.sqrt(expected)
    quantities = [int(row[4]) for row in orders.values()]
    mean = SETTINGS["quantity"]
    assert abs(sum(quantities) / len(orders) - mean) < 4 * math.sqrt(mean * (mean - 1) / len(orders))

    # Beyond those that are late anyway, some wait for an item that is not there.
    done = [row for row in orders.values() if row[3]]
    late = sum(row[3] > row[2] for row in done) / len(done)
    assert SETTINGS["late"]["share"] - 4 * math.sqrt(0.06 / len(done)) < late < SETTINGS["late"]["share"] + 0.08


def test_one_item_hardly_moves(stock: dict[date, dict[str, int]]) -> None:
    """Days in a row without a change, at most, and the share of weeks without one."""
    longest, still = {}, {}
    for item in SETTINGS["items"]:
        levels = [evening[item] for evening in stock.values()]
        run = best = weeks = 0
        for before, after in pairwise(levels):
            run = run + 1 if after == before else 0
            best, weeks = max(best, run), weeks + (run >= 7)
        longest[item], still[item] = best, weeks / len(levels)
    assert longest["heritage_lamp"] > 30
    assert still["heritage_lamp"] > 0.5
    assert all(share < 0.1 for item, share in still.items() if item != "heritage_lamp")


def test_a_longer_run_begins_alike() -> None:
    short, long = months(2, last_days=10), months(3)
    assert short[0] == long[0]
    # Of the last month what was not delivered yet is known later.
    assert short[1][1] == long[1][1][: len(short[1][1])]
    later = {row[0]: row for row in long[1][0]}
    assert all(row[:3] == later[row[0]][:3] for row in short[1][0])
    assert all(row == later[row[0]] for row in short[1][0] if row[3])
