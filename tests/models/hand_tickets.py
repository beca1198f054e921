"""Tickets written by hand: the worked examples of the decision log, and what can be wrong with a log of events."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.models.conftest import Centre

TICKET_COLUMNS = (
    *("ticket_id", "contact_id", "opened_at", "kind", "business_type", "customer_id", "opened_by", "department"),
    *("priority", "area", "duplicate_of", "duplicate_cause", "promised_at", "promised_by_customer_wish", "founded"),
    *("is_anonymous", "supply_class", "sources_of_supply", "fields_correct", "key_fields_correct", "outage_id"),
)
TICKET_EVENT_COLUMNS = (
    *("ticket_id", "occurred_at", "event", "actor", "department", "outcome", "satisfaction", "reason"),
)

# ticket: kind, further columns, and what happened to it, by Shanghai's clock. The first time is the opening.
TICKETS: dict[str, tuple[str, dict[str, Any], list[tuple[str, str]]]] = {
    # Worked examples.
    "holiday": (
        "complaint",
        {"department": "customer_service"},
        [
            ("2025-09-30 15:50:00", "received"),
            ("2025-09-30 16:00:00", "dispatched"),
            ("2025-10-11 10:00:00", "result"),
            ("2025-10-11 10:30:00", "replied"),
            ("2025-10-13 10:00:01", "called_back"),
            ("2025-10-13 10:05:00", "closed"),
        ],
    ),
    "repair at 21:50": (
        "fault_repair",
        {"department": "repair", "area": "urban"},
        [
            ("2025-10-09 20:30:00", "received"),
            ("2025-10-09 20:32:00", "dispatched"),
            ("2025-10-09 21:15:00", "arrived"),
            ("2025-10-09 21:45:01", "feedback"),
            ("2025-10-09 21:50:00", "restored"),
            ("2025-10-09 21:55:00", "called_back"),
            ("2025-10-09 22:00:00", "closed"),
        ],
    ),
    "repair at 22:00": (
        "fault_repair",
        {"department": "repair", "area": "urban"},
        [
            ("2025-10-09 20:30:00", "received"),
            ("2025-10-09 21:15:01", "arrived"),
            ("2025-10-09 22:00:00", "restored"),
            ("2025-10-09 22:10:00", "callback_attempted"),
            ("2025-10-10 07:30:00", "called_back"),
            ("2025-10-10 07:31:00", "closed"),
        ],
    ),
    "two limits": (
        "misconduct_report",
        {"department": "discipline_office", "is_anonymous": True},
        [
            ("2025-09-26 09:30:00", "received"),
            ("2025-09-26 10:00:00", "dispatched"),
            ("2025-10-14 11:00:00", "result"),
            ("2025-10-14 11:30:00", "replied"),
            ("2025-10-14 11:40:00", "closed"),
        ],
    ),
    "promise kept": (
        "inquiry",
        {
            "department": "billing_office",
            "promised_at": datetime(2025, 10, 14, 12, 0),
            "promised_by_customer_wish": True,
        },
        [
            ("2025-10-13 09:00:00", "received"),
            ("2025-10-14 12:00:00", "interim_reply"),
            ("2025-10-14 21:30:00", "called_back"),
            ("2025-10-14 21:35:00", "closed"),
        ],
    ),
    "promise broken": (
        "inquiry",
        {"department": "billing_office", "promised_at": datetime(2025, 10, 14, 12, 0)},
        [
            ("2025-10-13 09:00:00", "received"),
            ("2025-10-14 12:00:01", "replied"),
            ("2025-10-14 12:30:00", "callback_attempted"),
            ("2025-10-14 14:00:00", "callback_attempted"),
            ("2025-10-14 21:00:00", "callback_attempted"),
            ("2025-10-15 09:00:00", "closed"),
        ],
    ),
    "promise open": (
        "inquiry",
        {"department": "billing_office", "promised_at": datetime(2025, 10, 17, 12, 0)},
        [("2025-10-17 09:00:00", "received")],
    ),
    "end of January": (
        "application",
        {"department": "business_hall", "supply_class": "high_voltage", "sources_of_supply": 1},
        [("2025-01-31 10:00:00", "received"), ("2025-02-28 10:00:00", "plan_answered")],
    ),
    "handed back": (
        "inquiry",
        {"department": "billing_office"},
        [
            ("2025-10-13 09:00:00", "received"),
            ("2025-10-13 09:10:00", "dispatched"),
            ("2025-10-14 09:10:00", "handed_back"),
            ("2025-10-14 09:20:00", "dispatched"),
            ("2025-10-16 09:20:00", "result"),
            ("2025-10-16 10:00:00", "closed"),
            ("2025-10-17 10:00:00", "reopened"),
            ("2025-10-17 12:00:00", "closed"),
        ],
    ),
    "still running": (
        "inquiry",
        {"department": "billing_office"},
        [("2025-10-16 09:00:00", "received"), ("2025-10-17 09:00:00", "dispatched")],
    ),
    "running late": (
        "inquiry",
        {"department": "billing_office"},
        [("2025-10-13 09:00:00", "received"), ("2025-10-13 09:00:00", "dispatched")],
    ),
    "never answered": (
        "inquiry",
        {"department": "billing_office"},
        [("2025-10-13 09:00:00", "received"), ("2025-10-13 09:00:00", "dispatched"), ("2025-10-17 09:00:00", "closed")],
    ),
    "no longer needed": (
        "inquiry",
        {"department": "billing_office"},
        [("2025-10-13 09:00:00", "received"), ("2025-10-13 09:00:00", "dispatched"), ("2025-10-14 09:00:00", "merged")],
    ),
    # What can be wrong.
    "result before opening": (
        "inquiry",
        {"department": "billing_office"},
        [("2025-10-13 09:00:00", "received"), ("2025-10-12 09:00:00", "result"), ("2025-10-14 09:00:00", "closed")],
    ),
    "out of order": (
        "inquiry",
        {"department": "billing_office"},
        [
            ("2025-10-13 09:00:00", "received"),
            ("2025-10-13 11:00:00", "result"),
            ("2025-10-13 12:00:00", "dispatched"),
            ("2025-10-13 10:00:00", "replied"),
            ("2025-10-13 13:00:00", "closed"),
        ],
    ),
    "one second": (
        "inquiry",
        {"department": "billing_office"},
        [
            ("2025-10-13 09:00:00", "received"),
            ("2025-10-13 09:00:00", "closed"),
            ("2025-10-13 09:00:00", "replied"),
            ("2025-10-13 09:00:00", "result"),
            ("2025-10-13 09:00:00", "dispatched"),
        ],
    ),
    "unknown kind": ("miracle", {"department": "repair"}, [("2025-10-13 09:00:00", "received")]),
    "unknown department": (
        "inquiry",
        {"department": "moon_office"},
        [
            ("2025-10-13 09:00:00", "received"),
            ("2025-10-13 09:00:00", "dispatched"),
            ("2025-10-13 10:00:00", "result"),
            ("2025-10-13 11:00:00", "closed"),
        ],
    ),
    "no event": ("inquiry", {"department": "billing_office"}, []),
    "loop of one": ("inquiry", {"duplicate_of": "loop of one"}, [("2025-10-13 09:00:00", "merged")]),
    "loop 1": ("inquiry", {"duplicate_of": "loop 2"}, [("2025-10-13 09:00:00", "merged")]),
    "loop 2": ("inquiry", {"duplicate_of": "loop 1"}, [("2025-10-13 09:00:00", "merged")]),
    "into the loop": ("inquiry", {"duplicate_of": "loop 1"}, [("2025-10-13 09:00:00", "merged")]),
    "double of nothing": ("inquiry", {"duplicate_of": "nothing"}, [("2025-10-13 09:00:00", "merged")]),
    "second": ("inquiry", {"duplicate_of": "first", "duplicate_cause": "agent"}, [("2025-10-13 09:00:00", "merged")]),
    "third": ("inquiry", {"duplicate_of": "second"}, [("2025-10-13 09:00:00", "merged")]),
    "first": ("inquiry", {"department": "billing_office"}, [("2025-10-13 08:30:00", "received")]),
}
WITHOUT_RECORD = [("orphan", "2025-10-13 09:00:00", "dispatched"), ("orphan", "2025-10-13 10:00:00", "closed")]
UNKNOWN_EVENT = ("still running", "2025-10-17 10:00:00", "teleported")
LAST_DAY = date(2025, 10, 17)


def event(ticket: str, moment: datetime | str, name: str, **values: Any) -> dict[str, Any]:
    """One row of a landing file of ticket events; the time is local."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return {"ticket_id": ticket, "occurred_at": at, "event": name} | values


