"""What the suites judge: one number per check, source and day, with the words that explain it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from expectations import bounds, holidays
from expectations.profile import SIMULATED, end_of, is_over
from expectations.rules import BatchRules

EVER = date(1, 1, 1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Settings = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Measurement:
    """`judged` is the number that the expectation of `kind` looks at; None while the check warms up."""

    check: str
    source: str
    day: date | None
    judged: float | None
    observed: str
    expected: str

    @property
    def kind(self) -> str:
        """`nulls` of `nulls.customer_id`."""
        return self.check.split(".")[0]


@dataclass(frozen=True)
class Day:
    """A day of one source as the control tables and the profile know it."""

    day: date
    rows: int
    is_new: bool
    is_judged: bool
    """New, or judged before it was over: what was 'not finished yet' then is judged in full now."""


def of_batch(
    connection: duckdb.DuckDBPyConnection, entity: str, rules: BatchRules, settings: Settings, now: datetime
) -> list[Measurement]:
    """Everything that the suite of a landed table judges in this run."""
    described = connection.execute(
        "select source, time_zone, cadence_hours, is_closed from raw.sources where entity = ? order by source", [entity]
    ).fetchall()
    found: list[Measurement] = []
    for source, zone, cadence, is_closed in described:
        days = _days(connection, entity, source, zone, settings, now)
        judged = {day.day for day in days if day.is_judged}
        if rules.has_weekdays:
            found += volume(source, days, zone, settings, now)
        found += rejected(connection, entity, source, settings)
        if judged:
            # Lists of everybody come once a month or less: all there are count as the recent past.
            first = EVER if rules.is_snapshot else min(judged) - timedelta(days=60)
            found += shares(_counted(connection, entity, source, first), source, judged, rules, settings)
        if rules.is_snapshot:
            found += headcount(connection, entity, source, judged, settings)
        if rules.is_daily and not is_closed:
            found += missing_days(source, days, settings, _withdrawn(connection, entity, source))
            found += freshness(connection, entity, source, zone, cadence, settings, now)
    return found


def _days(
    connection: duckdb.DuckDBPyConnection, entity: str, source: str, zone: str | None, settings: Settings, now: datetime
) -> list[Day]:
    """The judged days and those before them that they are compared with, in order of time.

    A day whose file has a header only has 0 rows; a day that was published and belongs to no file any more was taken
    out on purpose and is not judged.
    """
    new = connection.execute(
        """
        select days.day, days.rows as row_count, true as is_new
        from control.unpublished_days as new join control.days as days using (entity, source, day)
        where entity = $entity and source = $source
        union all by name
        select days.day, days.rows as row_count, false as is_new
        from checks.profiled_days as known join control.days as days using (entity, source, day)
        where entity = $entity and source = $source and not known.was_over and known.files = days.files
            and not exists (
                from control.unpublished_days as new
                where new.entity = $entity and new.source = $source and new.day = days.day)
        """,
        {"entity": entity, "source": source},
    ).fetchall()
    new = [row for row in new if row[2] or is_over(row[0], zone, now)]
    if not new:
        return []
    first = min(day for day, _, _ in new) - timedelta(weeks=settings["volume"]["earlier_weekdays"])
    last = max(day for day, _, _ in new)
    earlier = connection.execute(
        "select day, rows from control.days where entity = ? and source = ? and day between ? and ?",
        [entity, source, first, last],
    ).fetchall()
    found = {day: Day(day, rows, is_new=False, is_judged=False) for day, rows in earlier}
    found |= {day: Day(day, rows, is_new, is_judged=True) for day, rows, is_new in new}
    return [found[day] for day in sorted(found)]


def _withdrawn(connection: duckdb.DuckDBPyConnection, entity: str, source: str) -> set[date]:
    """Days of withdrawn files: nobody need be told of what somebody took out on purpose."""
    rows = connection.execute(
        "select unnest(generate_series(first_day, last_day, interval 1 day))::date from raw.load_ledger "
        "where entity = ? and source = ? and status = 'withdrawn' and first_day is not null",
        [entity, source],
    ).fetchall()
    return {day for (day,) in rows}


def volume(source: str, days: list[Day], zone: str | None, settings: Settings, now: datetime) -> list[Measurement]:
    """Rows per judged day against the same weekday of the weeks before."""
    if not days:
        return []
    limits = settings["volume"]
    span = (days[-1].day - days[0].day).days + 1
    by_day = {day.day: day for day in days}
    calendar = [days[0].day + timedelta(days=number) for number in range(span)]
    rows = np.array([by_day[day].rows if day in by_day else np.nan for day in calendar], dtype=float)
    # Logarithms, so that half and double are equally far; half a row keeps the empty day finite.
    logs = np.log(rows + 0.5)
    centre, spread, known = bounds.centre_and_spread(bounds.earlier(logs, int(limits["earlier_weekdays"]), step=7))
    # Small numbers vary by chance alone (Poisson).
    chance = 1 / np.sqrt(np.exp(centre))
    below, above = (np.maximum(np.clip(spread, *limits[side]), chance) for side in ("spread_below", "spread_above"))
    found = []
    for number, day in enumerate(calendar):
        if day not in by_day or not by_day[day].is_judged:
            continue
        weekday = f"{WEEKDAYS[day.weekday()]}s"
        observed = f"{int(rows[number]):,} rows"
        if known[number] < limits["warm_up"]:
            need = f"at least {limits['warm_up']:.0f} earlier {weekday} to compare with, {known[number]} are there"
            found.append(Measurement("volume_by_weekday", source, day, None, observed, need))
            continue
        if np.exp(centre[number]) < limits["rows_at_least"]:
            usual = f"{np.exp(centre[number]) - 0.5:,.0f} rows are the median of {known[number]} earlier {weekday}"
            need = f"{usual}: fewer than {limits['rows_at_least']:.0f} are not judged"
            found.append(Measurement("volume_by_weekday", source, day, None, observed, need))
            continue
        distance = logs[number] - centre[number]
        distance /= below[number] if distance < 0 else above[number]
        reach, notes = limits["limit"], ""
        if abs(distance) > limits["limit"] and (name := holidays.unusual_day(source, zone, day, settings)):
            distance, reach = distance / limits["holiday_widening"], reach * limits["holiday_widening"]
            notes = f"; widened, as it is {name}"
        if not is_over(day, zone, now):
            distance = max(distance, 0.0)
            observed += " so far, the day is not over"
        low = max(0.0, np.exp(centre[number] - reach * below[number]) - 0.5)
        high = np.exp(centre[number] + reach * above[number]) - 0.5
        expected = (
            f"{low:,.0f} to {high:,.0f} rows (median of {known[number]} earlier {weekday}: "
            f"{np.exp(centre[number]) - 0.5:,.0f}{notes})"
        )
        found.append(Measurement("volume_by_weekday", source, day, float(distance), observed, expected))
    return found


def rejected(connection: duckdb.DuckDBPyConnection, entity: str, source: str, settings: Settings) -> list[Measurement]:
    """Share of rows that break the contract, of the files that begin on the same day and hold an unpublished one."""
    rows = connection.execute(
        """
        select first_day, sum(rows_read)::bigint, sum(rows_rejected)::bigint
        from raw.load_ledger as files
        where entity = $entity and source = $source and is_current and rows_read > 0 and exists (
            from control.unpublished_days as new
            where new.entity = $entity and new.source = $source
              and new.day between files.first_day and files.last_day)
        group by first_day order by first_day
        """,
        {"entity": entity, "source": source},
    ).fetchall()
    limits = settings["rejected"]
    expected = f"at most {limits['share']:.0%}, or fewer than {limits['rows_at_least']} rows"
    return [
        Measurement(
            "rejected",
            source,
            day,
            count / read if count >= limits["rows_at_least"] else 0.0,
            f"{count:,} of {read:,} rows rejected ({count / read:.1%})",
            expected,
        )
        for day, read, count in rows
    ]


def missing_days(source: str, days: list[Day], settings: Settings, withdrawn: set[date]) -> list[Measurement]:
    """Days without any row directly before a new day, judged by how often that weekday had rows."""
    found = []
    limits = settings["volume"]
    present = {day.day for day in days if day.rows}
    if not present:
        return []
    first = min(present)
    for before, day in itertools.pairwise(days):
        if not day.is_new:
            continue
        for missing in _between(before.day, day.day):
            earlier = [missing - timedelta(weeks=week) for week in range(1, int(limits["earlier_weekdays"]) + 1)]
            earlier = [past for past in earlier if past >= first]
            had_rows = sum(past in present for past in earlier)
            weekday = f"{WEEKDAYS[missing.weekday()]}s"
            if missing in withdrawn:
                continue
            if len(earlier) < limits["warm_up"]:
                need = f"at least {limits['warm_up']:.0f} earlier {weekday} to compare with, {len(earlier)} are there"
                found.append(Measurement("missing_day", source, missing, None, "no rows", need))
            else:
                expected = f"rows on most {weekday}: {had_rows} of the last {len(earlier)} had some"
                found.append(Measurement("missing_day", source, missing, had_rows / len(earlier), "no rows", expected))
    return found


def _between(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range(1, (last - first).days))


def _counted(connection: duckdb.DuckDBPyConnection, entity: str, source: str, first: date) -> pd.DataFrame:
    """base and hits per day and check, of the judged days and of enough days before them."""
    return connection.execute(
        """
        select shares.day, shares.check_name, shares.base, shares.hits
        from checks.shares_by_day as shares
        join checks.profiled_days as known using (entity, source, day)
        join control.days as days using (entity, source, day)
        where entity = $entity and source = $source and known.files = days.files and shares.day >= $first
        order by shares.day
        """,
        {"entity": entity, "source": source, "first": first},
    ).df()


def shares(
    counted: pd.DataFrame, source: str, judged: set[date], rules: BatchRules, settings: Settings
) -> list[Measurement]:
    """Shares of empty values, of each outcome, of impossible and of future values, per judged day.

    counted: columns day, check_name, base, hits. Days of snapshots are compared in their order, as if one followed on
    the other.
    """
    found: list[Measurement] = []
    if counted.empty:
        return found
    base, hits = (
        counted.pivot(index="day", columns="check_name", values=name).sort_index() for name in ("base", "hits")
    )
    if not rules.is_snapshot:
        base, hits = base.asfreq("D"), hits.asfreq("D")
    days = [stamp.date() for stamp in base.index]
    for compared, limits in ((rules.null_shares(), settings["nulls"]), (rules.value_shares(), settings["outcomes"])):
        for share in compared:
            if share.check in base:
                found += _against_past(source, share.check, days, base, hits, judged, limits, not rules.is_snapshot)
    allowed, slips = settings["ranges"]["share_outside"], settings["ranges"]["values_let_through"]
    for column, (low, high) in rules.ranges.items():
        expected = f"{low:,} to {high:,} in all but {allowed:.2%} of them"
        what = f"outside {low:,} to {high:,}"
        found += _plain(source, f"range.{column}", what, expected, days, base, hits, judged, slips)
    snapshots = settings["snapshots"]
    for share in rules.leaver_shares():
        expected = f"at most {snapshots['leavers']:.0%}, or fewer than {snapshots['people_at_least']} people"
        slips = snapshots["people_at_least"] - 1
        found += _plain(source, share.check, "of people who have just left", expected, days, base, hits, judged, slips)
    tolerance = settings["ranges"]["future_tolerance_minutes"]
    for column in rules.not_in_future:
        expected = f"none later than now, give or take {tolerance:.0f} minutes"
        found += _plain(source, f"future.{column}", "in the future", expected, days, base, hits, judged)
    return found


def _against_past(
    source: str,
    check: str,
    days: list[date],
    base: pd.DataFrame,
    hits: pd.DataFrame,
    judged: set[date],
    limits: dict[str, float],
    has_weekdays: bool,
) -> list[Measurement]:
    """Distance from the days before or (`has_weekdays`) from the same weekdays before, whichever is nearer.

    `days` is then a calendar without gaps; base and hits are empty on days without rows. `limits` with `due_at_least`
    are of values that may become too rare as well, others of such as may not.
    """
    two_sided = "due_at_least" in limits
    total, count = base[check].to_numpy(dtype=float), hits[check].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, count / total, np.nan)
    past = {
        "days": bounds.earlier(share, int(limits["earlier_days"])),
    }
    if has_weekdays:
        past["weekdays"] = bounds.earlier(share, int(limits["earlier_weekdays"]), step=7)
    references = [(name, *_reference(window, total, limits)) for name, window in past.items()]
    every = np.concatenate(list(past.values()), axis=1)
    # Days without any earlier one have warmed up nowhere and are judged by none of this: 0 does no harm.
    leanest = np.min(np.where(np.isnan(every), np.inf, every), axis=1)
    leanest = np.where(np.isinf(leanest), 0.0, leanest) * total
    found = []
    for number, day in enumerate(days):
        if day not in judged or not total[number] > 0:
            continue
        if two_sided and count[number] == 0 and not np.nansum(every[number]) > 0:
            continue  # an outcome that this centre does not know, and still does not have
        observed = f"{share[number]:.1%} ({count[number]:,.0f} of {total[number]:,.0f} rows)"
        nearest: tuple[float, str] | None = None
        missing = ""
        for name, centre, spread, known in references:
            of_days = "days" if has_weekdays else "lists"
            words = of_days if name == "days" else f"{WEEKDAYS[day.weekday()]}s"
            if known[number] < limits["warm_up"]:
                missing = f"at least {limits['warm_up']:.0f} earlier {words} to compare with, {known[number]} are there"
                continue
            distance = (share[number] - centre[number]) / spread[number]
            distance = distance if two_sided else max(distance, 0.0)
            reach = limits["limit"] * spread[number]
            low, high = max(0.0, centre[number] - reach), min(1.0, centre[number] + reach)
            bound = f"{low:.1%} to {high:.1%}" if two_sided else f"at most {high:.1%}"
            expected = f"{bound} (median of {known[number]} earlier {words}: {centre[number]:.1%})"
            if nearest is None or abs(distance) < abs(nearest[0]):
                nearest = (float(distance), expected)
        if nearest and two_sided and count[number] == 0 and leanest[number] >= limits["due_at_least"]:
            expected = f"at least some: even the leanest of the days before had a share of {leanest[number]:,.0f} rows"
            nearest = (-2 * limits["limit"], expected)
        if nearest is None or (missing and abs(nearest[0]) > limits["limit"]):
            # Unlike the days before, but nobody knows yet what this weekday is like.
            found.append(Measurement(check, source, day, None, observed, missing))
        else:
            found.append(Measurement(check, source, day, nearest[0], observed, nearest[1]))
    return found


def _reference(
    window: np.ndarray, total: np.ndarray, limits: dict[str, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median, standard deviation to expect and number of days, per day."""
    centre, spread, known = bounds.centre_and_spread(window)
    # The chance of drawing so many: of ten rows three may well be another outcome.
    with np.errstate(invalid="ignore", divide="ignore"):
        likely = (centre * total + 1) / (total + 2)
        chance = np.sqrt(likely * (1 - likely) / total)
    return centre, np.sqrt(spread**2 + chance**2 + limits["spread_at_least"] ** 2), known


