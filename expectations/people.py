"""What is judged of the tables about to be published in people.duckdb. Everything observed is a count of many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import duckdb

from expectations.measures import Measurement, Settings
from expectations.outcome import CheckError
from expectations.rules import literal
from hotline.home import Home
from hotline.privacy import Rules

if TYPE_CHECKING:
    from expectations.published import Found

NEW_LISTS = """
    select source, max(day) as day
    from control.unpublished_days as new join control.days as days using (entity, source, day)
    where entity = 'employees' and days.rows > 0 group by source order by source
"""
"""The newest unpublished list of employees of each source."""

MONTHS = """
    with months as (
        select source, count(*) as row_count, count(distinct (spell_id, month_start_on)) as keys,
            -- Who leaves on the first day of a month has no evening in it.
            count(*) filter (headcount_days not between if(is_leaver, 0, 1) and days_in_month) as odd
        from people.marts.fct_employee_month group by source
    ), known as (select source, count(distinct employee_id) as known from people.marts.dim_employee group by source),
    landed as (select _source as source, count(distinct employee_id) as landed from raw.employees group by source)
    select source, coalesce(row_count, 0), coalesce(keys, 0), coalesce(odd, 0), landed, coalesce(known, 0)
    from landed left join months using (source) left join known using (source)
"""

TURNOVER = """
    with staff as (select * from people.marts.turnover_by_month where dimension = 'all'),
    divided as (
        select source, month_start_on, dimension, sum(headcount_days) as headcount_days
        from people.marts.turnover_by_month group by all
    )
    select source, count(*),
        count(*) filter (headcount_start + hires - leavers <> headcount_end),
        (select count(*) from divided where divided.source = staff.source),
        (
            select count(*) from divided join staff as whole using (source, month_start_on)
            where divided.source = staff.source and divided.headcount_days <> whole.headcount_days
        ),
        (
            select count(*) from people.marts.turnover_by_month as parts
            where parts.source = staff.source and (
                leavers > headcount_start + hires + transfers_in or still_employed > headcount_12_months_ago)
        )
    from staff group by source
"""

# The ordinary way to say which waves are out is the file that keeps them: what is in one never changes again.
WAVES = """
    select rates.source, rates.survey_id, rates.wave, any_value(rates.first_on), any_value(rates.sent),
        any_value(rates.returned), any_value(rates.valid_responses),
        (
            select coalesce(sum(problems.answers), 0) from people.marts.survey_problems as problems
            where (problems.source, problems.survey_id, problems.wave) = (rates.source, rates.survey_id, rates.wave)
        )::bigint,
        count(means.source), coalesce(max(means.answers) filter (means.variable = 'all' and means.scale = 'all'), 0),
        count(*) filter (means.mean_score not between 0 and means.scale_highest),
        count(*) filter (means.people < $minimum)
    from people.marts.survey_response_rate as rates
    left join people.marts.survey_dimensions as means
        on (means.source, means.survey_id, means.wave) = (rates.source, rates.survey_id, rates.wave)
    where rates.variable = 'all'
    group by rates.source, rates.survey_id, rates.wave order by all
