"""The committed bundle: equal to what the specs say, and whole from dashboard to dbt column, with no server running."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
import sqlglot
import yaml

from dashboards import generate
from dashboards.assets import Bars, Cell, Dashboard, Listing, Row
from dashboards.spec import DASHBOARDS
from dashboards.spec.agents import AGENTS
from dashboards.spec.datasets import WAITS

BILINGUAL = re.compile(r"^[A-Z][^/]* / [^/]*[\u4e00-\u9fff][^/]*$")
UUID_5 = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")


@pytest.fixture(scope="module")
def committed() -> dict[str, dict[str, Any]]:
    """The committed assets by path."""
    return {path: yaml.safe_load(text) for path, text in generate.read().items()}


def of_kind(assets: dict[str, dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    """The assets of a folder by uuid."""
    return {asset["uuid"]: asset for path, asset in assets.items() if path.startswith(f"{kind}/")}


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def test_the_committed_bundle_is_what_the_specs_say(dbt_manifest: dict[str, Any]) -> None:
    generated, committed = generate.bundle(dbt_manifest), generate.read()
    assert sorted(generated) == sorted(committed), "run `python -m dashboards.generate`"
    differing = [path for path in generated if generated[path] != committed[path]]
    assert differing == [], "run `python -m dashboards.generate`"


def test_the_order_of_the_manifest_does_not_matter(dbt_manifest: dict[str, Any]) -> None:
    turned = dbt_manifest | {"nodes": dict(reversed(dbt_manifest["nodes"].items()))}
    assert generate.bundle(turned) == generate.bundle(dbt_manifest)


def test_every_dashboard_leads_to_dbt_columns(committed: dict[str, Any], dbt_manifest: dict[str, Any]) -> None:
    marts = {
        (node["database"], node["name"]): set(node["columns"])
        for node in dbt_manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }
    databases, datasets, charts = (of_kind(committed, kind) for kind in ("databases", "datasets", "charts"))
    dashboards = of_kind(committed, "dashboards")
    assert len(dashboards) == len(DASHBOARDS)
    for dashboard in dashboards.values():
        cells = [node for node in dashboard["position"].values() if isinstance(node, dict)]
        shown = [cell["meta"]["uuid"] for cell in cells if cell["type"] == "CHART"]
        assert shown
        assert len(set(shown)) == len(shown)
        for uuid in shown:
            dataset = datasets[charts[uuid]["dataset_uuid"]]
            database = databases[dataset["database_uuid"]]["database_name"]
            mart = marts[database, dataset["table_name"]]
            assert {column["column_name"] for column in dataset["columns"] if not column["expression"]} == mart
            named = {
                key: value for key, value in walk(charts[uuid]["params"]) if key in ("metric", "metrics", "groupby")
            }
            offered = {metric["metric_name"] for metric in dataset["metrics"]}
            columns = {column["column_name"] for column in dataset["columns"]}
            for key, value in named.items():
                for name in value if isinstance(value, list) else [value]:
                    assert name in (columns if key == "groupby" else offered), f"{charts[uuid]['slice_name']}: {name}"
        for choice in dashboard["metadata"]["native_filter_configuration"]:
            for target in choice["targets"]:
                if target:
                    names = {column["column_name"] for column in datasets[target["datasetUuid"]]["columns"]}
                    assert target["column"]["name"] in names


def test_team_and_experience_reach_every_chart_of_agents_and_a_click_every_list(committed: dict[str, Any]) -> None:
    datasets = of_kind(committed, "datasets")
    for chart in AGENTS.charts:
        columns = {column["column_name"] for column in datasets[chart.dataset.uuid]["columns"]}
        assert {"team", "experience", "source"} <= columns, chart.title
        if isinstance(chart, Listing):
            assert "agent" in columns, chart.title
            assert {"team", "agent"} <= set(chart.columns), chart.title


def test_every_dashboard_is_an_exposure_of_the_marts_it_reads(dbt_manifest: dict[str, Any]) -> None:
    exposed = {
        exposure["name"]: {node.rpartition(".")[2] for node in exposure["depends_on"]["nodes"]}
        for exposure in dbt_manifest["exposures"].values()
    }
    read = {one.slug.replace("-", "_"): {dataset.mart for dataset in one.datasets} for one in DASHBOARDS}
    assert exposed == read


def test_every_expression_reads_only_columns_of_its_mart_and_runs(
    committed: dict[str, Any], dbt_manifest: dict[str, Any]
) -> None:
    nodes = {node["name"]: node for node in dbt_manifest["nodes"].values() if node["resource_type"] == "model"}
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        for dataset in of_kind(committed, "datasets").values():
            columns = nodes[dataset["table_name"]]["columns"]
            types = ", ".join(f'"{name}" {column["data_type"]}' for name, column in columns.items())
            connection.execute(f'create table marts."{dataset["table_name"]}" ({types})')
            for derived in [*dataset["metrics"], *(column for column in dataset["columns"] if column["expression"])]:
                read = {
                    node.name
                    for node in sqlglot.parse_one(derived["expression"], "duckdb").find_all(sqlglot.exp.Column)
                }
                assert read <= set(columns), derived
                connection.execute(f'select {derived["expression"]} from marts."{dataset["table_name"]}"')


def test_charts_hold_no_sql(committed: dict[str, Any]) -> None:
    for path, asset in committed.items():
        if path.startswith("charts/"):
            assert {value for key, value in walk(asset) if key == "expressionType"} <= {"SIMPLE"}, path
            assert not [key for key, _ in walk(asset) if key == "sqlExpression"], path


def test_no_asset_holds_an_id_or_a_secret_or_a_path_of_this_machine(committed: dict[str, Any]) -> None:
    for path, asset in committed.items():
        for key, value in walk(asset):
            assert key not in ("id", "slice_id", "datasource_id", "database_id", "password") or isinstance(
                value, str
            ), path
            assert key != "chartId" or value == 0, f"{path}: the importer fills it"
        if path.startswith("databases/"):
            assert re.fullmatch(r"duckdb:///\w+/\w+\.duckdb", asset["sqlalchemy_uri"])
            assert not (asset["allow_dml"] or asset["allow_ctas"] or asset["allow_cvas"] or asset["allow_file_upload"])


def test_every_asset_is_one_file_with_sorted_keys_and_its_own_name_made_uuid(committed: dict[str, Any]) -> None:
    uuids = [asset["uuid"] for path, asset in committed.items() if path != "metadata.yaml"]
    assert all(UUID_5.match(uuid) for uuid in uuids)
    assert len(set(uuids)) == len(uuids)
    for path, text in generate.read().items():
        keys = re.findall(r"^(\w+):", text, re.M)
        assert keys == sorted(keys), path


def test_titles_are_in_both_languages(committed: dict[str, Any]) -> None:
    titles = [asset["slice_name"] for asset in of_kind(committed, "charts").values()]
    for dashboard in of_kind(committed, "dashboards").values():
        titles.append(dashboard["dashboard_title"])
        titles += [choice["name"] for choice in dashboard["metadata"]["native_filter_configuration"]]
    for dataset in of_kind(committed, "datasets").values():
        titles += [metric["verbose_name"] for metric in dataset["metrics"] if metric["verbose_name"]]
    assert [title for title in titles if not BILINGUAL.match(title)] == []


def dashboard_with(chart: Bars) -> Dashboard:
    return Dashboard("trial", "Trial / 试验", "", (), (Row(10, (Cell(chart, 12),)),))


@pytest.mark.parametrize(
    ("kpi", "by"), [("abandonment_by_mood", "wait_band"), ("abandonment_by_wait", "mood")], ids=["metric", "column"]
)
def test_a_spec_that_names_what_the_mart_lacks_is_refused(
    kpi: str, by: str, dbt_manifest: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = Bars(
        title="Moods / 心情",
        dataset=WAITS,
        kpi=kpi,
        by=by,
        order_by="wait_band_position",
        axis_title="Share / 比例",
        by_title="Mood / 心情",
    )
    monkeypatch.setattr(generate, "DASHBOARDS", (dashboard_with(chart),))
    with pytest.raises(generate.SpecError, match=r"dashboard trial, chart 'Moods / 心情': waits_by_day has no \w*mood"):
        generate.bundle(dbt_manifest)
