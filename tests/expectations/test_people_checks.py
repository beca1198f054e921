"""Checks of what HR hands in and of what is published of it: they find faults and tell of nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module

import duckdb
import pytest
from hand_filled_line import Line, failed

from expectations import CheckError, judging, people, settings
from expectations.suites import employees
from hotline.home import Home

LISTS = [date(2025, month, 1) for month in range(1, 9)]
NEXT = date(2025, 9, 1)
STAFF = 60
EMPLOYEE = {
    "employee_id": "'E' || number",
    "as_of": "day",
    "name": "'王伟' || number",
    "hired_on": "date '2020-01-01'",
    "left_on": "if(number < 2, day - 3, null)",
    "leave_kind": "if(number < 2, 'voluntary', null)",
    "leave_reason": "if(number < 2, 'family', null)",
    "monthly_pay": "(6123.45 + number)::decimal(18, 2)",
    "market_pay": "(6200 + number)::decimal(18, 2)",
}
EMPLOYEE |= {name: "'x'" for name in employees.RULES.nulls if name not in EMPLOYEE}
"""Column -> SQL over `day` and `number`: two of sixty have just left."""


class Staff:
    """Lists of employees on a hand-filled line."""

    def __init__(self, line: Line) -> None:
        self.line = line
        shape = ", ".join(f"{sql} as {name}" for name, sql in EMPLOYEE.items())
        line.change(
            "insert into raw.sources values ('hr', 'employees', 'UTC', null, false, 'en', 'zh')",
            f"create table raw.employees as select {shape}, '' as _source, '' as _file_id, 0::bigint as _row_number,"
            " day as _day, '' as _time_zone from (select date '2025-01-01' as day, 0 as number) where false",
        )

    def land(self, day: date, count: int = STAFF, **columns: str) -> None:
        chosen = ", ".join(f"{sql} as {name}" for name, sql in {**EMPLOYEE, **columns}.items())
        self.line.change(
            f"insert into raw.employees by name select {chosen}, 'hr' as _source, 'hr/{day}' as _file_id,"
            f" number as _row_number, day as _day, 'UTC' as _time_zone"
            f" from (select date '{day}' as day, unnest(range({count})) as number)",
            f"insert into control.days values ('employees', 'hr', '{day}', 'hr/{day}', {count})",
        )


@pytest.fixture
def staff(line: Line) -> Staff:
    """Eight monthly lists, checked and published."""
    staff = Staff(line)
    for number, day in enumerate(LISTS):
        staff.land(day, STAFF + number % 3)
    assert failed(line.check(LISTS[-1])) == set()
    line.publish()
    return staff


FORMS = ("{:.2f}", "{:,.2f}")
"""How pay may be written."""

# ---- lists as they land

MISTAKES = {
    "half a list": (30, {}, {"headcount"}),
    "twice as many": (120, {}, {"headcount"}),
    "a column left out": (STAFF, {"monthly_pay": "null"}, {"nulls.monthly_pay"}),
    "another unit": (STAFF, {"monthly_pay": "(6123.45 + number)::decimal(18, 2) * 1000"}, {"range.monthly_pay"}),
    "a third has left": (STAFF, {"left_on": "if(number < 20, day - 3, null)"}, {"leavers", "nulls"}),
}


@pytest.mark.parametrize(("count", "columns", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_bad_list_fails(staff: Staff, count: int, columns: dict[str, str], expected: set[str]) -> None:
    staff.land(NEXT, count, **columns)
    names = {check_id.split(":")[0].removeprefix("employees.") for check_id in failed(staff.line.check(NEXT))}
    # Who left without a kind and a reason is a finding of its own.
    assert {name if name in expected else name.split(".")[0] for name in names} == expected


def test_a_list_like_those_before_passes_and_every_check_of_it_has_warmed_up(staff: Staff) -> None:
    staff.land(NEXT, STAFF + 5)
    found = [one for one in staff.line.check(NEXT).values() if one.day == NEXT]
    assert {one.status for one in found} == {"passed"}
    kinds = {one.check_id.split(":")[0].split(".")[1] for one in found}
    assert kinds == {"headcount", "leavers", "nulls", "range"}


def test_a_small_team_may_change_by_half(line: Line) -> None:
    staff = Staff(line)
    staff.land(LISTS[0], 8)
    staff.land(LISTS[1], 12)
    assert failed(line.check(LISTS[1])) == set()


def test_no_finding_and_no_page_tells_a_name_or_a_pay(staff: Staff, caplog: pytest.LogCaptureFixture) -> None:
    days = [NEXT + timedelta(days=number) for number in range(len(MISTAKES))]
    for day, (count, columns, _) in zip(days, MISTAKES.values(), strict=True):
        staff.land(day, count, **columns)
    outcomes = staff.line.check(days[-1]).values()
    assert len([one for one in outcomes if one.blocks]) >= len(MISTAKES)
    tables = staff.line.sql("select table_name from duckdb_tables() where schema_name = 'checks'")
    assert len(tables) >= 3
    told = {
        "findings": "\n".join(map(str, outcomes)),
        "page": (staff.line.home.data_docs / "index.html").read_text(encoding="utf-8"),
        "log": caplog.text,
        **{table: str(staff.line.sql(f"from checks.{table}")) for (table,) in tables},
        # The search can find: what landed is there.
        "raw": str(staff.line.sql("select name, monthly_pay::varchar from raw.employees")),
    }
    pays = [6123.45 + number for number in range(STAFF)]
    secret = [f"王伟{number}" for number in range(STAFF)] + [form.format(pay) for pay in pays for form in FORMS]
    assert {place for place, text in told.items() if any(word in text for word in secret)} == {"raw"}


# ---- tables about to be published

PUBLISHED = """
create schema people.marts;
create table people.marts.dim_employee as select 'hr' as source, 'hr/E' || n as employee_id from range(60) as r(n);
create table people.marts.fct_employee_month as
select 'hr' as source, employee_id || '/1' as spell_id, date '2025-08-01' as month_start_on, 31 as days_in_month,
    -- The last of them leaves on the first of the month.
    employee_id = 'hr/E59' as is_leaver, if(is_leaver, 0, 31) as headcount_days
