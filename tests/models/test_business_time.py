"""Business time: minute-exact against a plain reference that walks every minute, through holidays and shifts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import duckdb
import pytest

from benchmarks.rendering import macro, model
from hotline.home import PROJECT
from hotline.statistics.calendars import days_out_of_the_ordinary, holidays_of

FIRST, LAST = date(2025, 1, 1), date(2026, 12, 31)
HOURS = {
    "always": {weekday: [(0, 1440)] for weekday in range(1, 8)},
    "office": {weekday: [(510, 1050)] for weekday in range(1, 6)},
    "split": {weekday: [(480, 720), (810, 1080)] for weekday in range(1, 6)} | {6: [(540, 720)]},
    "nights": {weekday: [(0, 360), (1320, 1440)] for weekday in range(1, 8)},
    "three_shifts": {weekday: [(0, 120), (480, 900), (960, 1440)] for weekday in range(1, 8)},
}
# calendar: time zone, country of its holidays, weekday whose hours hold on a worked weekend
CALENDARS = {
    "always": ("Europe/Berlin", "", None),
    "office": ("Asia/Shanghai", "CN", 1),
    "split": ("Europe/Berlin", "DE", None),
    "nights": ("America/New_York", "US", None),
    "three_shifts": ("Asia/Shanghai", "", None),
}
# The unit `changing` keeps office hours until the end of September 2025, and shifts around the clock from October on.
UNITS = [(name, FIRST - timedelta(days=400), LAST + timedelta(days=400), name) for name in CALENDARS] + [
    ("changing", FIRST - timedelta(days=400), date(2025, 9, 30), "office"),
    ("changing", date(2025, 10, 1), LAST + timedelta(days=400), "three_shifts"),
]
OVERRIDES = {("split", date(2025, 3, 29)): (False, None, None), ("split", date(2025, 6, 15)): (True, 600, 660)}


@pytest.fixture(scope="module")
def calendars() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of the folder business_time, made of the seeds above by the models' own SQL."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(
        "create table business_calendars (calendar varchar, time_zone varchar, holiday_country varchar,"
        " worked_weekend_as integer)"
    )
    connection.executemany(
        "insert into business_calendars values (?, ?, nullif(?, ''), ?)",
        [(name, *settings) for name, settings in CALENDARS.items()],
    )
    connection.execute(
        "create table business_hours (calendar varchar, weekday integer, valid_from date, valid_to date,"
        " opens_minute integer, closes_minute integer)"
    )
    connection.executemany(
        "insert into business_hours values (?, ?, '1900-01-01', '2999-12-31', ?, ?)",
        [
            (name, weekday, *shift)
            for name, week in HOURS.items()
            for weekday, shifts in week.items()
            for shift in shifts
        ],
    )
    connection.execute(
        "create table unit_calendars (source varchar, unit varchar, valid_from date, valid_to date, calendar varchar)"
    )
    connection.executemany("insert into unit_calendars values ('s', ?, ?, ?, ?)", UNITS)
    connection.execute(
        "create table business_day_overrides (calendar varchar, day date, is_worked boolean, opens_minute integer,"
        " closes_minute integer)"
    )
    connection.executemany(
        "insert into business_day_overrides values (?, ?, ?, ?, ?)",
        [(*key, *value) for key, value in OVERRIDES.items()],
    )
    known = connection.execute("select * from business_calendars").df()
    public_holidays = holidays_of(known, range(FIRST.year, LAST.year + 1))
    connection.register("int_public_holidays", public_holidays)
    connection.execute(
        f"create table int_tickets_loaded as select 's' as source, date '{FIRST}' as first_on,"
        f" date '{LAST}' as deadlines_until_on"
    )
    for name in ("int_unit_days", "int_unit_shifts", "int_business_minutes", "int_working_days"):
        connection.execute(f"create table {name} as {model(f'intermediate/business_time/{name}')}")
    yield connection
    connection.close()


def business_minutes(
    connection: duckdb.DuckDBPyConnection, intervals: list[tuple[str, datetime, datetime]]
) -> list[int | None]:
    """Of (unit, start, end) in UTC, by the macros that the models use."""
    connection.execute(
        "create or replace table intervals (id integer, unit varchar, start_at timestamptz, end_at timestamptz)"
    )
    connection.executemany(
        "insert into intervals values (?, ?, ?, ?)", [(number, *interval) for number, interval in enumerate(intervals)]
    )
    joins = " ".join(
        f"left join int_business_minutes as {days} on {macro('on_business_day', days, repr('s'), 'intervals.unit', at)}"
        for days, at in (("starts", "start_at"), ("ends", "end_at"))
    )
    until_end, until_start = (
        macro("business_minutes_until", days, at) for days, at in (("ends", "end_at"), ("starts", "start_at"))
    )
    rows = connection.execute(f"select {until_end} - ({until_start}) from intervals {joins} order by id").fetchall()
    return [row[0] for row in rows]


def walked(unit: str, start: datetime, end: datetime, ordinary: dict[str, dict[date, bool]]) -> int:
    """The same, by looking at the clock on the wall in every single minute."""
    minutes = 0
    moment = start.replace(second=0, microsecond=0)
    while moment < end.replace(second=0, microsecond=0):
        minutes += _is_open(unit, moment, ordinary)
        moment += timedelta(minutes=1)
    return minutes


def _is_open(unit: str, moment: datetime, out_of_the_ordinary: dict[str, dict[date, bool]]) -> bool:
    for name, first, last, calendar in UNITS:
        zone, country, worked_as = CALENDARS[calendar]
        local = moment.astimezone(ZoneInfo(zone))
        if name != unit or not first <= local.date() <= last:
            continue
        minute = local.hour * 60 + local.minute
        override = OVERRIDES.get((calendar, local.date()))
        is_worked = out_of_the_ordinary[country].get(local.date()) if country else None
        if override:
            is_worked, opens, closes = override
            if opens is not None:
                return is_worked and opens <= minute < closes
        weekday = local.isoweekday()
        if is_worked is False:
            return False
        if is_worked and weekday >= 6 and worked_as:
            weekday = worked_as
        return any(opens <= minute < closes for opens, closes in HOURS[calendar].get(weekday, []))
    raise AssertionError(unit)


@pytest.fixture(scope="module")
def out_of_the_ordinary() -> dict[str, dict[date, bool]]:
    found = {}
    for country in ("CN", "DE", "US"):
        days = days_out_of_the_ordinary(country, FIRST, LAST)
        found[country] = {day.date(): worked for day, worked in zip(days["day"], days["is_worked"], strict=True)}
    return found


def test_minutes_are_those_of_a_clock_walked_minute_by_minute(
    calendars: duckdb.DuckDBPyConnection, out_of_the_ordinary: dict[str, dict[date, bool]]
) -> None:
    chance = random.Random(4)
    # Around the changes of clocks, long holidays, the change of a calendar and the ends of a year; and anywhere.
    anchors = [
        *(datetime(2025, 3, 30, tzinfo=UTC), datetime(2025, 10, 26, tzinfo=UTC), datetime(2025, 3, 9, tzinfo=UTC)),
        *(datetime(2025, 9, 30, tzinfo=UTC), datetime(2026, 2, 14, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)),
    ]
    intervals = []
    for number in range(240):
        anchor = chance.choice([*anchors, datetime(2025, 2, 1, tzinfo=UTC) + timedelta(days=chance.randrange(600))])
        start = anchor + timedelta(seconds=chance.randrange(-90_000, 90_000))
        length = chance.choice((0, 1, 59, 61, 3_600, 40_000, 86_400, 400_000)) + chance.randrange(120)
        intervals.append((UNITS[number % len(UNITS)][0], start, start + timedelta(seconds=length)))
    expected = [walked(*interval, out_of_the_ordinary) for interval in intervals]
    assert business_minutes(calendars, intervals) == expected
    assert sum(minutes > 0 for minutes in expected) > 120


def test_parts_of_a_stretch_of_months_add_up_to_the_whole(calendars: duckdb.DuckDBPyConnection) -> None:
    chance = random.Random(5)
    moments = sorted(
        datetime(2025, 2, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(50_000_000)) for _ in range(300)
    )
    parts = business_minutes(calendars, [("split", *pair) for pair in pairwise(moments)])
    (whole,) = business_minutes(calendars, [("split", moments[0], moments[-1])])
    assert sum(parts) == whole > 100_000


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("case", "unit", "zone", "start", "end", "minutes"),
    [
        ("the day that loses an hour", "always", "Europe/Berlin", "2025-03-30T00:00", "2025-03-31T00:00", 23 * 60),
        ("the day that gains an hour", "always", "Europe/Berlin", "2025-10-26T00:00", "2025-10-27T00:00", 25 * 60),
        ("a night shift that loses an hour", "nights", "America/New_York", "2025-03-09T00:00", "2025-03-09T12:00", 300),
        ("24/7 is calendar time", "always", "Europe/Berlin", "2025-05-01T07:13", "2025-05-04T19:29", 3 * 1440 + 736),
        ("lunch is none", "split", "Europe/Berlin", "2025-05-05T11:50", "2025-05-05T13:40", 20),
        ("a weekend is counted once", "office", "Asia/Shanghai", "2025-08-01T17:00", "2025-08-04T09:00", 60),
        (
            "a holiday that begins when the shift ends",
            "split",
            "Europe/Berlin",
            "2025-04-30T18:00",
            "2025-05-02T08:00",
            0,
        ),
        (
            "a weekend when the calendar changes",
            "changing",
            "Asia/Shanghai",
            "2025-09-30T17:00",
            "2025-10-01T02:00",
            150,
        ),
        ("China's October 2025", "office", "Asia/Shanghai", "2025-09-30T17:30", "2025-10-12T00:00", 3 * 540),
        ("China's February 2026", "office", "Asia/Shanghai", "2026-02-14T00:00", "2026-03-01T00:00", 6 * 540),
        ("a Saturday closed by the place", "split", "Europe/Berlin", "2025-03-29T00:00", "2025-03-30T00:00", 0),
        ("a Sunday opened for an hour", "split", "Europe/Berlin", "2025-06-15T00:00", "2025-06-16T00:00", 60),
        ("a second over a minute's end", "always", "Europe/Berlin", "2025-05-01T10:00:59", "2025-05-01T10:01:01", 1),
    ],
)
def test_cases_by_hand(
    calendars: duckdb.DuckDBPyConnection, case: str, unit: str, zone: str, start: str, end: str, minutes: int
) -> None:
    assert business_minutes(calendars, [(unit, local(start, zone), local(end, zone))]) == [minutes], case


def test_a_time_outside_of_what_calendars_cover_is_unknown_and_not_zero(calendars: duckdb.DuckDBPyConnection) -> None:
    start = datetime(2025, 5, 1, tzinfo=UTC)
    assert business_minutes(
        calendars, [("office", start, datetime(2031, 1, 1, tzinfo=UTC)), ("nobody", start, start)]
    ) == [
        None,
        None,
    ]


def test_both_libraries_agree_on_china_as_far_as_the_notices_reach() -> None:
    import chinese_calendar
    import holidays

    other = holidays.country_holidays("CN")
    days = [
        date(2018, 1, 1) + timedelta(days=number) for number in range((date(2026, 12, 31) - date(2018, 1, 1)).days + 1)
    ]
    assert [day for day in days if chinese_calendar.is_workday(day) != other.is_working_day(day)] == []


def test_a_country_that_nobody_knows_names_the_seed_and_the_column() -> None:
    with pytest.raises(ValueError, match=r"business_calendars.csv: holiday_country: no holidays are known of 'XX'"):
        days_out_of_the_ordinary("XX", FIRST, LAST)


def test_the_shipped_hours_leave_room_for_the_stretches_that_a_utc_day_may_have() -> None:
    hours = duckdb.sql(f"select * from read_csv('{PROJECT / 'seeds' / 'business_hours.csv'}')")
    shifts = hours.aggregate("count(*) as shifts", "calendar, weekday, valid_from").fetchall()
    assert max(count for (count,) in shifts) <= 3
