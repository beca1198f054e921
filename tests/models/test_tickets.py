"""Tickets: the worked examples, what a bad log may not do, the help desk's log, and days that come late."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from hotline import building, landing
from hotline.home import Home
from tests.models.conftest import Centre
from tests.models.hand_tickets import TICKET_COLUMNS, TICKETS, land_some_tickets

MARTS = "operations.marts"


def steps(centre: Centre, ticket: str, step: str) -> list[tuple]:
    return centre.query(
        "select variant, state, strftime(due_local, '%m-%d %H:%M'), step_calendar_minutes, step_business_minutes"
        f" from {MARTS}.fct_ticket_step where source = 'hotline' and ticket_id = '{ticket}' and step = '{step}'"
        " order by variant, round_no"
    )


def ticket(centre: Centre, name: str, columns: str) -> tuple:
    (row,) = centre.query(f"select {columns} from {MARTS}.fct_ticket where source = 'hotline' and ticket_id = '{name}'")
    return row


def test_a_complaint_over_the_national_holiday_is_late_by_one_document_and_in_time_by_the_other(
    built_centre: Centre,
) -> None:
    # Working from 16:00 to 17:30 on 30 September; 1 to 8 October off; 9, 10 and the worked Saturday, until 10:00.
    business = 90 + 540 + 540 + 90
    calendar = 10 * 1440 + 18 * 60
    assert steps(built_centre, "holiday", "complaint_result") == [
        ("centre_rules", "late", "10-02 16:00", calendar, business),
        ("discipline_rules", "in_time", "10-13 16:00", calendar, business),
    ]
    # Told on the Saturday, which is worked: one working day later is Monday, at the same time of day.
    assert steps(built_centre, "holiday", "reply_to_customer") == [("standard", "in_time", "10-13 10:00", 30, 30)]
    assert [row[:3] for row in steps(built_centre, "holiday", "call_back")] == [("standard", "late", "10-13 10:00")]


def test_a_repair_that_ends_at_2150_is_called_back_in_forbidden_hours_and_one_that_ends_at_2200_the_next_day(
    built_centre: Centre,
) -> None:
    rows = built_centre.query(
        "select ticket_id, attempt_no, is_reached, is_in_forbidden_hours, is_after_late_repair, is_same_night"
        f" from {MARTS}.fct_call_back where ticket_id like 'repair%' order by all"
    )
    assert rows == [
        ("repair at 21:50", 1, True, True, False, False),
        ("repair at 22:00", 1, False, True, True, True),
        ("repair at 22:00", 2, True, False, True, False),
    ]
    # 45 minutes from the receipt of the order; equal is in time, and a crew works at any hour.
    assert steps(built_centre, "repair at 21:50", "on_site_arrival") == [("standard", "in_time", "10-09 21:15", 45, 45)]
    assert steps(built_centre, "repair at 22:00", "on_site_arrival") == [("standard", "late", "10-09 21:15", 45, 45)]
    assert steps(built_centre, "repair at 21:50", "site_feedback") == [("standard", "late", "10-09 21:45", 30, 30)]


def test_a_report_with_two_contradicting_limits_is_judged_by_both(built_centre: Centre) -> None:
    # 9 days: Sunday 5 October. 9 working days: 28 September is worked, 1 to 8 October are not, 11 October is.
    assert [row[:3] for row in steps(built_centre, "two limits", "misconduct_result")] == [
        ("centre_rules", "late", "10-05 10:00"),
        ("discipline_rules", "in_time", "10-15 10:00"),
    ]
    # Who gave no name cannot be called back.
    assert [row[1] for row in steps(built_centre, "two limits", "call_back")] == ["not_needed"]


def test_a_promise_is_kept_by_any_answer_in_time_if_only_not_yet(built_centre: Centre) -> None:
    assert [row[:3] for row in steps(built_centre, "promise kept", "promise")] == [
        ("standard", "in_time", "10-14 12:00")
    ]
    assert [row[1] for row in steps(built_centre, "promise broken", "promise")] == ["late"]
    assert [row[1] for row in steps(built_centre, "promise open", "promise")] == ["running_late"]
    assert built_centre.query(
        f"select sum(lead_due), sum(lead_in_time), sum(lead_running_late) from {MARTS}.ticket_step_timeliness"
        " where source = 'hotline' and step = 'promise'"
    ) == [(3, 1, 1)]


def test_forbidden_hours_begin_and_end_on_the_minute_and_yield_to_a_customers_wish(built_centre: Centre) -> None:
    rows = built_centre.query(
        "select ticket_id, attempt_no, strftime(occurred_local, '%H:%M'), is_reached, is_in_forbidden_hours"
        f" from {MARTS}.fct_call_back where ticket_id like 'promise%' order by all"
    )
    assert rows == [
        ("promise broken", 1, "12:30", False, True),
        ("promise broken", 2, "14:00", False, False),
        ("promise broken", 3, "21:00", False, True),
        ("promise kept", 1, "21:30", True, False),
    ]
    # Three attempts are as many as are asked for.
    assert ticket(built_centre, "promise broken", "failed_call_backs, call_backs, called_back_at") == (3, 0, None)
    assert built_centre.query(
        f"select sum(call_back_given_up) from {MARTS}.tickets_by_day"
        " where source = 'hotline' and kind = 'inquiry' and day_local = '2025-10-13'"
    ) == [(1,)]


def test_a_month_from_the_last_of_january_ends_with_february(built_centre: Centre) -> None:
    assert [row[:3] for row in steps(built_centre, "end of January", "plan_answer")] == [
        ("standard", "in_time", "02-28 10:00")
    ]


def test_a_department_has_its_own_clock_and_what_it_hands_back_is_no_longer_its_own(built_centre: Centre) -> None:
    assert [row[:3] for row in steps(built_centre, "handed back", "department_answer")] == [
        ("standard", "not_needed", "10-15 09:10"),
        ("standard", "in_time", "10-16 09:20"),
    ]
    assert ticket(built_centre, "handed back", "state, reopenings, repeated_events, hand_backs, dispatches") == (
        *("closed", 1, 1, 1, 2),
    )


@pytest.mark.parametrize(
    ("name", "states", "minutes"),
    [
        ("still running", ["running"], None),
        ("running late", ["running_late"], None),
        ("never answered", ["late"], None),
        ("no longer needed", ["not_needed"], None),
        ("result before opening", [], None),
        # The clock that began after the result was not needed any more when the ticket was closed.
        ("out of order", ["not_needed", "unclear"], None),
        ("one second", ["in_time"], 0),
        ("unknown department", ["no_calendar"], None),
    ],
)
def test_each_state_of_a_step(built_centre: Centre, name: str, states: list[str], minutes: int | None) -> None:
    found = [row[1:2] + row[4:] for row in steps(built_centre, name, "department_answer")]
    assert found == [(state, minutes) for state in states]


def test_faults_of_a_log_are_flagged_and_measure_nothing(built_centre: Centre) -> None:
    assert ticket(
        built_centre, "result before opening", "events_before_opening, result_at, result_calendar_minutes, state"
    ) == (1, None, None, "closed")
    assert ticket(built_centre, "one second", "events_at_same_second, resolution_calendar_minutes, state") == (
        4,
        0,
        "closed",
    )
    assert ticket(built_centre, "unknown kind", "is_kind_known, is_department_known, state") == (False, True, "open")
    assert ticket(
        built_centre,
        "unknown department",
        "is_department_known, result_calendar_minutes, result_business_minutes, resolution_business_minutes",
    ) == (False, 60, None, None)
    assert ticket(built_centre, "no event", "events, state, has_record") == (0, "open", True)
    assert ticket(built_centre, "orphan", "has_record, opened_at, resolution_calendar_minutes, state, kind") == (
        *(False, None, None, "closed", "unknown"),
    )
    assert built_centre.query(f"select count(*) from {MARTS}.fct_ticket_status where ticket_id = 'orphan'") == [(0,)]
    assert built_centre.query(
        f"select sum(without_record), sum(of_unknown_kind), sum(of_unknown_department), sum(with_events_before_opening)"
        f" from {MARTS}.tickets_by_day where source = 'hotline'"
    ) == [(1, 1, 1, 1)]


def test_an_unknown_event_is_a_rejected_row_with_its_reason(built_centre: Centre) -> None:
    ((path, column, reason),) = built_centre.query(
        f"select path, column_name, reason from {MARTS}.rejected_rows where entity = 'ticket_events'"
    )
    assert (path, column) == ("ticket_events/ticket_events_2025-10-17.csv", "event")
    assert reason.startswith("event: teleported is not one of received, dispatched")


def test_chains_of_duplicates_lead_to_the_original_and_loops_to_nothing(built_centre: Centre) -> None:
    rows = built_centre.query(
        f"select ticket_id, original_ticket_id, is_loop, is_original_unknown from {MARTS}.ticket_duplicates order by 1"
    )
    assert rows == [
        ("double of nothing", "nothing", False, True),
        ("into the loop", None, True, False),
        ("loop 1", None, True, False),
        ("loop 2", None, True, False),
        ("loop of one", None, True, False),
        ("second", "first", False, False),
        ("third", "first", False, False),
    ]


def test_no_event_and_no_ticket_is_lost(built_centre: Centre) -> None:
    landed = sum(len(happened) for _, _, happened in TICKETS.values()) + 2 + 1
    assert built_centre.query(f"select count(*), count_if(is_repeated) from {MARTS}.fct_ticket_event") == [(landed, 1)]
    assert built_centre.query(f"select count(*) from {MARTS}.fct_ticket") == [(len(TICKETS) + 1,)]


def build_tickets(centre: Centre, full: bool = False) -> dict[str, list[tuple]]:
    """Build the marts of tickets and what they read, and nothing else; gives their rows."""
    landing.load(centre.home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_INDIRECT_SELECTION", "empty")
        # A build of some models never counts as the full one that every further build asks for.
        patch.setattr(building, "needs_full_build", lambda home, project=None: False)
        result = building.build(centre.home, full, ["resource_type:seed", "+path:models/marts/tickets"])
    assert result.success, result.report()
    landing.mark_built(centre.home)
    return centre.marts()


@pytest.fixture(scope="module")
def helpdesk(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Centre:
    """The help desk's log, and the marts of tickets made of it."""
    centre = Centre(Home(tmp_path_factory.mktemp("helpdesk") / "data").create())
    landing.load(centre.home, roots={"helpdesk": real_data / "helpdesk_tickets"})
    build_tickets(centre, full=True)
    return centre


