"""First contact resolution, counted contact by contact in plain Python, and in builds of single days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from hotline import landing
from tests.models.conftest import Centre, some_visits, visit
from tests.models.test_replaced_days import agreed, at, name

DAY = date(2025, 3, 10)
PERIODS = (1, 3, 7, 14, 30)
CONTACTS = (
    "select source, contact_id, customer_id, business_type_id, entered_at, arrival_on, is_entered,"
    " is_answered or is_self_served from operations.marts.fct_contact"
)
RESOLVED = ", ".join(f"is_resolved_{days}_days" for days in PERIODS)


def resolved_one_by_one(centre: Centre, last_day: date) -> dict[str, tuple[bool | None, ...]]:
    """Contact → resolved for each of the periods, by comparing every contact with every other."""
    rows = centre.query(CONTACTS)
    found = {}
    for _, contact, customer, matter, entered, arrival, got_in, handled in rows:
        if not (got_in and handled) or customer.endswith("/unknown"):
            continue
        later = [
            other_entered - entered
            for _, other, other_customer, other_matter, other_entered, _, other_got_in, _ in rows
            if other_got_in
            and (other_customer, other_matter) == (customer, matter)
            and (other_entered, other) > (entered, contact)
        ]
        found[contact] = tuple(
            None if (last_day - arrival).days < days else not any(wait <= timedelta(days=days) for wait in later)
            for days in PERIODS
        )
    return found


def test_every_contact_is_judged_as_by_comparing_all_with_all(centre: Centre) -> None:
    days = (0, 1, 2, 4, 7, 8, 15, 33)
    for number in days:
        centre.land(name(number), some_visits(DAY + timedelta(days=number), seed=3))
    centre.build()
    mart = {
        contact: tuple(resolved)
        for contact, *resolved in centre.query(
            f"select contact_id, {RESOLVED} from operations.marts.contact_resolution"
        )
    }
    expected = resolved_one_by_one(centre, DAY + timedelta(days=33))
    assert mart == expected
    assert {resolved[2] for resolved in mart.values()} == {True, False, None}
    sums = ", ".join(f"sum(judged_{days}_days), sum(resolved_{days}_days)" for days in PERIODS)
    ((*counted,),) = centre.query(f"select sum(contacts), {sums} from operations.marts.resolution_by_day")
    by_hand = [len(expected)]
    for values in zip(*expected.values(), strict=True):
        by_hand += [sum(value is not None for value in values), sum(value is True for value in values)]
    assert counted == by_hand


def calls_of_ann(number: int) -> list[dict]:
    return [visit(at(number, "12:00:00"), f"c{number}", customer_id="ann", business_type="bill")]


def judged(centre: Centre, number: int) -> tuple:
    ((*resolved,),) = centre.query(
        f"select {RESOLVED} from operations.marts.contact_resolution where contact_id = 'c{number}'"
    )
    return tuple(resolved)


def test_a_later_day_changes_the_rows_of_the_thirty_days_before_it_and_its_withdrawal_changes_them_back(
    centre: Centre,
) -> None:
    for number in (0, 2):
        centre.land(name(number), calls_of_ann(number))
    centre.build()
    assert judged(centre, 0) == (True, None, None, None, None)

    # Days are missing in between: what comes next is 29 days on.
    centre.land(name(31), calls_of_ann(31))
    agreed(centre)
    assert judged(centre, 0) == (True, False, False, False, False)
    assert judged(centre, 2) == (True, True, True, True, None)

    # A day in between is a repeat for the one and has one itself.
    centre.land(name(12), calls_of_ann(12))
    agreed(centre)
    assert judged(centre, 2) == (True, True, True, False, None)
    assert judged(centre, 12) == (True, True, True, True, None)

    # The last day goes: what was known is unknown again.
    landing.withdraw(centre.home, f"calls/{name(31)}.csv")
    agreed(centre)
    assert judged(centre, 2) == (True, True, True, None, None)

    # An empty day is a loaded day: nobody called again.
    centre.land(name(40), [])
    agreed(centre)
    assert judged(centre, 12) == (True, True, True, True, None)
    assert judged(centre, 2) == (True, True, True, False, False)


@pytest.mark.parametrize("seconds", [86_400, 86_401])
def test_a_day_is_24_hours_and_the_last_second_belongs_to_it(centre: Centre, seconds: int) -> None:
    first = datetime(2025, 3, 10, 12)
    again = first + timedelta(seconds=seconds)
    centre.land("calls_2025-03-10", [visit(first, "a", customer_id="ann")])
    centre.land("calls_2025-03-11", [visit(again, "b", customer_id="ann")])
    centre.build()
    ((resolved,),) = centre.query(
        "select is_resolved_1_days from operations.marts.contact_resolution where contact_id = 'a'"
    )
    assert resolved is (seconds > 86_400)
