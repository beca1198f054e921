"""Declared comparisons from tables: what the model of the warehouse calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd

from hotline.statistics import comparing

COLUMNS = (
    *("comparison_id", "report", "source", "mart", "measure", "unit", "label_en", "label_zh", "unit_of_analysis"),
    *("group_1", "first_day_1", "last_day_1", "value_1", "cases_1"),
    *("group_2", "first_day_2", "last_day_2", "value_2", "cases_2"),
    *("difference", "difference_low", "difference_high", "p_value", "test", "effect_size", "effect_name", "is_clear"),
    *("value_1_shown", "value_2_shown", "difference_shown", "interval_shown", "p_value_shown", "effect_shown"),
    *("words_en", "words_zh"),
)
_INTEGERS = ("cases_1", "cases_2")
_NUMBERS = ("value_1", "value_2", "difference", "difference_low", "difference_high", "p_value", "effect_size")
_DAYS = ("first_day_1", "last_day_1", "first_day_2", "last_day_2")

PERIODS = {"day_local": "day", "week_start_on": "week", "month_start_on": "month"}
"""Column of a mart → the unit of analysis for which it stands."""

_MEANS = {"seconds", "hours", "ratio", "points", "amount"}
_RATIOS = _MEANS | {"share", "per_hour"}
UNITS = {
    "case": {"share"},
    "mean": _MEANS,
    "rate": {"count"},
    "day": _RATIOS | {"count"},
    "week": _RATIOS | {"count"},
    "month": _RATIOS | {"count"},
    "agent": _RATIOS,
}
"""Unit of analysis → units of the measures that can be compared by it."""


class DeclarationError(ValueError):
    """A comparison is declared wrongly; the message names it and says why."""


def compare_declared(
    declared: pd.DataFrame,
    kpis: pd.DataFrame,
    delivered: Mapping[str, Collection[date]],
    columns_of: Callable[[str], Iterable[str] | None],
    ask: Callable[[str, str, str], pd.DataFrame],
) -> pd.DataFrame:
    """Every declared comparison for every source that has both its groups; a table of `COLUMNS`.

    `declared`    the seed `declared_comparisons`
    `kpis`        mart, kpi, numerator, denominator, unit, of the catalogue
    `delivered`   source → its days; relative days count from the last of them
    `columns_of`  mart → its columns; None for one that is not open to comparisons
    `ask`         (mart, aggregated columns, condition) → one row per value of those that are not aggregated

    Raises DeclarationError for a mart or a measure that is not there, a day that is none, a unit that cannot be.
    """
    by_name = {(row["mart"], row["kpi"]): row for row in kpis.to_dict("records")}
    rows = []
    for entry in declared.to_dict("records"):
        period = _checked(entry, by_name, columns_of)
        kpi = by_name[entry["mart"], entry["measure"]]
        for source, days in sorted(delivered.items()):
            if entry["source"] in ("*", source):
                row = _compared(entry, kpi, period, source, days, ask)
                if row is not None:
                    rows.append(row)
    return _typed(pd.DataFrame(rows, columns=list(COLUMNS)))


def _checked(
    entry: dict[str, Any], by_name: Mapping[tuple[str, str], Any], columns_of: Callable[[str], Iterable[str] | None]
) -> str:
    """The column of the mart that says when; DeclarationError where a comparison cannot be made."""
    name, mart, unit = entry["comparison_id"], entry["mart"], entry["unit_of_analysis"]
    columns = columns_of(mart)
    if columns is None:
        raise DeclarationError(
            f"comparison {name}: {mart} is not among the marts that are compared; add it in int_comparisons.py"
        )
    columns = list(columns)
    if (mart, entry["measure"]) not in by_name:
        raise DeclarationError(f"comparison {name}: {mart} declares no measure {entry['measure']}")
    if unit not in UNITS:
        raise DeclarationError(f"comparison {name}: unit of analysis is one of {', '.join(UNITS)}, not {unit}")
    measured = by_name[mart, entry["measure"]]["unit"]
    if measured not in UNITS[unit]:
        able = ", ".join(other for other, units in UNITS.items() if measured in units)
        raise DeclarationError(f"comparison {name}: a measure in {measured} is compared by {able}, not by {unit}")
    period = next((column for column in PERIODS if column in columns), None)
    if period is None:
        raise DeclarationError(f"comparison {name}: {mart} has none of {', '.join(PERIODS)}")
    if unit in PERIODS.values() and unit != PERIODS[period]:
        raise DeclarationError(f"comparison {name}: {mart} counts by {PERIODS[period]}, not by {unit}")
    if unit == "agent" and "agent_id" not in columns:
        raise DeclarationError(f"comparison {name}: {mart} has no agent_id to tell agents apart")
    return period


def _compared(
    entry: dict[str, Any],
    kpi: dict[str, Any],
    period: str,
    source: str,
    delivered: Collection[date],
    ask: Callable[[str, str, str], pd.DataFrame],
) -> dict[str, Any] | None:
    """One comparison of one source; None where a group has nothing at all."""
    groups, days = [], []
    row: dict[str, Any] = {
        **{column: entry[column] for column in ("comparison_id", "report", "mart", "measure", "unit_of_analysis")},
        **{column: entry[column] for column in ("label_en", "label_zh")},
        "source": source,
        "unit": kpi["unit"],
    }
    for number in (1, 2):
        first, last = (_day(entry, f"{end}_{number}", max(delivered)) for end in ("first", "last"))
        condition = f"source = {_text(source)} and {period} between date '{first}' and date '{last}'"
        column, values = entry[f"column_{number}"], entry[f"values_{number}"]
        if _given(column):
            if not re.fullmatch(r"[a-z_]+", column):
                raise DeclarationError(f"comparison {entry['comparison_id']}: {column!r} is no column")
            listed = ", ".join(_text(value) for value in str(values).split("|"))
            condition += f" and cast({column} as varchar) in ({listed})"
        days.append([day for day in sorted(delivered) if first <= day <= last])
        groups.append(ask(entry["mart"], _asked(entry["unit_of_analysis"], kpi, period), condition))
        row |= {f"group_{number}": entry[f"group_{number}"], f"first_day_{number}": first, f"last_day_{number}": last}
    if _nothing(entry["unit_of_analysis"], groups, days):
        return None
    try:
        made = _test(entry, kpi, groups, days)
    except comparing.TooFew as problem:
        return row | {
            "is_clear": False,
            "words_en": f"Too few to compare: {problem}.",
            "words_zh": f"样本不足：{problem}。",
        }
    words_en, words_zh = comparing.in_words(made, kpi["unit"])
    shown = comparing.shown(made, kpi["unit"])
    return row | {
        "value_1": made.value_1, "value_2": made.value_2, "cases_1": made.cases_1, "cases_2": made.cases_2,
        "difference": made.difference, "difference_low": made.low, "difference_high": made.high,
        "p_value": made.p_value, "test": made.test, "effect_size": made.effect, "effect_name": made.effect_name,
        "value_1_shown": shown.value_1, "value_2_shown": shown.value_2, "difference_shown": shown.difference,
        "interval_shown": shown.interval, "p_value_shown": shown.p_value, "effect_shown": shown.effect,
        "is_clear": made.is_clear, "words_en": words_en, "words_zh": words_zh,
    }  # fmt: skip


def _asked(unit: str, kpi: dict[str, Any], period: str) -> str:
    """What is asked of a mart: sums per unit of analysis, or of rows that are cases their mean and spread."""
    numerator, denominator = kpi["numerator"], kpi["denominator"] if _given(kpi["denominator"]) else "null"
    if unit == "mean":
        known = f"filter (where ({denominator}) > 0)"
        return (
            f"avg({numerator}) {known} as mean, stddev_samp({numerator}) {known} as deviation, "
            f"count(*) {known} as cases, max({denominator}) as most"
        )
    by = {"case": "", "rate": "", "agent": "agent_id as unit, "}.get(unit, f"{period} as unit, ")
    return f"{by}sum({numerator}) as numerator, sum({denominator}) as denominator"


def _nothing(unit: str, groups: list[pd.DataFrame], days: list[list[date]]) -> bool:
    """Whether a group has nothing at all; a rate of none is one, where days were delivered and the other has events."""
    if unit == "rate":
        return not all(days) or all(group["numerator"].isna().all() for group in groups)
    known = {"mean": "mean", "case": "denominator"}.get(unit)
    return any(group[known].isna().all() if known else not len(group) for group in groups)


def _test(
    entry: dict[str, Any], kpi: dict[str, Any], groups: list[pd.DataFrame], days: list[list[date]]
) -> comparing.Comparison:
    unit = entry["unit_of_analysis"]
    if unit == "mean":
        moments = [group.iloc[0].fillna(0) for group in groups]
        if max(group["most"] for group in moments) > 1:
            name = entry["comparison_id"]
            raise DeclarationError(f"comparison {name}: rows of {entry['mart']} are no cases, but sums of several")
        return comparing.compare_means_of(
            *((float(group["mean"]), float(group["deviation"]), int(group["cases"])) for group in moments)
        )
    if unit in ("case", "rate"):
        sums = [group[["numerator", "denominator"]].astype(float).fillna(0).sum() for group in groups]
        hits = [round(float(group["numerator"])) for group in sums]
        if unit == "case":
            cases = [round(float(group["denominator"])) for group in sums]
            return comparing.compare_shares(hits[0], cases[0], hits[1], cases[1])
        per = [
            float(group["denominator"]) if _given(kpi["denominator"]) else float(len(days_of))
            for group, days_of in zip(sums, days, strict=True)
        ]
        return comparing.compare_rates(hits[0], per[0], hits[1], per[1])
    parts = [
        group.assign(unit=group["unit"] if unit == "agent" else pd.to_datetime(group["unit"]).dt.strftime("%Y-%m-%d"))
        .set_index("unit")
        .astype(float)
        for group in groups
    ]
    if not _given(kpi["denominator"]):  # a count, or hours: by day, on which it may be none
        parts = [
            (part.reindex([f"{day}" for day in days_of], fill_value=0.0) if unit == "day" else part).assign(
                denominator=1.0
            )
            for part, days_of in zip(parts, days, strict=True)
        ]
    if unit == "agent":
        # The same agent stands at the same place of both groups.
        both = parts[0].index.union(parts[1].index)
        parts = [part.reindex(both, fill_value=0.0) for part in parts]
    parts = [part.sort_index() for part in parts]
    columns = [part[name].fillna(0).to_numpy() for part in parts for name in ("numerator", "denominator")]
    if unit == "agent":
        return comparing.compare_clusters(*columns)
    days_1, days_2 = (part.index.to_numpy(str) for part in parts)
    return comparing.compare_ratios(*columns, days=(days_1, days_2), over=f"{unit}s")


def _day(entry: dict[str, Any], column: str, last_day: date) -> date:
    """A date, or days before the last loaded day: 0 is that day, -6 the day six days before it."""
    text = str(entry[column])
    if re.fullmatch(r"-?\d+", text):
        return last_day + timedelta(days=int(text))
    try:
        return date.fromisoformat(text)
    except ValueError:
        problem = f"comparison {entry['comparison_id']}: {column} is {text!r}, neither a date nor a number of days"
        raise DeclarationError(problem) from None


def _given(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """An empty column has its type too: the warehouse reads types from the table."""
    for name in COLUMNS:
        if name in _DAYS:
            table[name] = pd.to_datetime(table[name])
        elif name in _NUMBERS:
            table[name] = table[name].astype(float)
        elif name in _INTEGERS:
            table[name] = table[name].astype("Int64")
        elif name == "is_clear":
            table[name] = table[name].astype(bool)
        else:
            table[name] = table[name].astype("string")
    return table
