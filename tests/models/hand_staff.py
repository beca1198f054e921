"""A staff of eleven with a history made by hand: all that makes rates of turnover wrong happens to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hotline import building, landing
from tests.models.conftest import Centre

COLUMNS = (
    *("employee_id", "as_of", "name", "gender", "birth_on", "hired_on", "left_on", "leave_kind", "leave_reason"),
    *("team", "site", "job", "grade", "monthly_pay", "market_pay", "agent_id"),
)
PEOPLE_MARTS = tuple(
    f"+{mart}"
    for mart in (
        *("turnover_by_month", "turnover_reasons", "new_hire_turnover", "turnover_cost", "tenure_survival"),
        *("tenure_survival_tests", "leaving_hazards", "agent_kpi_by_month", "grade_proposals"),
    )
)
"""Those that come of HR's files alone."""

ALWAYS = ("ada", "ian", "jan", "kim")


def record(employee: str, as_of: str, **values: Any) -> dict[str, Any]:
    """One record of HR; everybody is 30 years old on 29 February 2024 and paid a tenth below the market."""
    row = {"employee_id": employee, "as_of": as_of, "name": employee.title(), "gender": "female"}
    row |= {"birth_on": "1994-02-28", "hired_on": "2020-01-01", "team": "red", "site": "north", "job": "agent"}
    return row | {"grade": "P1", "monthly_pay": 4500, "market_pay": 5000} | values


def gone(day: str, kind: str = "voluntary", reason: str = "pay") -> dict[str, str]:
    return {"left_on": day, "leave_kind": kind, "leave_reason": reason}


def snapshots() -> dict[str, list[dict[str, Any]]]:
    """Five ends of months. What happens to whom stands beside each."""
    december, january, february = "2023-12-31", "2024-01-31", "2024-02-29"
    march, april = "2024-03-31", "2024-04-30"
    blue = {"team": "blue"}
    return {
        december: [record(name, december) for name in (*ALWAYS, "bea", "cai", "dan", "eva", "fay", "gus")],
        january: [
            *(record(name, january) for name in (*ALWAYS, "bea", "dan", "eva", "fay", "gus")),
            record("cai", january, **gone("2024-01-15")),  # left, and comes back in March
        ],
        february: [
            record("ada", february, **blue),  # a transfer
            *(record(name, february) for name in ALWAYS[1:]),
            record("bea", february, **gone("2024-02-29", reason="career")),  # left on leap day
            record("dan", february, **gone("2024-02-20", "involuntary", "conduct")),  # corrected in March
            record("eva", february, **gone("2024-04-15")),  # announced two months ahead
            record("fay", february, **gone("2024-03-31")),  # announced, and taken back in March
            record("hal", february, hired_on="2024-02-29"),  # hired on leap day
            # gus is missing, and nobody says since when
        ],
        march: [
            record("ada", march, **blue),
            *(record(name, march) for name in (*ALWAYS[1:], "fay")),
            record("cai", march, hired_on="2024-03-10"),
            record("dan", march, **gone("2024-03-05", "involuntary", "conduct")),
            record("eva", march, **gone("2024-04-15")),
            record("hal", march, hired_on="2024-02-29"),
        ],
        april: [
            record("ada", april, **blue),
            *(record(name, april) for name in (*ALWAYS[1:], "fay")),
            record("cai", april, hired_on="2024-03-10"),
            record("eva", april, **gone("2024-04-15")),
            record("hal", april, hired_on="2024-02-29"),
        ],
    }


def land(centre: Centre, rows: Sequence[dict[str, Any]], name: str = "") -> None:
    """Write a snapshot as a landing file, named for its day unless told otherwise."""
    centre.land_rows("people", f"employees_{name or rows[0]['as_of']}", COLUMNS, list(rows))


def build(centre: Centre, *select: str, full: bool = False, with_tests: bool = False) -> building.BuildResult:
    """Load and build the people marts alone; only `full` makes them from nothing, `with_tests` runs dbt's tests too."""
    landing.load(centre.home)
    with pytest.MonkeyPatch.context() as patch:
        # A build of a selection never counts as a whole one, after which the next would be of changed days only.
        patch.setattr(building, "needs_full_build", lambda *_: full)
        if not with_tests:
            patch.setenv("DBT_INDIRECT_SELECTION", "empty")
        result = building.build(centre.home, full, select or PEOPLE_MARTS)
    assert result.success, result.report()
    landing.mark_built(centre.home)
    return result


PERFORMANCE_COLUMNS = ("employee_id", "team", "month", "kpi", "target", "passed", "award")
ATTENDANCE_COLUMNS = (
    *("employee_id", "day", "scheduled_minutes", "worked_minutes", "overtime_minutes", "absence_kind", "exception"),
)


def land_performance(centre: Centre) -> None:
    """Four months: ian passes all of them, kim fails all, jan fails two and passes two; team red fails four."""
    rows = []
    for place, month in enumerate(("2024-01", "2024-02", "2024-03", "2024-04")):
        results = {"ian": (1, 1, 1), "kim": (0, 0, 1), "jan": (0, 0, 0) if place < 2 else (1, 1, 0)}
        for employee, passed in results.items():
            rows += [
                {"employee_id": employee, "month": month, "kpi": kpi, "passed": bool(one)}
                for kpi, one in zip(("quality", "speed", "adherence"), passed, strict=True)
            ]
        rows.append({"team": "red", "month": month, "kpi": "quality", "passed": False})
    rows.append(
        {"employee_id": "ian", "month": "2024-04", "kpi": "best", "passed": True, "award": "agent of the month"}
    )
    centre.land_rows("people", "performance_2024", PERFORMANCE_COLUMNS, rows)
    days = [
        {
            "employee_id": "ian",
            "day": "2024-02-28",
            "scheduled_minutes": 480,
            "worked_minutes": 510,
            "overtime_minutes": 30,
        },
        {
            "employee_id": "ian",
            "day": "2024-02-29",
            "scheduled_minutes": 480,
            "worked_minutes": 470,
            "exception": "late",
        },
        {"employee_id": "ian", "day": "2024-03-01", "scheduled_minutes": 480, "absence_kind": "sick"},
    ]
    centre.land_rows("people", "attendance_2024", ATTENDANCE_COLUMNS, days)