def land_hand_tickets(centre: Centre) -> None:
    """One file of records, one of events for each day; the events of a day in the order in which they stand above."""
    records, events = [], [event(*row) for row in (*WITHOUT_RECORD, UNKNOWN_EVENT)]
    for ticket, (kind, columns, happened) in TICKETS.items():
        opened = datetime.fromisoformat(happened[0][0] if happened else "2025-10-13 09:00:00")
        records.append({"ticket_id": ticket, "opened_at": opened, "kind": kind} | columns)
        events += [event(ticket, moment, name) for moment, name in happened]
    # Told twice: it happened once.
    events += [row for row in events if row["ticket_id"] == "handed back" and row["event"] == "reopened"]
    centre.land_rows("tickets", "tickets_by_hand", TICKET_COLUMNS, records)
    for day in sorted({row["occurred_at"].date() for row in events}):
        rows = [row for row in events if row["occurred_at"].date() == day]
        centre.land_rows("ticket_events", f"ticket_events_{day}", TICKET_EVENT_COLUMNS, rows)


def land_some_tickets(centre: Centre, day: date, seed: int) -> None:
    """Records opened on a day, and events of that day on tickets of it and of the days before, in any order."""
    chance = random.Random(f"tickets {day}{seed}")
    midnight = datetime.combine(day, datetime.min.time())
    kinds = ("complaint", "inquiry", "fault_repair", "misconduct_report", "application", "oddity")
    departments = ("customer_service", "billing_office", "repair", None, "elsewhere")
    records = [
        {
            "ticket_id": f"{day}-{number}",
            "opened_at": midnight + timedelta(seconds=chance.randrange(86_400)),
            "kind": chance.choice(kinds),
            "department": chance.choice(departments),
            "customer_id": chance.choice((None, f"c{chance.randrange(25)}")),
            "area": chance.choice(("urban", "very_remote", None)),
            "duplicate_of": chance.choice((None, None, None, f"{day}-{chance.randrange(8)}")),
            "promised_at": chance.choice((None, midnight + timedelta(days=2))),
            "fields_correct": chance.choice((True, False, None)),
            "supply_class": "low_voltage",
        }
        for number in range(8)
    ]
    names = (
        *("dispatched", "dispatched", "accepted", "result", "replied", "callback_attempted", "called_back", "closed"),
        *("closed", "reopened", "handed_back", "arrived", "restored", "merged", "interim_reply", "noted"),
    )
    events = [
        event(
            f"{day - timedelta(days=chance.choice((0, 0, 1, 2, 5)))}-{chance.randrange(9)}",
            midnight + timedelta(seconds=chance.randrange(86_400)),
            chance.choice(names),
            department=chance.choice(departments),
            satisfaction=chance.choice((None, "satisfied", "dissatisfied")),
        )
        for _ in range(40)
    ]
    centre.land_rows("tickets", f"tickets_{day}", TICKET_COLUMNS, records)
    centre.land_rows("ticket_events", f"ticket_events_{day}", TICKET_EVENT_COLUMNS, events)