def test_the_help_desks_log_goes_through_the_same_models_by_its_mapping(helpdesk: Centre) -> None:
    where = "where source = 'helpdesk'"
    assert helpdesk.query(f"select count(*), count_if(is_repeated) from {MARTS}.fct_ticket_event {where}") == [
        (21_348, 127)
    ]
    assert helpdesk.query(
        f"select count(*), count_if(state = 'open'), sum(events) from {MARTS}.fct_ticket {where}"
    ) == [(4_580, 21, 21_348)]
    assert helpdesk.query(f"select rows_kept, rows_rejected from raw.load_ledger {where}") == [(21_348, 0)]
    # Case 3608: inserted on a Wednesday at 9:40 in Italy, resolved on a Friday sixteen days later at 9:52:34.
    ((calendar, business),) = helpdesk.query(
        f"select result_calendar_minutes, result_business_minutes from {MARTS}.fct_ticket {where}"
        " and ticket_id = 'Case3608'"
    )
    assert (calendar, business) == (16 * 1440 + 12, 12 * 480 + 12)


def agreed(centre: Centre) -> None:
    """Build what changed; every mart of tickets equals what a full build makes of the same files."""
    incremental = build_tickets(centre)
    full = build_tickets(centre, full=True)
    assert incremental.keys() == full.keys()
    for mart, rows in full.items():
        assert incremental[mart] == rows, mart
    assert all(full[f"operations.{mart}"] for mart in ("fct_ticket_step", "fct_call_back", "ticket_backlog_by_day"))


