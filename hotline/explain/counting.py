"""How columns of marts say that they count rows, and a measure counted from the rows again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hotline.explain.expressions import evaluate, names_in
from hotline.kpis import Kpi, kpis_of


@dataclass(frozen=True)
class Count:
    """How a mart column counts rows: `aggregate` (sum, count or max) of `value` (1 when None) where `where` holds."""

    where: str
    value: str | None = None
    aggregate: str = "sum"

    def over(self, rows: Iterable[Mapping[str, Any]]) -> Any:
        """The column's value for these rows, without the database."""
        counted = [row for row in rows if evaluate(self.where, row)]
        if self.value is None:
            return len(counted)
        values = [row[self.value] for row in counted if row[self.value] is not None]
        if self.aggregate == "count":
            return len(values)
        if self.aggregate == "max":
            return max(values, default=None)
        return sum(values)

    @property
    def columns(self) -> set[str]:
        """Columns of the rows that the count looks at."""
        return names_in(self.where) | ({self.value} if self.value else set())


def mart_of(project: dict[str, Any], name: str) -> dict[str, Any]:
    return next(node for node in project["nodes"].values() if node["resource_type"] == "model" and node["name"] == name)


def counts_of(project: dict[str, Any], mart: str, noun: str) -> dict[str, Count]:
    """Mart column to how it counts visits (or steps or tickets, as `noun` says), for those that do."""
    declared = {
        name: column.get("config", {}).get("meta", {}).get(noun)
        for name, column in mart_of(project, mart)["columns"].items()
    }
    return {name: Count(**count) for name, count in declared.items() if count}


def countable(mart: dict[str, Any], counts: Mapping[str, Count]) -> dict[str, Kpi]:
    """KPIs of the mart of which every column is counted."""
    return {kpi.name: kpi for kpi in kpis_of(mart) if columns_of(kpi) <= counts.keys()}


def columns_of(kpi: Kpi) -> set[str]:
    """Columns of the mart that the KPI is made of."""
    return names_in(kpi.numerator) | names_in(kpi.denominator or "0")


def counts_for(kpi: Kpi, counts: Mapping[str, Count]) -> dict[str, Count]:
    """Those of a mart's counts that the KPI is made of."""
    return {name: count for name, count in counts.items() if name in columns_of(kpi)}


def recount(kpi: Kpi, counts: Mapping[str, Count], rows: list[Mapping[str, Any]]) -> float | None:
    """The KPI from listed rows in plain Python: each column counted, then the KPI's own expressions."""
    columns = {name: count.over(rows) for name, count in counts.items()}
    numerator = number(evaluate(kpi.numerator, columns))
    if kpi.denominator is None:
        return numerator
    denominator = number(evaluate(kpi.denominator, columns))
    return numerator / denominator if numerator is not None and denominator else None


def number(value: Any) -> float | None:
    return None if value is None else float(value) if isinstance(value, Decimal | int | float) else value
