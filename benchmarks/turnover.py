"""Snapshots of a large staff over ten years: loaded, made into a history and rates, and a further month."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from benchmarks.measuring import measured, settle
from benchmarks.results import Section, Table, count, seconds

EMPLOYEES = {"small": 2_000, "full": 50_000}
MONTHS = {"small": 24, "full": 120}
MARTS = tuple(
    f"+{mart}"
    for mart in (
        *("turnover_by_month", "turnover_reasons", "new_hire_turnover", "turnover_cost", "tenure_survival"),
        *("tenure_survival_tests", "leaving_hazards"),
    )
)

# A place is given from one person to the next after a time of its own, 12 to 60 months; pay rises once a year, and one
# person in twenty changes the team in a year.
SNAPSHOT = """
    with places as (
        select
            place,
            cast(12 + hash(place) % 49 as integer) as spell,
            cast(hash(place, 'offset') % 60 as integer) as offset_months
        from range({employees}) as places (place)
    ),
    spells as (
        select *, ({month} + offset_months) // spell as turn, ({month} + offset_months) % spell as tenure from places
    ),
    dated as (
        select
            *, date '2015-01-01' + to_months({month} - tenure) as hired, date '2015-01-31' + to_months({month}) as now
        from spells
    )
    select
        'E' || place || '-' || turn as employee_id,
        last_day(now) as as_of,
        'Name ' || hash(place, turn) % 100000 as name,
        case hash(place, turn, 'g') % 3 when 0 then 'male' else 'female' end as gender,
        cast(hired - to_days(cast(7000 + hash(place, turn, 'b') % 9000 as integer)) as date) as birth_on,
        cast(hired as date) as hired_on,
        case when tenure = spell - 1 then last_day(now) - 3 end as left_on,
        case
            when tenure = spell - 1 and hash(place, turn, 'k') % 10 = 0 then 'involuntary'
            when tenure = spell - 1 then 'voluntary'
        end as leave_kind,
        case
            when tenure = spell - 1 and hash(place, turn, 'r') % 3 = 0 then 'career'
            when tenure = spell - 1 then 'pay'
        end as leave_reason,
        'T' || (place // 14 + case when hash(place, ({month} // 12)) % 20 = 0 then 1 else 0 end) as team,
        'S' || place % 5 as site,
        case place % 10 when 0 then 'senior_agent' else 'agent' end as job,
        'P' || least(12, 1 + tenure // 6) as grade,
        'permanent' as contract,
        4500 + hash(place, turn) % 1500 + 200 * ({month} // 12) as monthly_pay,
        5300 + 200 * ({month} // 12) as market_pay
    from dated
"""


def run(work: Path, size: str, runs: int) -> Section:
    """One round, since each takes minutes. `work` gets a home of its own, removed in the end."""
    del runs
    home = work / "turnover"
    employees, months = EMPLOYEES[size], MONTHS[size]
    shutil.rmtree(home, ignore_errors=True)
    measured("benchmarks.turnover:land", str(home), employees, 0, months)
    rows = []
    for name, function, arguments in (
        (f"load {months} snapshots", "load", (str(home),)),
        ("build the marts of turnover", "build", (str(home), True)),
        ("a day without a file of HR", "build", (str(home), False)),
        ("load a further month", "further_month", (str(home), employees, months)),
        ("build a further month", "build", (str(home), False)),
    ):
        settle()
        measure = measured(f"benchmarks.turnover:{function}", *arguments)
        rows.append([name, seconds(measure.value), f"{measure.cpu_seconds:.1f}", count(measure.peak_mb)])
    shutil.rmtree(home, ignore_errors=True)
    return Section(
        "Turnover",
        size,
        [
            Table(
                f"{count(employees)} places, {count(employees * months)} records of HR",
                ["step", "s", "CPU s", "peak MB"],
                rows,
            )
        ],
        [],
        ["Seconds are of the step alone; processor time and memory are of its process, with what it imports."],
    )


def land(home: str, employees: int, first: int, months: int) -> None:
    """Write a snapshot of each month as a landing file."""
    import duckdb

    folder = Path(home) / "landing" / "people"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for month in range(first, first + months):
            rows = SNAPSHOT.format(employees=employees, month=month)
            connection.execute(f"copy ({rows}) to '{folder}/employees_{month:03d}.csv' (header)")


def load(home: str) -> float:
    """Load what landed; seconds."""
    from hotline import landing
    from hotline.home import Home

    began = time.perf_counter()
    outcomes = landing.load(Home(Path(home)).create())
    assert {outcome.status for outcome in outcomes} <= {"loaded", "unchanged"}, outcomes[-1]
    return time.perf_counter() - began


def further_month(home: str, employees: int, month: int) -> float:
    """Write the snapshot of one month more and load it; seconds of the load."""
    land(home, employees, month, 1)
    return load(home)


def build(home: str, full: bool) -> float:
    """Build the marts of turnover; seconds, without parsing the project."""
    from hotline import building, landing
    from hotline.home import Home

    place = Home(Path(home))
    building.manifest(place)
    building.needs_full_build = lambda *_: full
    began = time.perf_counter()
    result = building.build(place, full, MARTS)
    assert result.success, result.report()
    landing.mark_built(place)
    return time.perf_counter() - began