def headcount(
    connection: duckdb.DuckDBPyConnection, entity: str, source: str, judged: set[date], settings: Settings
) -> list[Measurement]:
    """Change of the number of rows from the list before each judged one, as a share of that number."""
    rows = connection.execute(
        "select day, rows from control.days where entity = ? and source = ? and rows > 0 order by day",
        [entity, source],
    ).fetchall()
    limits, found = settings["snapshots"], []
    for before, (day, count) in zip([None, *rows], rows, strict=False):
        if day not in judged:
            continue
        observed = f"{count:,} rows"
        if before is None:
            found.append(Measurement("headcount", source, day, None, observed, "an earlier list to compare with"))
            continue
        change = (count - before[1]) / before[1]
        reach = max(limits["change"] * before[1], limits["people_at_least"])
        low, high = max(0.0, before[1] - reach), before[1] + reach
        expected = f"{low:,.0f} to {high:,.0f} rows ({before[1]:,} in the list of {before[0]})"
        is_pattern = abs(count - before[1]) > limits["people_at_least"]
        found.append(Measurement("headcount", source, day, change if is_pattern else 0.0, observed, expected))
    return found


def _plain(
    source: str,
    check: str,
    what: str,
    expected: str,
    days: list[date],
    base: pd.DataFrame,
    hits: pd.DataFrame,
    judged: set[date],
    let_through: float = 0,
) -> list[Measurement]:
    if check not in base:
        return []
    found = []
    for day, total, count in zip(days, base[check], hits[check], strict=True):
        if day in judged and total > 0:
            observed = f"{count:,.0f} of {total:,.0f} values {what}"
            share = count / total if count > let_through else 0.0
            found.append(Measurement(check, source, day, share, observed, expected))
    return found