@pytest.mark.timeout(600)
def test_tickets_that_change_after_their_day_end_in_incremental_builds_where_they_end_in_full_ones(
    centre: Centre,
) -> None:
    start = date(2025, 9, 26)
    for days in (0, 1, 2, 3, 5, 6):
        land_some_tickets(centre, start + timedelta(days=days), seed=1)
    build_tickets(centre, full=True)

    # A day more, one that was missing until now, one told otherwise, so that some of its events are gone, and one whose
    # events are all taken back.
    land_some_tickets(centre, start + timedelta(days=8), seed=1)
    land_some_tickets(centre, start + timedelta(days=4), seed=1)
    land_some_tickets(centre, start + timedelta(days=5), seed=2)
    emptied = centre.home.landing / "ticket_events" / f"ticket_events_{start + timedelta(days=6)}.csv"
    emptied.write_text(emptied.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    agreed(centre)

    # A record that comes again with another kind and department, long after.
    again = {"ticket_id": f"{start}-1", "opened_at": f"{start}T09:00:00+08:00", "kind": "consultation"}
    centre.land_rows("tickets", "corrected", TICKET_COLUMNS, [again | {"department": "business_hall"}])
    agreed(centre)

    # A record of events that had none, opened long after the last of them.
    late = {"ticket_id": f"{start}-8", "opened_at": f"{start + timedelta(days=20)}T09:00:00+08:00", "kind": "inquiry"}
    assert centre.query(f"select has_record from {MARTS}.fct_ticket where ticket_id = '{start}-8'") == [(False,)]
    centre.land_rows("tickets", "late", TICKET_COLUMNS, [late])
    agreed(centre)
