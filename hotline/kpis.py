"""The KPIs that the marts declare, read from dbt's manifest.

A mart says in `config.meta.kpis` which KPIs its columns carry. This module checks that against a JSON schema and gives
it as `Kpi` objects to whoever needs a definition: dashboards, `hotline explain`, documentation, tests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "label_en", "label_zh", "numerator", "unit", "direction", "owner", "description"],
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
            "label_en": {"type": "string", "minLength": 1},
            "label_zh": {"type": "string", "pattern": "[\u4e00-\u9fff]"},
            "numerator": {"type": "string", "minLength": 1},
            "denominator": {"type": "string", "minLength": 1},
            "unit": {"enum": ["share", "seconds", "hours", "count", "ratio", "per_hour", "points", "amount"]},
            "direction": {"enum": ["higher", "lower", "neutral"]},
            "target": {"type": ["number", "string"]},
            "owner": {"type": "string", "minLength": 1},
            "description": {"type": "string", "minLength": 1},
        },
        # A share, a mean or a ratio without denominator would be a sum under a wrong name; what is counted adds up.
        "if": {"properties": {"unit": {"enum": ["count", "hours", "points", "amount"]}}},
        "else": {"required": ["denominator"]},
    },
}


class KpiError(ValueError):
    """A KPI that is declared wrongly; the message names the mart, the KPI and the reason."""


@dataclass(frozen=True)
class Kpi:
    """One KPI of one mart: `numerator` and `denominator` are SQL over the mart's columns, each to be summed."""

    mart: str
    database: str
    schema: str
    name: str
    label_en: str
    label_zh: str
    numerator: str
    denominator: str | None
    unit: str
    direction: str
    target: float | str | None
    owner: str
    description: str

    @property
    def sql(self) -> str:
        """The KPI over any rows of its mart: sums first, division last; null where there is nothing to divide by."""
        if self.denominator is None:
            return f"sum({self.numerator})"
        return f"sum({self.numerator}) * 1.0 / nullif(sum({self.denominator}), 0)"

    @property
    def table(self) -> str:
        """`schema.table` as readers of the published file name it."""
        return f"{self.schema}.{self.mart}"

    @property
    def label(self) -> str:
        """Both names in one line, for tools with one label per metric."""
        return f"{self.label_en} / {self.label_zh}"


def kpis_of(node: dict[str, Any]) -> list[Kpi]:
    """The KPIs of one model node of a manifest; empty for models without any.

    Raises KpiError where the declaration breaks the schema or names a KPI twice.
    """
    declared = node.get("config", {}).get("meta", {}).get("kpis")
    if declared is None:
        return []
    problem = next(iter(jsonschema.Draft202012Validator(SCHEMA).iter_errors(declared)), None)
    if problem is not None:
        position = problem.absolute_path[0] if problem.absolute_path else None
        entry = declared[position] if isinstance(position, int) else {}
        raise KpiError(f"{node['name']}: KPI {entry.get('name', position)}: {problem.message}")
    names = [entry["name"] for entry in declared]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise KpiError(f"{node['name']}: declared twice: {', '.join(twice)}")
    return [
        Kpi(
            mart=node["name"],
            database=node["database"],
            schema=node["schema"],
            denominator=entry.get("denominator"),
            target=entry.get("target"),
            **{key: value for key, value in entry.items() if key not in ("denominator", "target")},
        )
        for entry in declared
    ]


def kpis_in(manifest: dict[str, Any]) -> list[Kpi]:
    """All KPIs of a parsed manifest, mart by mart, in the order in which they are declared."""
    models = (node for node in manifest["nodes"].values() if node["resource_type"] == "model")
    return [kpi for node in sorted(models, key=lambda node: node["name"]) for kpi in kpis_of(node)]


def read_kpis(manifest: Path) -> list[Kpi]:
    """All KPIs declared in the `manifest.json` at that path.

    Raises FileNotFoundError where dbt has not written it yet, KpiError where a declaration is wrong.
    """
    return kpis_in(json.loads(manifest.read_text(encoding="utf-8")))