def freshness(
    connection: duckdb.DuckDBPyConnection,
    entity: str,
    source: str,
    zone: str | None,
    cadence_hours: float | None,
    settings: Settings,
    now: datetime,
) -> list[Measurement]:
    """Age of the newest day, in cadences of its source."""
    newest, simulated, has_release = connection.execute(
        """
        select max(days.day),
            coalesce(bool_or(shares.hits = shares.base) filter (days.is_newest), false),
            exists (from control.published_days where entity = $entity and source = $source)
        from (
            select *, day = max(day) over () as is_newest
            from control.days where entity = $entity and source = $source and rows > 0
        ) as days
        left join checks.shares_by_day as shares
            on shares.entity = $entity and shares.source = $source and shares.day = days.day
            and shares.check_name = $simulated
        """,
        {"entity": entity, "source": source, "simulated": SIMULATED.check},
    ).fetchone()
    if newest is None:
        return []
    hours = max(0.0, (now.astimezone(UTC) - end_of(newest, zone).astimezone(UTC)).total_seconds() / 3600)
    observed = f"newest rows of {newest}, which ended {hours:,.0f} hours ago"
    if cadence_hours is None:
        return [Measurement("freshness", source, newest, None, observed, "a cadence_hours in the source's description")]
    allowed = settings["freshness"]["cadences"] * cadence_hours
    expected = (
        f"at most {allowed:,.0f} hours ({settings['freshness']['cadences']:g} times the cadence of {cadence_hours:g})"
    )
    if simulated:
        return [Measurement("freshness", source, newest, 0.0, f"{observed}; simulated, which does not age", expected)]
    if not has_release:
        need = f"a first release: what a new source brings is history, {expected} counts from then on"
        return [Measurement("freshness", source, newest, None, observed, need)]
    return [Measurement("freshness", source, newest, hours / cadence_hours, observed, expected)]
