"""KPIs are declared once, correctly, over columns that exist, and everybody reads the same expression."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from hotline.explain.expressions import names_in
from hotline.kpis import Kpi, KpiError, kpis_in, kpis_of
from tests.models.conftest import Centre

SIX_FORMS = {
    "service_level_abandons_as_served",
    "service_level_abandons_ignored",
    "service_level_abandons_counted",
    "service_level_early_abandons_ignored",
    "service_level_short_abandons_as_served",
    "service_level_short_abandons_ignored",
}


@pytest.fixture(scope="module")
def kpis(manifest: dict[str, Any]) -> list[Kpi]:
    return kpis_in(manifest)


def mart(manifest: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(manifest["nodes"]["model.hotline.service_level_by_day"])


def test_the_six_forms_and_the_seventh_stand_on_both_marts(kpis: list[Kpi]) -> None:
    for name in ("service_level_by_interval", "service_level_by_day"):
        names = {kpi.name for kpi in kpis if kpi.mart == name}
        assert names >= SIX_FORMS | {"service_level_flow_outs_counted", "service_level_target"}


def test_every_expression_uses_columns_of_its_mart_only(manifest: dict[str, Any], kpis: list[Kpi]) -> None:
    for kpi in kpis:
        columns = manifest["nodes"][f"model.hotline.{kpi.mart}"]["columns"]
        assert names_in(kpi.numerator) | names_in(kpi.denominator or "0") <= columns.keys(), (kpi.mart, kpi.name)


def test_every_kpi_and_target_runs_on_its_mart_and_equals_the_catalogue(built_centre: Centre, kpis: list[Kpi]) -> None:
    catalogue = dict(built_centre.query("select (mart, kpi), sql_expression from operations.marts.kpi_catalogue"))
    assert len(catalogue) == len(kpis)
    for kpi in kpis:
        target = kpi.target if isinstance(kpi.target, str) else "0"
        built_centre.query(f"select {kpi.sql} from {kpi.database}.{kpi.table}")
        built_centre.query(f"select {target} from {kpi.database}.{kpi.table}")
        assert catalogue[(kpi.mart, kpi.name)] == kpi.sql


def test_values_by_day_are_those_of_the_kpi_expression(built_centre: Centre, kpis: list[Kpi]) -> None:
    for kpi in kpis:
        if kpi.mart == "service_level_by_day":
            # The whole period: sums of numerators and denominators first, one division last.
            ((by_kpi,),) = built_centre.query(
                "select case when any_value(denominator) is null then sum(numerator)"
                " else sum(numerator) / nullif(sum(denominator), 0) end"
                f" from operations.marts.kpi_by_day where kpi = '{kpi.name}'"
            )
            ((by_mart,),) = built_centre.query(f"select cast({kpi.sql} as double) from {kpi.database}.{kpi.table}")
            assert by_kpi == pytest.approx(by_mart), kpi.name


def test_a_kpi_without_what_its_unit_needs_is_refused(manifest: dict[str, Any]) -> None:
    for key, value, message in (
        ("denominator", None, "'denominator' is a required property"),
        ("label_zh", "no Chinese", "does not match"),
        ("unit", "percent", "is not one of"),
        ("colour", "red", "Additional properties"),
    ):
        node = mart(manifest)
        kpi = next(kpi for kpi in node["config"]["meta"]["kpis"] if kpi["name"] == "abandonment_rate")
        kpi.pop(key, None)
        if value is not None:
            kpi[key] = value
        with pytest.raises(KpiError, match=rf"service_level_by_day: KPI abandonment_rate: .*{message}"):
            kpis_of(node)


def test_a_kpi_declared_twice_is_refused(manifest: dict[str, Any]) -> None:
    node = mart(manifest)
    node["config"]["meta"]["kpis"].append(node["config"]["meta"]["kpis"][0])
    with pytest.raises(KpiError, match="declared twice: entered"):
        kpis_of(node)