"""


def measure(connection: duckdb.DuckDBPyConnection, home: Home, limits: Settings) -> list[Found]:
    """What the suites of HR's tables judge: of sources with a new list of employees, and of waves not published yet.

    Opens the build's people.duckdb read-only beside the warehouse. Raises CheckError when a table is not there.
    """
    lists = dict(connection.execute(NEW_LISTS).fetchall())
    if not home.people.exists():
        if lists:
            raise CheckError(f"{home.people} is not there: nothing has been built yet")
        return []
    connection.execute(f"attach {literal(str(home.people))} as people (read_only)")
    try:
        return [*of_employees(connection, lists), *_surveys(connection, home, limits)]
    except duckdb.CatalogException as error:
        raise CheckError(f"{home.people}: {str(error).splitlines()[0]}") from error
    finally:
        connection.execute("detach people")


def of_employees(connection: duckdb.DuckDBPyConnection, lists: dict[str, date]) -> list[Found]:
    """The part about employees: `lists` gives the newest unpublished list by source, the build stands as `people`."""
    if not lists:
        return []
    return [
        ("fct_employee_month", "fct_employee_month", list(_months(connection, lists))),
        ("turnover_by_month", "turnover_by_month", list(_turnover(connection, lists))),
    ]


def _months(connection: duckdb.DuckDBPyConnection, lists: dict[str, date]) -> Iterator[Measurement]:
    for source, rows, keys, odd, landed, known in connection.execute(MONTHS).fetchall():
        if source in lists:
            where = (source, lists[source])
            seen = f"{rows:,} rows, {keys:,} spells and months"
            yield Measurement("doubled", *where, float(rows - keys), seen, "as many")
            seen = f"{odd:,} of {rows:,} rows with no day, though nobody left, or more than the month has"
            yield Measurement("odd_days", *where, float(odd), seen, "none")
            seen = f"{known:,} employees"
            yield Measurement("missing", *where, float(landed - known), seen, f"{landed:,}, as landed")


def _turnover(connection: duckdb.DuckDBPyConnection, lists: dict[str, date]) -> Iterator[Measurement]:
    for source, months, unbalanced, ways, undivided, impossible in connection.execute(TURNOVER).fetchall():
        if source in lists:
            where = (source, lists[source])
            seen = f"{unbalanced:,} of {months:,} months do not add up"
            yield Measurement("balance", *where, float(unbalanced), seen, "none")
            seen = f"{undivided:,} of {ways:,} sums over months and ways differ from the whole staff"
            yield Measurement("division", *where, float(undivided), seen, "none")
            seen = f"{impossible:,} rows in which more left or stayed than were there"
            yield Measurement("rates", *where, float(impossible), seen, "none")


def _surveys(connection: duckdb.DuckDBPyConnection, home: Home, limits: Settings) -> list[Found]:
    """Waves that stand in no file of `waves/`. Only figures of everybody are told; those of groups are counted."""
    files = [str(path) for path in home.waves.glob("*.parquet")]
    kept = (
        set(connection.execute("select distinct source, survey_id, wave from read_parquet(?)", [files]).fetchall())
        if files
        else set()
    )
    limits, rates, means = limits["surveys"], [], []
    for row in connection.execute(WAVES, {"minimum": Rules().minimum}).fetchall():
        (source, survey, wave, day, sent, returned, valid, unusable, figures, answers, off_scale, too_few) = row
        if (source, survey, wave) in kept:
            continue
        where, name = (source, day), f"{survey}/{wave}"
        for check, part, whole in (("returned", returned, sent), ("valid", valid, returned)):
            if whole:
                observed = f"{part or 0:,} of {whole:,}"
                rates.append(
                    Measurement(f"{check}.{name}", *where, (part or 0) / whole, observed, f"at most {whole:,}")
                )
        if given := answers + unusable:
            share = unusable / given if unusable >= limits["answers_at_least"] else 0.0
            observed = f"{unusable:,} of {given:,} answers could not be used"
            expected = f"at most {limits['unusable']:.0%}, or fewer than {limits['answers_at_least']}"
            rates.append(Measurement(f"unusable.{name}", *where, share, observed, expected))
        if figures:
            seen = f"{off_scale:,} of {figures:,} means off the scale"
            means.append(Measurement(f"scale.{name}", *where, float(off_scale), seen, "none"))
            seen = f"{too_few:,} of {figures:,} means rest on too few people"
            means.append(Measurement(f"minimum.{name}", *where, float(too_few), seen, "none"))
    return [
        ("survey_response_rate", "survey_response_rate", rates),
        ("survey_dimensions", "survey_dimensions", means),
    ]
