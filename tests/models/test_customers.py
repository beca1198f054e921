"""Customers by month, where corrected and emptied months end where a full build does; and missed calls, one by one."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from itertools import groupby

from tests.models.conftest import BY_DAY, Centre, some_visits, visit

HEADER = "customer_id,month,arpu,joined_on,left_on,credit,list,kind,company_name,phone_present,address_present"
STAGES = (
    "select month_start_on, tier, previous_tier, life_cycle_stage from operations.marts.fct_customer_month"
    " where customer = '{}' order by all"
)


def land(centre: Centre, month: str, *rows: str) -> None:
    file = centre.home.landing / "customers" / f"customers_{month}.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")


def customer(name: str, month: str, arpu: float, kind: str = "resident") -> str:
    return f"{name},{month}-01,{arpu},2022-01-15,,A,normal,{kind},,true,true"


MARTS = ("fct_customer_month", "customers_by_month")
MODELS = ("resource_type:seed", *(f"+{mart},resource_type:model" for mart in MARTS))


def agreed(centre: Centre) -> None:
    """Build what changed: the marts of customers are what a full build makes of the same files."""
    assert not centre.build(models=MODELS).full
    incremental, full = centre.marts(), centre.marts_built_in_full(MODELS)
    for mart in MARTS:
        assert incremental[f"operations.{mart}"] == full[f"operations.{mart}"], mart


def test_a_corrected_month_changes_the_stages_that_look_back_on_it(centre: Centre) -> None:
    # Visits on the first of a month: its customers are read again, and must be there once.
    centre.land("calls_2025-05-01", some_visits(date(2025, 5, 1), seed=1, count=20))
    for month in ("2025-01", "2025-02", "2025-03", "2025-04", "2025-05"):
        land(centre, month, customer("steady", month, 400), customer("falling", month, 100, "company"))
    assert centre.build().full
    assert centre.query(STAGES.format("steady"))[-1] == (date(2025, 5, 1), "high", "high", "stable")

    # February brought five times as much: March to May fall below the mean of the months before them.
    land(centre, "2025-02", customer("steady", "2025-02", 400), customer("falling", "2025-02", 500, "company"))
    agreed(centre)
    assert [stage for *_, stage in centre.query(STAGES.format("falling"))] == [
        *("stable", "stable", "warning", "warning", "warning"),
    ]
    ((companies, named),) = centre.query(
        "select sum(companies), sum(companies_with_name) from operations.marts.customers_by_month"
    )
    assert (companies, named) == (5, 0)

    # The month is emptied while the first of May, with its customers, is made again for its calls.
    land(centre, "2025-02")
    centre.land("calls_2025-05-01", some_visits(date(2025, 5, 1), seed=2, count=20))
    agreed(centre)
    assert centre.query(STAGES.format("falling"))[1] == (date(2025, 3, 1), "ordinary", None, "stable")


# ---- missed calls, followed one by one

VISITS = (
    "select contact_id, tier, arrival_on, left_at, entered_at, customer_id, queue_id, business_type_id, outcome,"
    " is_offered or is_busy, is_answered, is_outbound_attempt, is_outbound_reached"
    " from operations.marts.fct_queue_visit order by contact_id, visit_no"
)
MISSED = (
    "missed, missed_abandoned, missed_busy, missed_overflow, missed_unknown_customers, answered_later, not_yet_known,"
    " call_backs_due, called_back, reached"
)
WITHIN = timedelta(hours=24)
SHANGHAI = timedelta(hours=8)


def counts_of(contact: list[tuple], visits: list[tuple], last_day: date) -> list[str]:
    """In which columns of the mart a contact counts, by looking at every visit of the centre."""
    _, _, _, _, _, customer, *_ = contact[0]
    outcome = contact[-1][8]
    if outcome not in ("abandoned", "overflow", "busy") or any(visit[10] for visit in contact):
        return []
    if not any(visit[9] for visit in contact):
        return []
    found = ["missed", f"missed_{outcome}"]
    if customer.endswith("/unknown"):
        return [*found, "missed_unknown_customers"]
    left = max(visit[3] for visit in contact)
    queues = {contact[0][6], contact[-1][6]} - {"hotline/unknown"}
    matter = {contact[0][7]} - {"hotline/unknown"}
    after = [
        visit
        for visit in visits
        if visit[5] == customer
        and left < visit[4] <= left + WITHIN
        and (
            visit[6] in queues
            or visit[7] in matter
            or (visit[6].endswith("/unknown") and visit[7].endswith("/unknown"))
        )
    ]
    if (left + WITHIN + SHANGHAI).date() > last_day:
        return [*found, "not_yet_known"]
    called = min((visit[4] for visit in after if visit[11]), default=None)
    answered = min((visit[4] for visit in after if visit[10]), default=None)
    if answered and (called is None or answered < called):
        return [*found, "answered_later"]
    if called:
        return [*found, "call_backs_due", "called_back", *(["reached"] if any(visit[12] for visit in after) else [])]
    return [*found, "call_backs_due"]


def missed_one_by_one(centre: Centre, last_day: date) -> dict[tuple[str, date], tuple[int, ...]]:
    """(Tier, day) → the columns `MISSED`, by comparing every missed contact with every visit."""
    visits = centre.query(VISITS)
    counted: dict[tuple[str, date], Counter[str]] = {}
    for _, group in groupby(visits, key=lambda visit: visit[0]):
        contact = list(group)
        if found := counts_of(contact, visits, last_day):
            counted.setdefault((contact[0][1], contact[0][2]), Counter()).update(found)
    return {key: tuple(columns[name] for name in MISSED.split(", ")) for key, columns in counted.items()}


def missed_on(day: date) -> list[dict]:
    """First visits of a day that nobody answered."""
    rows = some_visits(day, seed=5, count=120)
    return [row for row in rows if row["outcome"] in ("abandoned", "overflow", "busy") and row["visit_no"] == 1]


def calls_with_call_backs(day: date) -> list[dict]:
    """Visits of a day, some with a second one, and call-backs of this day's and the day before's on some matter."""
    chance = random.Random(f"call-backs {day}")
    rows = some_visits(day, seed=5, count=120)
    for row in missed_on(day):
        if chance.random() < 0.3:
            again = {"visit_no": 2, "queue": "advice", "entered_at": row["left_at"], "queued_at": row["left_at"]}
            rows.append(row | again | {"outcome": chance.choice(("answered", "abandoned", "busy"))})
    for row in [*missed_on(day - timedelta(days=1)), *missed_on(day)]:
        at = row["left_at"] + timedelta(hours=chance.choice((1, 5, 23, 24, 25)))
        if at.date() == day:
            named = {"queue": chance.choice(("faults", "outbound", None)), "business_type": row["business_type"]}
            dialled = {"direction": "outbound", "outcome": chance.choice(("answered", "answered", "failed"))}
            back = f"back-{day}-{row['contact_id']}"
            rows.append(visit(at, back, customer_id=row["customer_id"], **named, **dialled))
    return rows


def test_missed_calls_are_what_comparing_every_contact_with_every_visit_finds_also_day_by_day(centre: Centre) -> None:
    first = date(2025, 5, 1)
    for number in range(3):
        day = first + timedelta(days=number)
        centre.land(f"calls_{day}", calls_with_call_backs(day))
        if number:
            centre.build(models=BY_DAY)
            mart = {
                (tier, on): tuple(counts)
                for tier, on, *counts in centre.query(
                    f"select tier, day_local, {MISSED} from operations.marts.missed_calls_by_day"
                )
            }
            assert mart == missed_one_by_one(centre, day)
    totals = [sum(column) for column in zip(*mart.values(), strict=True)]
    assert min(totals) > 0, totals
