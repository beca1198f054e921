"""Days that come late, change, shrink or go: an incremental build ends where a full one does, in every mart."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from hotline import landing
from tests.models.conftest import (
    BY_DAY,
    EVENT_COLUMNS,
    MODELS,
    PLAN_COLUMNS,
    REVIEW_COLUMNS,
    Centre,
    some_plans,
    some_reviews,
    some_states,
    some_visits,
    visit,
)

DAY = date(2025, 3, 10)


def at(days: int, clock: str) -> datetime:
    return datetime.combine(DAY + timedelta(days=days), datetime.strptime(clock, "%H:%M:%S").time())


def name(days: int) -> str:
    return f"calls_{DAY + timedelta(days=days)}"


def built(centre: Centre, models: tuple[str, ...] = BY_DAY) -> dict[str, list[tuple]]:
    """Build what changed."""
    result = centre.build(models=models)
    assert not result.full
    return centre.marts()


def agreed(centre: Centre, models: tuple[str, ...] = BY_DAY) -> dict[str, list[tuple]]:
    """Build what changed; every mart equals what a full build makes of the same files."""
    incremental = built(centre, models)
    full = centre.marts_built_in_full(models)
    assert incremental.keys() == full.keys()
    for mart, rows in full.items():
        assert incremental[mart] == rows, mart
    return incremental


@pytest.mark.timeout(1200)
def test_incremental_builds_equal_full_ones_through_late_corrected_emptied_and_withdrawn_days(centre: Centre) -> None:
    for days in (0, 1, 3):
        centre.land(name(days), some_visits(DAY + timedelta(days=days), seed=1))
        land_reviews(centre, days)
    assert centre.build(tests=True).full
    original = centre.marts()

    # A day between the others arrives late, and one before them all.
    centre.land(name(2), some_visits(DAY + timedelta(days=2), seed=1))
    centre.land(name(-1), some_visits(DAY - timedelta(days=1), seed=1))
    with_all_days = agreed(centre)

    # A corrected day lacks half of its calls and has a new one.
    corrected = some_visits(DAY + timedelta(days=1), seed=1)[::2]
    corrected.append(visit(at(1, "09:00:00"), "new", agent_id="zoe", customer_id="only-here", business_type="rare"))
    centre.land(name(1), corrected)
    # So do the reviews of a day: what they no longer hold is in no rate of the month.
    land_reviews(centre, 3, count=9)
    corrected_marts = agreed(centre)
    assert len(corrected_marts["operations.fct_quality_review"]) == 40 + 40 + 9
    land_reviews(centre, 3)
    assert members(centre) == {"hotline/zoe", "hotline/only-here", "hotline/rare"}

    # A file with only its header empties the day: whoever was seen there only is gone from the dimensions.
    centre.land(name(1), [])
    agreed(centre)
    assert members(centre) == set()
    for mart in ("fct_queue_visit", "fct_contact"):
        days = centre.query(f"select distinct cast(entered_local as date) from operations.marts.{mart}")
        assert (DAY + timedelta(days=1),) not in days

    # A, B, A ends as A, which was what a full build makes of it.
    centre.land(name(1), some_visits(DAY + timedelta(days=1), seed=2))
    assert without_ledger(built(centre)) != without_ledger(with_all_days)
    centre.land(name(1), some_visits(DAY + timedelta(days=1), seed=1))
    assert without_ledger(built(centre)) == without_ledger(with_all_days)

    # Withdrawn: the days that came late go again.
    for days in (2, -1):
        landing.withdraw(centre.home, f"calls/{name(days)}.csv")
    assert without_ledger(built(centre)) == without_ledger(original)

    # Nothing changed: nothing changes.
    assert without_ledger(built(centre)) == without_ledger(original)


def land_reviews(centre: Centre, days: int, count: int = 40) -> None:
    day = DAY + timedelta(days=days)
    centre.land_rows("quality_reviews", f"quality_reviews_{day}", REVIEW_COLUMNS, some_reviews(day, seed=1)[:count])


def members(centre: Centre) -> set[str]:
    """Those of three members that a dimension still knows."""
    return {
        row[0]
        for row in centre.query(
            "select agent_id from operations.marts.dim_agent where agent = 'zoe'"
            " union all select customer_id from operations.marts.dim_customer where customer = 'only-here'"
            " union all select business_type_id from operations.marts.dim_business_type where business_type = 'rare'"
        )
    }


def without_ledger(marts: dict[str, list[tuple]]) -> dict[str, list[tuple]]:
    """The marts without the ledger, which remembers every file that ever came, and without the number of the file."""
    return {
        mart: [
            tuple(value for value in row if "/calls/" not in str(value) and "/quality_reviews/" not in str(value))
            for row in rows
        ]
        for mart, rows in marts.items()
        if mart != "operations.load_ledger"
    }


def test_a_contact_over_midnight_follows_a_correction_of_either_of_its_days(centre: Centre) -> None:
    first = visit(at(0, "23:58:00"), "night", outcome="overflow", agent_id=None, left_at=at(0, "23:59:30"))
    second = visit(at(1, "00:00:10"), "night", visit_no=2, queue="advice")
    far = visit(at(9, "12:00:00"), "far", agent_id="far")
    centre.land(name(0), [first])
    centre.land(name(1), [second])
    centre.land(name(9), [far])
    centre.build()
    contacts = "select arrival_on, visits, last_outcome from operations.marts.fct_contact where contact_id = 'night'"
    assert centre.query(contacts) == [(DAY, 2, "answered")]

    centre.land(name(1), [])
    agreed(centre)
    assert centre.query(contacts) == [(DAY, 1, "overflow")]

    centre.land(name(1), [second])
    agreed(centre)
    assert centre.query(contacts) == [(DAY, 2, "answered")]

    centre.land(name(0), [])
    agreed(centre)
    assert centre.query(contacts) == [(DAY + timedelta(days=1), 1, "answered")]


@pytest.mark.soak
def test_a_member_keeps_its_other_days_when_its_first_or_last_is_corrected_away(centre: Centre) -> None:
    for days in (0, 5, 10):
        centre.land(name(days), [visit(at(days, "12:00:00"), f"c{days}", agent_id="ann")])
    centre.build()
    seen = "select first_seen_on, last_seen_on from operations.marts.dim_agent where agent = 'ann'"
    assert centre.query(seen) == [(DAY, DAY + timedelta(days=10))]

    for days, other in ((0, (5, 10)), (10, (5, 5))):
        centre.land(name(days), [visit(at(days, "12:00:00"), f"c{days}", agent_id="bob")])
        centre.build()
        assert centre.query(seen) == [tuple(DAY + timedelta(days=count) for count in other)]

    centre.land(name(5), [])
    centre.build()
    assert centre.query(seen) == []


def test_an_agent_follows_its_team_when_hr_moves_it_though_no_call_changes(centre: Centre) -> None:
    employees = centre.home.landing / "people" / "employees.csv"
    employees.parent.mkdir()
    header = "employee_id,as_of,hired_on,agent_id,team\n"
    centre.land(name(0), [visit(at(0, "12:00:00"), "c", agent_id="ann"), visit(at(0, "12:00:00"), "d", agent_id="bob")])
    employees.write_text(header + "e1,2025-01-31,2020-01-01,ann,red\n", encoding="utf-8")
    centre.build(tests=True)
    teams = "select agent_id, team_id from operations.marts.dim_agent where agent in ('ann', 'bob') order by all"
    assert centre.query(teams) == [("hotline/ann", "hotline/red"), ("hotline/bob", "hotline/unknown")]

    employees.write_text(
        header + "e1,2025-01-31,2020-01-01,ann,red\ne1,2025-02-28,2020-01-01,ann,blue\n", encoding="utf-8"
    )
    agreed(centre, MODELS)
    assert centre.query(teams) == [("hotline/ann", "hotline/blue"), ("hotline/bob", "hotline/unknown")]
    assert ("hotline/blue",) in centre.query("select team_id from operations.marts.dim_team")


def land_agents(centre: Centre, days: int, seed: int = 1) -> None:
    """Calls, states and plans of a day."""
    day = DAY + timedelta(days=days)
    centre.land(name(days), some_visits(day, seed, count=30))
    centre.land_rows("agent_events", f"agent_events_{day}", EVENT_COLUMNS, some_states(day, seed))
    centre.land_rows("agent_schedules", f"agent_schedules_{day}", PLAN_COLUMNS, some_plans(day, seed))


@pytest.mark.timeout(1200)
@pytest.mark.soak
def test_agents_follow_late_corrected_and_emptied_days_of_any_of_their_files(centre: Centre) -> None:
    for days in (0, 1, 3, 4, 6):
        land_agents(centre, days)
    assert centre.build(tests=True).full

    land_agents(centre, 2)
    corrected = DAY + timedelta(days=3)
    centre.land_rows("agent_events", f"agent_events_{corrected}", EVENT_COLUMNS, some_states(corrected, seed=2))
    agreed(centre)

    centre.land_rows("agent_schedules", f"agent_schedules_{corrected}", PLAN_COLUMNS, [])
    centre.land_rows("agent_events", f"agent_events_{DAY}", EVENT_COLUMNS, [])
    agreed(centre)

    # HR moves an agent from the third day on, and says so late.
    columns = ("employee_id", "as_of", "hired_on", "agent_id", "team", "independent_from")
    hired = {"employee_id": "e1", "hired_on": "2024-01-01", "agent_id": "a1"}
    centre.land_rows(
        "people",
        "employees_1",
        columns,
        [hired | {"as_of": "2025-03-01", "team": "red", "independent_from": "2024-12-12"}],
    )
    agreed(centre)
    moved = hired | {"as_of": str(DAY + timedelta(days=2)), "team": "blue", "independent_from": "2024-12-12"}
    centre.land_rows("people", "employees_2", columns, [moved])
    agreed(centre)
    teams = centre.query(
        "select day_local, team_id, is_trainee from operations.marts.agent_by_day where agent_id = 'hotline/a1'"
    )
    assert {(day, team) for day, team, _ in teams} >= {(DAY, "hotline/red"), (DAY + timedelta(days=2), "hotline/blue")}
    assert {is_trainee for day, _, is_trainee in teams if day <= date(2025, 3, 11)} == {True}
    assert {is_trainee for day, _, is_trainee in teams if day > date(2025, 3, 11)} == {False}


def test_a_roster_ahead_is_there_until_its_days_have_come_and_is_not_kept_or_broken_before(centre: Centre) -> None:
    """Landed once, for a week; of the days that have come agents are judged, of the others not."""
    models = ("+adherence_by_day,resource_type:model", "+int_roster_ahead,resource_type:model", "resource_type:seed")
    plans = [
        {"agent_id": "a1", "starts_at": at(day, "09:00:00"), "ends_at": at(day, "17:00:00"), "activity": "available"}
        for day in range(7)
    ]
    centre.land_rows("agent_schedules", "week", PLAN_COLUMNS, [row | {"shift_pattern": "office"} for row in plans])
    for loaded in range(3):
        centre.land(name(loaded), some_visits(DAY + timedelta(days=loaded), seed=1, count=6))
        result = centre.build(models=models)
        assert result.full == (loaded == 0)
        ahead = centre.query(
            "select day_local, sum(scheduled_share) from warehouse.intermediate.int_roster_ahead group by 1"
        )
        assert dict(ahead) == {DAY + timedelta(days=day): 16 for day in range(loaded + 1, 7)}
        judged = centre.query("select day_local, scheduled_seconds from operations.marts.adherence_by_day order by all")
        assert judged == [(DAY + timedelta(days=day), 8 * 3_600) for day in range(loaded + 1)]


def test_a_home_without_any_file_builds_empty_marts(centre: Centre) -> None:
    centre.build(tests=True)
    marts = centre.marts()
    assert marts["operations.fct_queue_visit"] == marts["operations.dim_date"] == []
    assert len(marts["operations.dim_interval"]) == 96
