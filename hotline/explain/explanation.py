"""What `explain` answers, and the SQL that asks a mart for a measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from hotline.kpis import Kpi


class Row(Protocol):
    """One listed row: what the measure looks at, the mart columns that count it, and both in words."""

    values: Mapping[str, Any]
    counted_in: tuple[str, ...]

    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Explanation:
    """The answer of `explain`: `value`, `numerator`, `denominator` come from the mart, `recounted` from the rows.

    The rows are visits, steps or tickets, as `noun` says.
    """

    kpi: Kpi
    slice: Mapping[str, Any]
    sql: str
    rows_sql: str
    value: float | None
    numerator: float | None
    denominator: float | None
    recounted: float | None
    rows: tuple[Row, ...]
    noun: str

    @property
    def agrees(self) -> bool:
        """Whether counting the listed rows gives the mart's number."""
        if self.value is None or self.recounted is None:
            return self.value is None and self.recounted is None
        return abs(self.value - self.recounted) <= 1e-9 * max(1.0, abs(self.value))

    def text(self, limit: int | None = 50) -> str:
        """The explanation for reading; `limit` rows are listed, all when None."""
        kpi = self.kpi
        formula = kpi.numerator if kpi.denominator is None else f"({kpi.numerator}) / ({kpi.denominator})"
        numbers = _shown(self.numerator)
        if kpi.denominator is not None:
            numbers += f" / {_shown(self.denominator)}"
        lines = [
            f"{kpi.name}: {kpi.label_en} / {kpi.label_zh}",
            f"  {kpi.description}",
            f"  Formula   {formula}   ({kpi.unit}, {kpi.direction} is better)"
            if kpi.direction != "neutral"
            else f"  Formula   {formula}   ({kpi.unit})",
            f"  Slice     {', '.join(f'{name} = {value}' for name, value in self.slice.items())}",
            f"  Value     {_shown(self.value, kpi.unit)}   = {numbers}",
            f"  Recount   {_shown(self.recounted, kpi.unit)} from the {len(self.rows)} {self.noun} below"
            + ("" if self.agrees else ": DIFFERS from the mart"),
            "",
            "SQL",
            *(f"  {line}" for line in self.sql.splitlines()),
            "",
            f"{self.noun.capitalize()} ({len(self.rows)})",
            *(f"  {line}" for line in self.rows_sql.splitlines()),
            "",
        ]
        listed = self.rows if limit is None else self.rows[:limit]
        lines += [f"  {row.text}" for row in listed]
        if len(listed) < len(self.rows):
            lines.append(f"  … and {len(self.rows) - len(listed)} more")
        return "\n".join(lines)

    __str__ = text


def _shown(value: float | None, unit: str = "count") -> str:
    if value is None:
        return "nothing to divide by" if unit != "count" else "-"
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:,.1f} s" if unit == "seconds" else f"{value:,.10g}"


def spoken(slice_: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in slice_.items()) or "the marts"


def literal(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{'timestamp' if value.tzinfo is None else 'timestamptz'} '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"date '{value}'"
    return "'" + str(value).replace("'", "''") + "'"


def conditions(slice_: Mapping[str, Any], names: Mapping[str, str] | None = None) -> str:
    names = names or {}
    conditions = [f"{names.get(name, name)} = {literal(value)}" for name, value in slice_.items()]
    return "".join(f"\n{'where' if i == 0 else '  and'} {condition}" for i, condition in enumerate(conditions))


def value_sql(kpi: Kpi, slice_: Mapping[str, Any]) -> str:
    denominator = f"sum({kpi.denominator})" if kpi.denominator else "null"
    return (
        f"select\n    {kpi.sql} as {kpi.name},\n    sum({kpi.numerator}) as numerator,\n"
        f"    {denominator} as denominator,\n    count(*) as mart_rows\nfrom {kpi.table}{conditions(slice_)}"
    )
