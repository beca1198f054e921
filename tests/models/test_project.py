"""The rules of this project on dbt's manifest and on the built database: layers, names, descriptions, contracts."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from hotline.home import PROJECT
from hotline.statistics.comparisons import PERIODS
from tests.models.conftest import Centre

# Which layer may read which. Seeds are look-up tables and may be read anywhere, and so may `control`, which says which
# days a build replaces.
LAYERS = {
    "staging": {"source", "seed"},
    "intermediate": {"staging", "intermediate", "seed"},
    "marts": {"intermediate", "marts", "seed"},
}
# Edges that the table above forbids, each with its reason.
EXCEPTIONS = {
    ("rejected_rows", "stg_landing__rejected_rows"): "a list without a question: a model between would pass it through",
    ("check_results", "stg_landing__check_results"): "a list without a question: a model between would pass it through",
    (
        "int_volume_history",
        "service_level_by_interval",
    ): "history is read as counted, not counted again",
    ("int_tenures", "dim_employee"): "tenures are those of the history as published, not of one made a second time",
    **{
        ("int_dissatisfaction_drivers", mart): "rated contacts as they are published; a Python model has no contract"
        for mart in ("fct_contact", "contact_resolution")
    },
    ("int_trainee_effects", "fct_queue_visit"): "visits as they are published; a Python model has no contract",
    ("int_dissatisfaction_drivers", "fct_queue_visit"): "as of the contacts",
    **{
        ("int_comparisons", mart): "measures are those of the marts that declare them; a Python model has no contract"
        for mart in (
            "kpi_catalogue",
            "agent_by_day",
            "agent_warnings",
            "busy_agents_by_month",
            "call_back_satisfaction",
            "call_backs_by_day",
            "call_kinds_by_day",
            "calls_and_weather_by_day",
            "claims_by_month",
            "complaint_causes",
            "complaint_rate_by_day",
            "complaints_by_day",
            "customers_asking_by_month",
            "customers_by_month",
            "duplicates_by_month",
            "errors_followed_up_by_month",
            "fct_quality_review",
            "handling_by_day",
            "missed_calls_by_day",
            "outages_by_month",
            "peak_factor_by_month",
            "pooled_staffing_by_interval",
            "quality_pass_rates",
            "resolution_by_day",
            "satisfaction_by_week",
            "service_level_by_day",
            "staffing_by_interval",
            "ticket_backlog_by_day",
            "ticket_step_timeliness",
            "tier_moves_by_month",
            "tickets_by_day",
            "training_by_month",
            "waits_by_day",
        )
    },
}
CONTROL = "source.hotline.control."
# Marts with KPIs and days that comparisons leave out, each with its reason.
NOT_COMPARED = {
    "service_level_by_interval": "service_level_by_day is its sum",
    "volume_forecast": "days ahead, and days as they were forecast",
    "volume_forecast_by_day": "days ahead, and days as they were forecast",
    "staffing_forecast": "days ahead",
}

MODEL_NAMES = {
    "staging": r"stg_{folder}__[a-z_]+",
    "intermediate": r"int_[a-z_]+",
    "marts": r"((dim|fct)_)?[a-z_]+",
}
KINDS = {"models", "sources", "unit_tests"}
DURATION = re.compile(r"wait|ring|talk|hold|wrap_up|handle|duration|elapsed")


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}


def layer(node: dict[str, Any]) -> str:
    return node["resource_type"] if node["resource_type"] != "model" else node["fqn"][1]


def skipped_layers(manifest: dict[str, Any]) -> list[str]:
    """References that go round a layer, as text."""
    nodes = manifest["nodes"] | manifest["sources"]
    found = []
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model":
            continue
        for parent in node["depends_on"]["nodes"]:
            allowed = parent.startswith(CONTROL) or layer(nodes[parent]) in LAYERS[layer(node)]
            if not allowed and (node["name"], nodes[parent]["name"]) not in EXCEPTIONS:
                found.append(f"{node['name']} ({layer(node)}) reads {nodes[parent]['name']} ({layer(nodes[parent])})")
    return found


def test_no_reference_skips_a_layer(manifest: dict[str, Any]) -> None:
    assert skipped_layers(manifest) == []


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("model.hotline.fct_queue_visit", "source.hotline.hotline.calls"),
        ("model.hotline.fct_queue_visit", "model.hotline.stg_hotline__calls"),
        ("model.hotline.int_queue_visits", "source.hotline.hotline.calls"),
        ("model.hotline.int_queue_visits", "model.hotline.dim_queue"),
        ("model.hotline.stg_hotline__calls", "model.hotline.int_queue_visits"),
    ],
)
def test_a_reference_that_skips_a_layer_is_refused(manifest: dict[str, Any], child: str, parent: str) -> None:
    nodes = dict(manifest["nodes"])
    nodes[child] = nodes[child] | {"depends_on": {"nodes": [parent]}}
    assert len(skipped_layers(manifest | {"nodes": nodes})) == 1


def test_every_exception_is_still_needed(manifest: dict[str, Any]) -> None:
    nodes = manifest["nodes"].values()
    parents = {
        node["name"]: {parent.split(".")[-1] for parent in node["depends_on"].get("nodes", ())} for node in nodes
    }
    assert all(parent in parents[child] for child, parent in EXCEPTIONS)


def test_every_mart_that_counts_by_day_week_or_month_is_open_to_comparisons(manifest: dict[str, Any]) -> None:
    nodes = manifest["nodes"]
    counted = {
        node["name"]
        for node in nodes.values()
        if node["resource_type"] == "model"
        and node["database"] == "operations"
        and node["config"]["meta"].get("kpis")
        and node["columns"].keys() & PERIODS.keys()
    }
    opened = {key.split(".")[-1] for key in nodes["model.hotline.int_comparisons"]["depends_on"]["nodes"]}
    assert counted - NOT_COMPARED.keys() == opened & counted
    assert counted >= NOT_COMPARED.keys()


def test_models_are_named_for_their_layer_and_folder(models: dict[str, dict[str, Any]]) -> None:
    for node in models.values():
        pattern = MODEL_NAMES[layer(node)].format(folder=node["fqn"][2])
        assert re.fullmatch(pattern, node["name"]), node["path"]
        if layer(node) == "marts":
            assert not node["name"].startswith(("stg_", "int_")), node["path"]


def test_each_table_name_stands_in_one_published_file_only(models: dict[str, dict[str, Any]]) -> None:
    published = [node["name"] for node in models.values() if layer(node) == "marts"]
    assert len(published) == len(set(published))
    assert {node["database"] for node in models.values() if layer(node) == "marts"} == {"operations", "people"}
    for node in models.values():
        if layer(node) == "marts":
            assert node["database"] == ("people" if node["fqn"][2] == "people" else "operations")
            assert node["schema"] == "marts"


def test_columns_are_named_for_what_they_hold(models: dict[str, dict[str, Any]]) -> None:
    for node in models.values():
        for name, column in node["columns"].items():
            kind = (column.get("data_type") or "").lower()
            where = f"{node['name']}.{name}"
            if kind == "boolean":
                assert name.startswith(("is_", "has_")) or name == "success", where
            if kind == "timestamp with time zone":
                assert name.endswith("_at"), where
            if kind == "timestamp":
                assert name.endswith("_local"), where
            if kind == "date":
                assert name.endswith(("_on", "_day", "_local")) or name in ("day", "as_of"), where
            if kind == "integer" and DURATION.match(name):
                assert name.endswith(("_seconds", "_minutes", "_order")), where


def test_every_model_opens_its_description_with_its_grain(manifest: dict[str, Any]) -> None:
    for node in manifest["nodes"].values():
        if node["resource_type"] in ("model", "seed"):
            assert node["description"].startswith("One row"), node["name"]


def test_every_column_is_described_where_it_first_appears(manifest: dict[str, Any], built_centre: Centre) -> None:
    columns: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in built_centre.query(
        "select schema_name, table_name, column_name from duckdb_columns() where not internal order by column_index"
    ):
        columns.setdefault((schema, table), []).append(column)
    nodes = manifest["nodes"]
    described: dict[str, set[str]] = {}

    def names(key: str) -> set[str]:
        """Columns described in a node or before it."""
        if key not in described:
            node = nodes.get(key, {})
            if not node:  # a source: what it brings is described in its staging model
                return set()
            own = {name for name, column in node.get("columns", {}).items() if column["description"].strip()}
            parents = node.get("depends_on", {}).get("nodes", ())
            described[key] = own.union(*map(names, parents)) if layer(node) == "intermediate" else own
        return described[key]

    for key, node in nodes.items():
        if node["resource_type"] in ("model", "seed"):
            built = columns[(node["schema"], node["name"])]
            assert set(built) <= names(key), (node["name"], set(built) - names(key))


def test_every_mart_enforces_its_contract_and_lists_its_columns(
    models: dict[str, dict[str, Any]], built_centre: Centre
) -> None:
    for node in models.values():
        if layer(node) == "marts":
            assert node["config"]["contract"]["enforced"], node["name"]
            last = node["raw_code"].rsplit("final as (", 1)[1]
            assert "select *" not in last.rsplit("select * from final", 1)[0], node["name"]


def test_every_model_ends_in_select_all_from_its_last_step(models: dict[str, dict[str, Any]]) -> None:
    order_of_a_full_build = r"(\{% if not is_incremental\(\) %\}\n-- .*\norder by [a-z_]+\n\{% endif %\}\s*)?"
    for node in models.values():
        if node["language"] == "sql":
            assert re.search(rf"\nselect \* from [a-z_]+\s*{order_of_a_full_build}$", node["raw_code"]), node["path"]


def test_each_folder_has_one_file_of_models_and_one_of_sources_at_most() -> None:
    for folder in {path.parent for path in (PROJECT / "models").rglob("*.sql")}:
        name = folder.name
        allowed = {
            f"_{name}__models.yml",
            f"_{name}__sources.yml",
            f"_{name}__unit_tests.yml",
            f"_{name}__exposures.yml",
        }
        assert {path.name for path in folder.glob("*.yml")} <= allowed, folder
        assert (folder / f"_{name}__models.yml").is_file(), folder


def test_a_key_test_stands_at_every_mart_and_none_is_written_the_old_way(manifest: dict[str, Any]) -> None:
    tests_of_keys = ("unique", "unique_combination", "unique_combination_of_tickets")
    keyed = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") in tests_of_keys
    }
    lists = {"rejected_rows"}  # two rows of a file may be rejected for the same reason
    singles = {"operations_build", "people_build"}
    for key, node in manifest["nodes"].items():
        if node["resource_type"] == "model" and layer(node) == "marts":
            assert key in keyed or node["name"] in lists | singles, node["name"]
    for path in [*(PROJECT / "models").rglob("*.yml"), *(PROJECT / "seeds").rglob("*.yml")]:
        assert not re.search(r"^\s*(- )?tests:|[{,] tests:", path.read_text(encoding="utf-8"), re.M), path


def test_yaml_has_no_key_that_dbt_would_pass_over_in_silence() -> None:
    """dbt checks its YAML against a schema for a few adapters only, and DuckDB's is not one of them."""
    allowed = {
        "models": {"name", "description", "config", "columns", "data_tests"},
        "seeds": {"name", "description", "config", "columns", "data_tests"},
        "columns": {"name", "description", "data_type", "constraints", "data_tests", "config"},
        "unit_tests": {"name", "description", "model", "overrides", "given", "expect"},
        "sources": {"name", "description", "schema", "tables"},
        "tables": {"name", "description"},
    }
    for path in [*(PROJECT / "models").rglob("_*.yml"), *(PROJECT / "seeds").rglob("*.yml")]:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for kind, entries in content.items():
            if kind in ("version", "exposures"):
                continue
            for entry in entries:
                assert set(entry) <= allowed[kind], (path, entry.get("name"))
                for part in ("columns", "tables"):
                    for inner in entry.get(part, ()):
                        assert set(inner) <= allowed[part], (path, entry["name"], inner.get("name"))


def test_unit_tests_are_named_as_sentences(manifest: dict[str, Any]) -> None:
    assert len(manifest["unit_tests"]) >= 20
    for test in manifest["unit_tests"].values():
        assert test["name"].count("_") >= 5, test["name"]


def test_every_outcome_of_the_contract_has_a_name_in_both_languages(built_centre: Centre) -> None:
    contract = yaml.safe_load((PROJECT / "hotline" / "landing" / "contract.yml").read_text(encoding="utf-8"))
    named = built_centre.query("select outcome, label_en, label_zh from warehouse.seeds.outcomes")
    assert {row[0] for row in named} == set(contract["calls"]["columns"]["outcome"]["allowed"])
    assert all(label_en and label_zh for _, label_en, label_zh in named)
