"""What the tables about to be published must look like."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest
from hand_filled_line import FIRST, Line, failed

import expectations
from expectations import CheckError
from expectations.published import DIMENSIONS

ONE_DAY = """
create schema operations.marts;
create table operations.marts.fct_queue_visit as
select 'hotline' as source, date '2026-03-02' + (number // 1000)::integer as arrival_on,
    20 + number % 5 as wait_seconds,
    if(number % 10 < 8, 200, null) as handle_seconds, number % 10 < 8 as is_answered
from range(10000) as numbers(number);
create table operations.marts.fct_contact as
select source, arrival_on from operations.marts.fct_queue_visit;
create table operations.marts.service_level_by_interval as
select source, arrival_on as day_local, count(*) as offered, max(wait_seconds) as longest_wait_seconds
from operations.marts.fct_queue_visit group by all;
create table operations.marts.service_level_by_day as
select source, arrival_on as day_local, count(*) as offered, count_if(is_answered) as answered,
    count_if(not is_answered) as abandoned, count_if(is_answered) as answered_within_target,
    sum(wait_seconds) as wait_seconds_answered
from operations.marts.fct_queue_visit group by all;
"""
LAST = FIRST + timedelta(days=9)


def marts(line: Line, *statements: str) -> None:
    """Change the build's operations.duckdb by hand."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{line.home.operations}' as operations")
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def built(line: Line) -> Line:
    """Ten landed days of 1,000 calls, built, not published yet."""
    line.land_many({FIRST + timedelta(days=number): 1000 for number in range(10)})
    dimensions = [f"create table operations.marts.{table} as select 1 as one" for table in DIMENSIONS]
    marts(line, ONE_DAY, *dimensions)
    return line


def check(line: Line) -> dict[str, expectations.CheckOutcome]:
    return {found.check_id: found for found in expectations.run_published(line.home)}


def test_a_good_build_passes_and_is_judged_by_every_check(built: Line) -> None:
    found = check(built)
    assert {outcome.status for outcome in found.values()} == {"passed"}
    assert {check_id.split(":")[0] for check_id in found} == {
        "fct_queue_visit.visits_of_landed",
        "fct_queue_visit.range.wait_seconds",
        "fct_queue_visit.range.handle_seconds",
        "fct_contact.contacts_of_landed",
        "service_level_by_interval.offered_as_in_day",
        "service_level_by_interval.longest_wait",
        "service_level_by_day.answered_of_offered",
        "service_level_by_day.service_level",
        "service_level_by_day.speed_of_answer",
        "service_level_by_day.freshness",
        *(f"{table}.not_empty" for table in DIMENSIONS),
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            f"delete from fct_queue_visit where arrival_on = '{LAST}'",
            f"fct_queue_visit.visits_of_landed:hotline:{LAST}",
        ),
        (
            f"insert into fct_queue_visit from fct_queue_visit where arrival_on = '{LAST}'",
            f"fct_queue_visit.visits_of_landed:hotline:{LAST}",
        ),
        (
            f"update fct_queue_visit set wait_seconds = -1 where arrival_on = '{LAST}'",
            f"fct_queue_visit.range.wait_seconds:hotline:{LAST}",
        ),
        (
            f"update fct_queue_visit set handle_seconds = 90000 where arrival_on = '{LAST}'",
            f"fct_queue_visit.range.handle_seconds:hotline:{LAST}",
        ),
        (f"delete from fct_contact where arrival_on = '{LAST}'", f"fct_contact.contacts_of_landed:hotline:{LAST}"),
        (
            f"update service_level_by_interval set offered = offered + 1 where day_local = '{LAST}'",
            f"service_level_by_interval.offered_as_in_day:hotline:{LAST}",
        ),
        (
            f"update service_level_by_interval set longest_wait_seconds = 90000 where day_local = '{LAST}'",
            f"service_level_by_interval.longest_wait:hotline:{LAST}",
        ),
        (
            f"update service_level_by_day set answered = offered + 1 where day_local = '{LAST}'",
            f"service_level_by_day.answered_of_offered:hotline:{LAST}",
        ),
        (
            f"update service_level_by_day set answered_within_target = 2000 where day_local = '{LAST}'",
            f"service_level_by_day.service_level:hotline:{LAST}",
        ),
        (
            f"update service_level_by_day set wait_seconds_answered = 1e9 where day_local = '{LAST}'",
            f"service_level_by_day.speed_of_answer:hotline:{LAST}",
        ),
        ("delete from dim_queue", "dim_queue.not_empty"),
    ],
)
def test_a_bad_table_fails(built: Line, change: str, expected: str) -> None:
    marts(built, "use operations.marts", change)
    assert failed(check(built)) == {expected}


