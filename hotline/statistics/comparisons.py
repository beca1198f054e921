"""Declared comparisons from tables: what the model of the warehouse calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd

from hotline.statistics import comparing

COLUMNS = (
    *("comparison_id", "source", "mart", "measure", "unit", "label_en", "label_zh", "unit_of_analysis"),
    *("group_1", "first_day_1", "last_day_1", "value_1", "cases_1"),
    *("group_2", "first_day_2", "last_day_2", "value_2", "cases_2"),
    *("difference", "difference_low", "difference_high", "p_value", "test", "effect_size", "effect_name", "is_clear"),
    *("words_en", "words_zh"),
)
_INTEGERS = ("cases_1", "cases_2")
_NUMBERS = ("value_1", "value_2", "difference", "difference_low", "difference_high", "p_value", "effect_size")
_DAYS = ("first_day_1", "last_day_1", "first_day_2", "last_day_2")


class DeclarationError(ValueError):
    """A comparison is declared wrongly; the message names it and says why."""


def compare_declared(
    declared: pd.DataFrame, kpis: pd.DataFrame, last_days: Mapping[str, date], sums: Callable[..., pd.DataFrame]
) -> pd.DataFrame:
    """Every declared comparison for every source that has both its groups; a table of `COLUMNS`.

    `declared`   the seed `declared_comparisons`
    `kpis`       mart, kpi, numerator, denominator, unit, of the catalogue
    `last_days`  source → its last loaded day, from which relative days count
    `sums`       (mart, numerator, denominator, condition) → source, day_local, numerator, denominator

    Raises DeclarationError for a measure that no mart declares, a day that is none, a unit of analysis that cannot be.
    """
    by_name = {(row["mart"], row["kpi"]): row for row in kpis.to_dict("records")}
    rows = []
    for entry in declared.to_dict("records"):
        name = entry["comparison_id"]
        kpi = by_name.get((entry["mart"], entry["measure"]))
        if kpi is None:
            raise DeclarationError(f"comparison {name}: {entry['mart']} declares no measure {entry['measure']}")
        if entry["unit_of_analysis"] not in ("case", "day"):
            raise DeclarationError(
                f"comparison {name}: unit of analysis is case or day, not {entry['unit_of_analysis']}"
            )
        if entry["unit_of_analysis"] == "case" and kpi["unit"] != "share":
            raise DeclarationError(f"comparison {name}: cases can be compared for a share; {kpi['unit']} takes days")
        for source, last_day in sorted(last_days.items()):
            if entry["source"] in ("*", source):
                row = _compared(entry, kpi, source, last_day, sums)
                if row is not None:
                    rows.append(row)
    return _typed(pd.DataFrame(rows, columns=list(COLUMNS)))


def _compared(
    entry: dict[str, Any], kpi: dict[str, Any], source: str, last_day: date, sums: Callable[..., pd.DataFrame]
) -> dict[str, Any] | None:
    """One comparison of one source; None where a group has nothing at all."""
    groups = []
    row: dict[str, Any] = {
        **{column: entry[column] for column in ("comparison_id", "mart", "measure", "unit_of_analysis")},
        **{column: entry[column] for column in ("label_en", "label_zh")},
        "source": source,
        "unit": kpi["unit"],
    }
    for number in (1, 2):
        first, last = (_day(entry, f"{end}_{number}", last_day) for end in ("first", "last"))
        condition = f"source = {_text(source)} and day_local between date '{first}' and date '{last}'"
        column, values = entry[f"column_{number}"], entry[f"values_{number}"]
        if _given(column):
            if not re.fullmatch(r"[a-z_]+", column):
                raise DeclarationError(f"comparison {entry['comparison_id']}: {column!r} is no column")
            listed = ", ".join(_text(value) for value in str(values).split("|"))
            condition += f" and cast({column} as varchar) in ({listed})"
        denominator = kpi["denominator"] if _given(kpi["denominator"]) else "null"
        found = sums(entry["mart"], kpi["numerator"], denominator, condition)
        if not len(found):
            return None
        if not _given(kpi["denominator"]):
            found = found.assign(denominator=1.0)  # a count, or hours: by day
        groups.append(found.sort_values("day_local"))
        row |= {f"group_{number}": entry[f"group_{number}"], f"first_day_{number}": first, f"last_day_{number}": last}
    try:
        made = _test(entry["unit_of_analysis"], groups)
    except comparing.TooFew as problem:
        return row | {
            "is_clear": False,
            "words_en": f"Too few to compare: {problem}.",
            "words_zh": f"样本不足：{problem}。",
        }
    words_en, words_zh = comparing.in_words(made, kpi["unit"])
    return row | {
        "value_1": made.value_1, "value_2": made.value_2, "cases_1": made.cases_1, "cases_2": made.cases_2,
        "difference": made.difference, "difference_low": made.low, "difference_high": made.high,
        "p_value": made.p_value, "test": made.test, "effect_size": made.effect, "effect_name": made.effect_name,
        "is_clear": made.is_clear, "words_en": words_en, "words_zh": words_zh,
    }  # fmt: skip


def _test(unit: str, groups: list[pd.DataFrame]) -> comparing.Comparison:
    if unit == "case":
        hits_1, cases_1, hits_2, cases_2 = (
            round(float(group[column].sum())) for group in groups for column in ("numerator", "denominator")
        )
        return comparing.compare_shares(hits_1, cases_1, hits_2, cases_2)
    return comparing.compare_ratios(
        *(group[column].to_numpy(float) for group in groups for column in ("numerator", "denominator")),
        days=tuple(pd.to_datetime(group["day_local"]).to_numpy() for group in groups),
    )


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
