"""What a new batch must look like: each check passes on a good day and fails on the fault that it is there for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hand_filled_line import CALL, FIRST, Line, failed

import expectations
from expectations import CheckError

DAYS = 30


def test_a_good_day_passes_and_is_judged_by_every_check(line: Line) -> None:
    day = line.history(DAYS)
    line.land(day)
    found = line.check(day)
    assert {outcome.status for outcome in found.values()} == {"passed"}
    assert found[f"calls.volume_by_weekday:hotline:{day}"].observed == "1,000 rows"
    assert found[f"calls.outcome.abandoned:hotline:{day}"].observed == "10.5% (100 of 950 rows)"
    kinds = {check_id.split(":")[0].split(".")[1] for check_id in found}
    assert kinds == {"volume_by_weekday", "nulls", "outcome", "direction", "range", "future", "freshness"}


@pytest.mark.parametrize(
    ("rows", "columns", "expected"),
    [
        pytest.param(500, {}, {"volume_by_weekday"}, id="half the volume"),
        pytest.param(2000, {}, {"volume_by_weekday"}, id="the day twice"),
        pytest.param(0, {}, {"volume_by_weekday"}, id="a header and nothing else"),
        pytest.param(
            1000, {"customer_id": "if(number % 2 = 0, number::varchar, null)"}, {"nulls.customer_id"}, id="nulls up"
        ),
        pytest.param(
            1000,
            {"agent_id": "if(number % 10 < 6, 'agent 1', null)"},
            {"nulls.agent_id"},
            id="answered calls without agent",
        ),
        pytest.param(
            1000,
            {"outcome": "if(number % 10 < 8, 'answered', 'voicemail')"},
            {"outcome.abandoned"},
            id="an outcome vanished",
        ),
        pytest.param(
            1000,
            {"outcome": "if(number % 10 < 8, 'abandoned', 'answered')", "agent_id": "'agent 1'"},
            {"outcome.answered", "outcome.abandoned", "outcome.voicemail"}
            | {"nulls.ring_seconds", "nulls.talk_seconds", "nulls.wrap_up_seconds"},
            id="outcomes mixed up",
        ),
        pytest.param(
            1000,
            {"outcome": f"if(number % 10 < 5, 'failed', {CALL['outcome']})"},
            {"outcome.failed"},
            id="an outcome never seen",
        ),
        pytest.param(1000, {"direction": "'inbound'"}, {"direction.outbound"}, id="no outbound call any more"),
        pytest.param(1000, {"wait_seconds": "number % 100 - 5"}, {"range.wait_seconds"}, id="negative waits"),
        pytest.param(1000, {"talk_seconds": "90000"}, {"range.talk_seconds"}, id="calls longer than a day"),
        pytest.param(
            1000,
            {"left_at": "timestamptz '2030-01-01 00:00:00+00'"},
            {"future.left_at"},
            id="calls that end in the future",
        ),
        pytest.param(
            1000,
            {"entered_at": "if(number = 7, timestamptz '2030-01-01 00:00:00+00', now())"},
            {"future.entered_at"},
            id="one call of the future",
        ),
    ],
)
def test_a_bad_day_fails(line: Line, rows: int, columns: dict[str, str], expected: set[str]) -> None:
    day = line.history(DAYS)
    if "entered_at" in columns:
        columns["entered_at"] = columns["entered_at"].replace("now()", f"timestamptz '{day} 09:00:00+00'")
    line.land(day, rows, **columns)
    names = {check_id.split(":")[0].removeprefix("calls.") for check_id in failed(line.check(day))}
    # A vanished outcome goes somewhere: what grows instead may fail beside it, nothing of another kind.
    assert expected <= names
    assert {name.split(".")[0] for name in names} == {name.split(".")[0] for name in expected}


@pytest.mark.parametrize(
    ("read", "rejected", "fails"),
    [(1000, 100, False), (1000, 101, True), (30, 19, False), (30, 20, True)],
)
def test_many_rejected_rows_are_a_finding(line: Line, read: int, rejected: int, fails: bool) -> None:
    line.land(FIRST)
    window = f"'{FIRST}', '{FIRST}', true"
    line.change(f"insert into raw.load_ledger values ('calls', 'hotline', 'loaded', {window}, {read}, {rejected})")
    found = line.check(FIRST)
    assert failed(found) == ({f"calls.rejected:hotline:{FIRST}"} if fails else set())
    line.publish()
    assert f"calls.rejected:hotline:{FIRST}" not in line.check(FIRST)


def test_one_impossible_value_in_a_thousand_is_let_through(line: Line) -> None:
    day = line.history(DAYS)
    line.land(day, wait_seconds="if(number = 5, -1, 20)")
    assert not failed(line.check(day))
    line.land(day, wait_seconds="if(number in (5, 6), -1, 20)")
    assert failed(line.check(day)) == {f"calls.range.wait_seconds:hotline:{day}"}


@pytest.mark.filterwarnings("error")
def test_two_calls_in_all_are_judged_without_complaint(line: Line) -> None:
    line.land(FIRST, 2, wait_seconds="if(number = 0, -1, 20)", rating="null")
    found = line.check(FIRST)
    assert {outcome.status for outcome in found.values()} == {"passed", "warming_up"}


def test_fewer_empty_values_than_usual_are_no_fault(line: Line) -> None:
    days = {FIRST + timedelta(days=number): 1000 for number in range(20)}
    line.land_many(days, customer_id="if(number % 2 = 0, 'somebody', null)")
    line.check(FIRST + timedelta(days=19))
    line.publish()
    day = FIRST + timedelta(days=20)
    line.land(day)
    assert not failed(line.check(day))


def test_a_failure_says_what_it_saw_what_it_expected_and_what_to_type(line: Line) -> None:
    day = line.history(DAYS)
    line.land(day, 500)
    (check_id,) = failed(outcomes := line.check(day))
    message = outcomes[check_id].message
    assert check_id == f"calls.volume_by_weekday:hotline:{day}"
    assert "saw 500 rows" in message
    assert "4 earlier Wednesdays" in message
    assert f"hotline accept {check_id} --reason" in message


def test_a_blocked_day_blocks_again_until_it_is_corrected(line: Line) -> None:
    day = line.history(DAYS)
    line.land(day, 500)
    assert failed(line.check(day)) == failed(line.check(day))
    assert [found.check_id for found in expectations.pending(line.home)] == [f"calls.volume_by_weekday:hotline:{day}"]
    line.land(day, 1000)
    assert not failed(line.check(day))
    assert not expectations.pending(line.home)


def test_a_blocked_day_that_is_withdrawn_blocks_no_longer(line: Line) -> None:
    day = line.history(DAYS)
    line.land(day, 500)
    assert failed(line.check(day))
    line.withdraw(day)
    assert not failed(line.check(day))
    assert not expectations.pending(line.home)


def test_a_published_day_that_is_withdrawn_is_no_finding(line: Line) -> None:
    day = line.history(DAYS)
    line.withdraw(day - timedelta(days=5))
    assert not failed(line.check(day - timedelta(days=1)))


def test_the_first_weeks_are_reported_as_warming_up(line: Line) -> None:
    line.land(FIRST, 1000)
    line.publish()
    day = FIRST + timedelta(days=7)
    line.land(day, 100)
    found = line.check(day)
    volume = found[f"calls.volume_by_weekday:hotline:{day}"]
    assert (volume.status, volume.success, volume.blocks) == ("warming_up", None, False)
    assert volume.expected == "at least 4 earlier Mondays to compare with, 1 are there"
    assert found[f"calls.nulls.customer_id:hotline:{day}"].status == "warming_up"
    # What needs no past is judged from the first row on.
    assert found[f"calls.range.wait_seconds:hotline:{day}"].status == "passed"


@pytest.mark.parametrize(("usual", "status"), [(49, "warming_up"), (60, "failed")])
def test_a_handful_of_rows_is_not_judged_by_its_number(line: Line, usual: int, status: str) -> None:
    for week in range(5):
        line.land(FIRST + timedelta(weeks=week), usual)
    line.publish()
    day = FIRST + timedelta(weeks=5)
    line.land(day, 3)
    volume = line.check(day)[f"calls.volume_by_weekday:hotline:{day}"]
    assert volume.status == status
    assert volume.blocks == (status == "failed")


def test_warming_up_ends_with_the_fourth_earlier_weekday(line: Line) -> None:
    for week in range(4):
        line.land(FIRST + timedelta(weeks=week))
    line.check(FIRST + timedelta(weeks=3))
    line.publish()
    day = FIRST + timedelta(weeks=4)
    line.land(day, 400)
    assert f"calls.volume_by_weekday:hotline:{day}" in failed(line.check(day))


def test_an_unusual_weekend_is_compared_with_weekends(line: Line) -> None:
    """Nobody works on Sundays: most callers give up. A Wednesday like that is a finding."""
    quiet = "if(number % 10 < 1, 'answered', 'abandoned')"
    days = [FIRST + timedelta(days=number) for number in range(42)]
    line.land_many({day: 1000 for day in days if day.weekday() != 6})
    line.land_many({day: 1000 for day in days if day.weekday() == 6}, outcome=quiet)
    outcomes = line.check(days[-1])
    assert not failed(outcomes)
    # The first Sundays are unlike the days before, and there are too few to say more.
    assert outcomes[f"calls.outcome.answered:hotline:{days[20]}"].status == "warming_up"
    assert "earlier Sundays" in outcomes[f"calls.outcome.answered:hotline:{days[41]}"].expected
    line.publish()
    wednesday, sunday = days[-1] + timedelta(days=3), days[-1] + timedelta(days=7)
    line.land(wednesday, outcome=quiet)
    line.land(sunday, outcome=quiet)
    names = failed(line.check(sunday))
    assert f"calls.outcome.answered:hotline:{wednesday}" in names
    assert not [name for name in names if str(sunday) in name]


def test_days_of_one_batch_are_compared_with_those_before_them(line: Line) -> None:
    line.land_many({FIRST + timedelta(days=number): 400 if number == 50 else 1000 for number in range(60)})
    last = FIRST + timedelta(days=59)
    assert failed(line.check(last)) == {f"calls.volume_by_weekday:hotline:{FIRST + timedelta(days=50)}"}


def test_a_quiet_weekday_is_compared_with_its_like(line: Line) -> None:
    line.land_many({FIRST + timedelta(days=number): 100 if number % 7 == 6 else 1000 for number in range(42)})
    line.check(FIRST + timedelta(days=41))
    line.publish()
    monday, sunday = FIRST + timedelta(days=42), FIRST + timedelta(days=48)
    line.land(monday, 100)
    line.land(sunday, 100)
    assert failed(line.check(sunday)) & {
        f"calls.volume_by_weekday:hotline:{monday}",
        f"calls.volume_by_weekday:hotline:{sunday}",
    } == {f"calls.volume_by_weekday:hotline:{monday}"}


def test_one_wild_day_in_the_past_does_not_move_the_bounds(line: Line) -> None:
    line.land_many({FIRST + timedelta(days=number): 50_000 if number == 49 else 1000 for number in range(56)})
    line.publish()
    day = FIRST + timedelta(days=56)
    line.land(day, 500)
    assert f"calls.volume_by_weekday:hotline:{day}" in failed(line.check(day))


def test_a_missing_day_is_a_finding_and_a_closed_sunday_is_none(line: Line) -> None:
    line.land_many({FIRST + timedelta(days=number): 1000 for number in range(35) if number % 7 != 6})
    line.check(FIRST + timedelta(days=33))
    line.publish()
    tuesday = FIRST + timedelta(days=36)  # Sunday and Monday before it have no file
    line.land(tuesday)
    assert failed(line.check(tuesday)) == {f"calls.missing_day:hotline:{FIRST + timedelta(days=35)}"}
    line.land(FIRST + timedelta(days=35))
    assert not failed(line.check(tuesday))


def test_a_day_that_is_not_over_is_not_too_small_and_is_judged_again_when_it_is(line: Line) -> None:
    day = line.history(DAYS)
    line.land(day, 300)
    noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
    outcomes = {found.check_id: found for found in expectations.run_batch(line.home, noon)}
    volume = f"calls.volume_by_weekday:hotline:{day}"
    assert outcomes[volume].status == "passed"
    assert "so far" in outcomes[volume].observed
    line.publish()
    # The rest of the day never came: nothing is new, and yet the day is judged.
    assert failed(line.check(day)) == {volume}
    assert failed(line.check(day)) == {volume}
    line.land(day, 1000)
    assert not failed(line.check(day))


def test_a_day_that_was_already_complete_before_it_was_over_is_judged_once_more_and_then_left_alone(line: Line) -> None:
    day = line.history(DAYS)
    line.land(day)
    evening = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=22)
    expectations.run_batch(line.home, evening)
    line.publish()
    volume = f"calls.volume_by_weekday:hotline:{day}"
    assert volume in line.check(day)
    assert volume not in line.check(day)


def test_a_stale_source_is_found_by_its_own_cadence(line: Line) -> None:
    day = line.history(DAYS) - timedelta(days=1)
    assert not failed(line.check(day + timedelta(days=1)))
    assert failed(line.check(day + timedelta(days=2))) == {f"calls.freshness:hotline:{day}"}


def test_a_weekly_source_is_fresh_for_two_weeks(line: Line) -> None:
    line.sql("update raw.sources set cadence_hours = 168")
    day = line.history(DAYS) - timedelta(days=1)
    assert not failed(line.check(day + timedelta(days=13)))
    assert failed(line.check(day + timedelta(days=14))) == {f"calls.freshness:hotline:{day}"}


def test_a_closed_source_is_never_stale_and_misses_no_day(line: Line) -> None:
    line.sql("update raw.sources set is_closed = true")
    day = line.history(DAYS)
    line.land(day + timedelta(days=2))
    found = line.check(day + timedelta(days=4000))
    assert not failed(found)
    assert not [check_id for check_id in found if "freshness" in check_id or "missing_day" in check_id]


def test_history_of_a_new_source_is_not_stale_before_its_first_release(line: Line) -> None:
    line.land(FIRST)
    found = line.check(FIRST + timedelta(days=300))
    assert found[f"calls.freshness:hotline:{FIRST}"].status == "warming_up"
    line.publish()
    assert failed(line.check(FIRST + timedelta(days=300))) == {f"calls.freshness:hotline:{FIRST}"}


def test_simulated_calls_do_not_age(line: Line) -> None:
    line.land(FIRST, is_simulated="true")
    line.check(FIRST)
    line.publish()
    found = line.check(FIRST + timedelta(days=300))
    assert not failed(found)
    assert "does not age" in found[f"calls.freshness:hotline:{FIRST}"].observed


def test_one_source_does_not_hide_or_blame_another(line: Line) -> None:
    line.add_source("north")
    day = line.history(DAYS)
    line.history(DAYS, rows=200, source="north")
    line.land(day, 1000)
    line.land(day, 90, source="north")
    assert failed(line.check(day)) == {f"calls.volume_by_weekday:north:{day}"}


def test_holidays_widen_the_bounds(line: Line) -> None:
    line.sql("update raw.sources set time_zone = 'Europe/Berlin'")
    day = line.history((date(2026, 5, 1) - FIRST).days)
    line.land(day, 300)
    found = line.check(day)
    assert not failed(found)
    assert "Labor Day" in found[f"calls.volume_by_weekday:hotline:{day}"].expected
    line.land(day, 5)
    assert f"calls.volume_by_weekday:hotline:{day}" in failed(line.check(day))


def test_an_unpublished_day_that_the_view_does_not_show_is_an_error_not_an_empty_day(line: Line) -> None:
    day = line.history(DAYS)
    line.land(day)
    line.sql(f"delete from raw.calls where _day = '{day}'")
    with pytest.raises(CheckError, match=r"raw\.calls shows 0 rows of hotline on .*1,000"):
        line.check(day)


def test_an_entity_without_a_suite_of_its_own_is_judged_by_volume_and_nulls(line: Line) -> None:
    line.change(
        """
        create table raw.agent_events as
        select 'A' || i as employee_id, 'present' as state, null::varchar as reason, 'hotline' as _source,
            'hotline/agent_events/1' as _file_id, i as _row_number, (date '2026-03-02' + (i // 300)::integer) as _day
        from range(12000) as numbers(i)
        """,
        "insert into raw.sources values ('hotline', 'agent_events', 'UTC', 24, false, '', '')",
        "insert into control.days "
        "select 'agent_events', 'hotline', _day, 'f' || _day, count(*) from raw.agent_events group by all",
    )
    day = FIRST + timedelta(days=39)
    assert not failed(line.check(day))
    line.change(
        f"delete from raw.agent_events where _day = '{day}' and hash(employee_id) % 10 < 7",
        f"update raw.agent_events set state = null where _day = '{day}'",
        "update control.days set files = 'new', rows = (select count(*) from raw.agent_events where _day = days.day) "
        f"where day = '{day}'",
    )
    assert failed(line.check(day)) == {
        f"agent_events.{check}:hotline:{day}" for check in ("volume_by_weekday", "nulls.state")
    }