def test_marts_that_stop_before_the_landed_days_are_stale(built: Line) -> None:
    marts(
        built,
        *(
            f"delete from operations.marts.{table} where day_local > '2026-03-08'"
            for table in ("service_level_by_interval", "service_level_by_day")
        ),
    )
    (check_id,) = failed(found := check(built))
    assert check_id == f"service_level_by_day.freshness:hotline:{LAST}"
    assert found[check_id].observed == "rows up to 2026-03-08"


def test_a_few_calls_at_midnight_are_no_difference(built: Line) -> None:
    built.land(LAST, 3)
    marts(built, "use operations.marts", f"delete from fct_queue_visit where arrival_on = '{LAST}'")
    marts(built, "use operations.marts", f"delete from fct_contact where arrival_on = '{LAST}'")
    assert not failed(check(built))


def test_where_nothing_has_landed_an_empty_dimension_is_none(line: Line) -> None:
    dimensions = [f"create table operations.marts.{table} as select 1 as one where false" for table in DIMENSIONS]
    marts(line, ONE_DAY, *dimensions)
    assert not check(line)


def test_only_unpublished_days_are_read(built: Line) -> None:
    built.publish()
    marts(built, "delete from operations.marts.fct_queue_visit")
    assert not failed(check(built))


def test_an_acceptance_of_a_table_check_lapses_with_new_files(built: Line) -> None:
    marts(built, "delete from operations.marts.dim_agent")
    assert failed(check(built)) == {"dim_agent.not_empty"}
    expectations.accept(built.home, "dim_agent.not_empty", "no agent answers yet")
    assert not failed(check(built))
    built.land(LAST, 1001)
    assert failed(check(built)) == {"dim_agent.not_empty"}


def test_results_of_batch_and_tables_stand_beside_each_other(built: Line) -> None:
    built.check(LAST)
    check(built)
    assert built.sql("select distinct layer from raw.check_results order by all") == [("batch",), ("published",)]
    built.check(LAST)
    assert built.sql("select count(*) > 50 from raw.check_results where layer = 'published'") == [(True,)]


def test_a_build_without_its_tables_is_an_error_that_names_file_and_table(built: Line) -> None:
    marts(built, "drop table operations.marts.dim_team")
    with pytest.raises(CheckError, match=r"operations\.duckdb: .*dim_team"):
        check(built)
    built.home.operations.unlink()
    with pytest.raises(CheckError, match="nothing has been built yet"):
        check(built)


def test_rows_that_landed_and_are_not_in_their_table_are_found(built: Line) -> None:
    on = LAST
    built.change(
        f"insert into control.days values ('ticket_events', 'hotline', date '{on}', 'f', 3)",
    )
    event = f"select 'hotline' as source, date '{on}' as day_local"
    marts(built, f"create table operations.marts.fct_ticket_event as {' union all '.join([event] * 3)}")
    check_id = f"fct_ticket_event.rows_of_landed:hotline:{on}"
    assert check(built)[check_id].status == "passed"
    marts(built, f"insert into operations.marts.fct_ticket_event {event}")
    assert check(built)[check_id].observed == "4 rows"
    assert failed(check(built)) == {check_id}
    marts(built, "delete from operations.marts.fct_ticket_event")
    assert failed(check(built)) == {check_id}