from people.marts.dim_employee;
create table people.marts.turnover_by_month as
select 'hr' as source, date '2025-08-01' as month_start_on, dimension, member, size * 31 as headcount_days,
    size as headcount_start, 1 as hires, 1 as leavers, size as headcount_end, 0 as transfers_in,
    size - 2 as still_employed, size as headcount_12_months_ago
from (values ('all', 'all', 60), ('site', 'north', 40), ('site', 'south', 20)) as of_size(dimension, member, size);
create table people.marts.survey_response_rate as
select 'hr' as source, 'stress' as survey_id, '2025' as wave, 'all' as variable, date '2025-08-01' as first_on,
    60 as sent, 50 as returned, 48 as valid_responses;
create table people.marts.survey_problems as
select 'hr' as source, 'stress' as survey_id, '2025' as wave, 5 as answers;
create table people.marts.survey_dimensions as
select 'hr' as source, 'stress' as survey_id, '2025' as wave, variable, scale, answers, people, 3.5 as mean_score,
    5 as scale_highest
from (values ('all', 'all', 480, 48), ('group', 'all', 60, 6)) as means(variable, scale, answers, people);
"""


def change(home: Home, *statements: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home.people}' as people")
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def built(line: Line) -> Line:
    """A list and a wave, built, not published yet."""
    Staff(line).land(LISTS[-1])
    change(line.home, PUBLISHED)
    return line


def judged(line: Line) -> dict[str, bool | None]:
    """Table and check -> whether it holds."""
    limits = settings.load()
    with duckdb.connect(str(line.home.warehouse)) as connection:
        return {
            f"{table}.{measurement.check}": holds
            for table, module, measured in people.measure(connection, line.home, limits)
            for measurement, _, holds in judging.judge(
                import_module(f"expectations.suites.{module}").suite(limits), measured
            )
        }


def test_good_tables_of_hr_pass_and_are_judged_by_every_check(built: Line) -> None:
    assert judged(built) == dict.fromkeys(
        (
            *(f"fct_employee_month.{check}" for check in ("doubled", "odd_days", "missing")),
            *(f"turnover_by_month.{check}" for check in ("balance", "division", "rates")),
            *(f"survey_response_rate.{check}.stress/2025" for check in ("returned", "valid", "unusable")),
            *(f"survey_dimensions.{check}.stress/2025" for check in ("scale", "minimum")),
        ),
        True,
    )


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("insert into fct_employee_month from fct_employee_month limit 1", "fct_employee_month.doubled"),
        ("update fct_employee_month set headcount_days = 32 where spell_id = 'hr/E0/1'", "fct_employee_month.odd_days"),
        ("update fct_employee_month set headcount_days = 0 where spell_id = 'hr/E0/1'", "fct_employee_month.odd_days"),
        ("delete from dim_employee where employee_id = 'hr/E0'", "fct_employee_month.missing"),
        ("update turnover_by_month set hires = 2 where dimension = 'all'", "turnover_by_month.balance"),
        ("delete from turnover_by_month where member = 'north'", "turnover_by_month.division"),
        ("update turnover_by_month set leavers = 90 where member = 'north'", "turnover_by_month.rates"),
        ("update turnover_by_month set still_employed = 21 where member = 'south'", "turnover_by_month.rates"),
        ("update survey_response_rate set returned = 61", "survey_response_rate.returned.stress/2025"),
        ("update survey_response_rate set valid_responses = 51", "survey_response_rate.valid.stress/2025"),
        ("update survey_problems set answers = 60", "survey_response_rate.unusable.stress/2025"),
        ("update survey_dimensions set mean_score = 5.5 where people = 6", "survey_dimensions.scale.stress/2025"),
        ("update survey_dimensions set people = 4 where people = 6", "survey_dimensions.minimum.stress/2025"),
    ],
)
def test_a_bad_table_of_hr_fails(built: Line, statement: str, expected: str) -> None:
    change(built.home, "use people.marts", statement)
    assert {check for check, holds in judged(built).items() if not holds} == {expected}


@pytest.mark.parametrize(
    ("done", "left"),
    [
        (Line.publish, {"survey_response_rate", "survey_dimensions"}),
        (
            lambda line: duckdb.sql("select 'hr' as source, 'stress' as survey_id, '2025' as wave").write_parquet(
                str(line.home.waves / "one.parquet")
            ),
            {"fct_employee_month", "turnover_by_month"},
        ),
    ],
    ids=["the list is published", "the wave is published"],
)
def test_what_is_published_is_not_judged_again(built: Line, done: Callable[[Line], None], left: set[str]) -> None:
    done(built)
    assert {check.split(".")[0] for check in judged(built)} == left


def test_a_build_without_the_tables_of_hr_is_an_error_that_names_file_and_table(built: Line) -> None:
    change(built.home, "drop table people.marts.turnover_by_month")
    with pytest.raises(CheckError, match=r"people\.duckdb: .*turnover_by_month"):
        judged(built)
    built.home.people.unlink()
    with pytest.raises(CheckError, match=r"people\.duckdb is not there"):
        judged(built)
