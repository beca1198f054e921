"""Ten million events of tickets from landed files to marts, and one day more on a month and on all of them."""

from __future__ import annotations

import statistics
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import measured, settle, timed
from benchmarks.results import Goal, Section, Table, count, seconds

if TYPE_CHECKING:
    from hotline.home import Home

GOAL = 1.15
# days of history, days of the short one, tickets a day (8 events each)
SIZES = {"small": (60, 10, 100), "full": (1096, 30, 1140)}
DAYS = 3
FIRST = date(2023, 1, 1)
MODELS = ("resource_type:seed", "+path:models/marts/tickets")
STEPS = ("load", "prepare", "models")


def run(work: Path, size: str, runs: int) -> Section:
    """`runs` is not used: the days after the first are the repetitions."""
    days, short, tickets = SIZES[size]
    with tempfile.TemporaryDirectory(dir=work) as folder:
        settle()
        all_of_them = measured("benchmarks.tickets:history", folder + "/long", days, tickets)
        early = measured("benchmarks.tickets:history", folder + "/short", short, tickets)
    built, found = all_of_them.value, early.value
    late_day, early_day = (sum(value["day"].values()) for value in (built, found))
    rows = [[name, seconds(found["day"][name]), seconds(built["day"][name])] for name in STEPS]
    return Section(
        "Tickets",
        size,
        [
            Table(
                f"{count(built['events'])} events of {count(built['tickets'])} tickets on {days} days, all at once",
                ["step", "s"],
                [[name, seconds(built["history"][name])] for name in STEPS],
            ),
            Table(
                f"A further day of {count(tickets)} tickets, median of {DAYS}",
                ["step", f"s on {short} days", f"s on {days} days"],
                rows,
            ),
        ],
        [Goal(f"one day of tickets on {days} days against {short}", GOAL, late_day / early_day)],
        [
            "Models are the seconds of dbt's nodes: the marts of tickets and all that they read.",
            f"Peak memory with all of them: {count(all_of_them.peak_mb)} MB.",
        ],
    )


def history(folder: str, days: int, tickets: int) -> dict:
    """Land, load and build so many days, then some more one by one; seconds by step."""
    from hotline import building
    from hotline.home import Home

    home = Home(Path(folder)).create()
    building.needs_full_build = lambda home, project=None: False  # a build of some models is never the full one
    _land(home, FIRST, days, tickets)
    whole = _through(home, full=True)
    further = []
    for number in range(DAYS + 1):
        _land(home, FIRST + timedelta(days=days + number), 1, tickets)
        further.append(_through(home, full=False))
    with building.read_build(home) as connection:
        events, opened = connection.execute(
            "select (select count(*) from operations.marts.fct_ticket_event), count(*) from operations.marts.fct_ticket"
        ).fetchone()
    day = {name: statistics.median(took[name] for took in further[1:]) for name in STEPS}
    return {"history": whole, "day": day, "events": events, "tickets": opened}


def _through(home: Home, full: bool) -> dict[str, float]:
    import os

    from hotline import building, landing

    os.environ["DBT_INDIRECT_SELECTION"] = "empty"
    took: dict[str, float] = {}
    with timed(took, "load"):
        landing.load(home)
    with timed(took, "prepare"):
        landing.prepare(home, full=full)
    result = building.build(home, full, MODELS)
    if not result.success:
        raise RuntimeError(result.report())
    landing.mark_built(home)
    took["models"] = sum(node.seconds for node in result.nodes if node.kind == "model")
    return took


def _land(home: Home, first: date, days: int, tickets: int) -> None:
    """Files of records and events: a ticket a minute or so, its events over hours and days."""
    import duckdb

    for folder in ("tickets", "ticket_events"):
        (home.landing / folder).mkdir(exist_ok=True)
    steps = (
        *((0, "received"), (300, "dispatched"), (4_000, "accepted"), (90_000, "result"), (96_000, "replied")),
        *((100_000, "callback_attempted"), (130_000, "called_back"), (140_000, "closed")),
    )
    values = ", ".join(f"({after}, '{name}')" for after, name in steps)
    # The events of a ticket fall on its day and on the two after it.
    with duckdb.connect() as connection:
        for number in range(days):
            day = first + timedelta(days=number)
            opened = (
                "select 'T' || strftime({day}, '%Y%m%d') || lpad(i::varchar, 6, '0') as ticket_id,"
                f" {{day}} + to_seconds(i * 80000 // {tickets}) as opened_at,"
                " ['inquiry', 'consultation', 'complaint', 'misconduct_report'][1 + i % 4] as kind, i"
                f" from range({tickets}) as numbers (i)"
            )
            stamp = "strftime({}, '%Y-%m-%dT%H:%M:%S+08:00')"
            connection.execute(
                f"copy (select ticket_id, {stamp.format('opened_at')} as opened_at, kind,"
                " ['billing_office', 'business_hall', 'customer_service', 'discipline_office'][1 + i % 4]"
                " as department,"
                " 'C' || (i % 1000) as customer_id from"
                f" ({opened.format(day=f'timestamp {day.isoformat()!r}')})"
                f") to '{home.landing}/tickets/tickets_{day}.csv' (header)"
            )
            lives = " union all ".join(
                opened.format(day=f"timestamp '{day - timedelta(days=back)}'")
                for back in range(3)
                if day - timedelta(days=back) >= FIRST
            )
            connection.execute(
                f"copy (select ticket_id, {stamp.format('moment')} as occurred_at, event from (select"
                " ticket_id, event, opened_at + to_seconds(after + i % 1000) as moment from"
                f" ({lives}) as opened, (values {values}) as steps (after, event))"
                f" where moment::date = date '{day}' order by moment)"
                f" to '{home.landing}/ticket_events/ticket_events_{day}.csv' (header)"
            )
