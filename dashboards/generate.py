"""Write the bundle, `dashboards/bundle/`: what the specs say, with columns and KPIs from dbt's manifest.

    python -m dashboards.generate           writes it anew
    python -m dashboards.generate --check   exits 1 when the committed one differs

One YAML file per asset, keyed by uuid, keys sorted, no integer ids, no secrets: the same input gives the same bytes.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from dashboards.assets import Cell, Chart, Choice, Dashboard, Dataset, Text, uuid_of
from dashboards.spec import DASHBOARDS, DATASETS
from dashboards.theme import PAGE_CSS
from hotline.building import manifest
from hotline.home import Home
from hotline.kpis import Kpi, kpis_of

BUNDLE = Path(__file__).resolve().parent / "bundle"
VERSION = "1.0.0"
DATABASES = ("operations", "people")

FORMATS = {
    **{"share": ".1%", "seconds": ",.0f", "hours": ",.1f", "count": ",d", "ratio": ",.2f", "per_hour": ",.1f"},
    **{"points": ",.1f", "amount": ",.0f"},
}
TYPES = {
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "double": "FLOAT",
    "integer": "INTEGER",
    "timestamp": "TIMESTAMP WITHOUT TIME ZONE",
    "timestamp with time zone": "TIMESTAMP WITH TIME ZONE",
    "varchar": "VARCHAR",
}
"""DuckDB's types as Superset's dialect reads them."""


class SpecError(ValueError):
    """A spec names what the marts don't have; the message says which asset, and what."""


def bundle(dbt_manifest: dict[str, Any]) -> dict[str, str]:
    """The bundle's files, path → text, of all specs over this manifest.

    Raises `SpecError` where a spec asks for a mart, column or KPI that does not exist.
    """
    marts = {
        node["name"]: node
        for node in dbt_manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }
    formats: dict[str, dict[str, str]] = {}
    assets: dict[str, dict[str, Any]] = {
        "metadata.yaml": {"version": VERSION, "type": "assets", "timestamp": "2000-01-01T00:00:00+00:00"}
    }
    for name in DATABASES:
        assets[f"databases/{name}.yaml"] = _database(name)
    for dataset in DATASETS:
        if dataset.mart not in marts or marts[dataset.mart]["database"] != dataset.database:
            raise SpecError(f"dataset {dataset.mart}: no such mart in {dataset.database}")
        asset = _dataset(dataset, marts[dataset.mart])
        assets[f"datasets/{dataset.database}/{dataset.mart}.yaml"] = asset
        formats[dataset.uuid] = {metric["metric_name"]: metric["d3format"] for metric in asset["metrics"]}
    for dashboard in DASHBOARDS:
        for chart in dashboard.charts:
            _check(dashboard, chart, assets[f"datasets/{chart.dataset.database}/{chart.dataset.mart}.yaml"])
            assets[f"charts/{_chart_name(dashboard, chart)}.yaml"] = _chart(dashboard, chart, formats)
        assets[f"dashboards/{dashboard.slug}.yaml"] = _dashboard(dashboard)
    return {
        path: yaml.safe_dump(asset, sort_keys=True, allow_unicode=True, width=120) for path, asset in assets.items()
    }


NEVER_CACHED = -1
"""What Superset calls `CACHE_DISABLED_TIMEOUT`."""


def _database(name: str) -> dict[str, Any]:
    return {
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "allow_run_async": False,
        # Who may read people's names may also chart them: what comes from there is never kept on the disk.
        "cache_timeout": NEVER_CACHED if name == "people" else None,
        "database_name": name,
        "expose_in_sqllab": True,
        "extra": {"allows_virtual_table_explore": True, "metadata_params": {}, "engine_params": {}},
        "is_managed_externally": True,
        # Relative to a release folder: the connection is pointed into the request's release (superset_config.py).
        "sqlalchemy_uri": f"duckdb:///{name}/{name}.duckdb",
        "uuid": uuid_of("database", name),
        "version": VERSION,
    }


def _dataset(dataset: Dataset, mart: dict[str, Any]) -> dict[str, Any]:
    kpis = {kpi.name: kpi for kpi in kpis_of(mart)}
    # A column of a KPI's name must have its label: Superset keeps one label per name.
    labels = {name: kpi.label for name, kpi in kpis.items()} | dataset.labels
    columns = [
        _column(name, labels.get(name), column["description"], _type(column["data_type"]))
        for name, column in mart["columns"].items()
    ]
    columns += [
        _column(added.name, added.label, added.description, "VARCHAR", added.expression) for added in dataset.columns
    ]
    metrics = [
        _metric(kpi.name, labels[kpi.name], kpi.description, kpi.sql, FORMATS[kpi.unit]) for kpi in kpis.values()
    ]
    metrics += [_duration_metric(kpi, dataset) for kpi in kpis.values() if kpi.unit == "seconds"]
    metrics += [_per_cent_metric(kpis[name], dataset) for name in dataset.per_cent]
    metrics += [
        _metric(added.name, added.label, added.description, added.expression, added.number_format)
        for added in dataset.metrics
    ]
    for name, (kpi, taken) in dataset.differences.items():
        if missing := {kpi, taken} - kpis.keys():
            raise SpecError(
                f"dataset {dataset.mart}: {name} is made of KPIs that it lacks: {', '.join(sorted(missing))}"
            )
        metrics.append(_difference_metric(name, kpis[kpi], kpis[taken], dataset))
    return {
        "columns": columns,
        "database_uuid": uuid_of("database", dataset.database),
        "description": mart["description"].strip(),
        "filter_select_enabled": True,
        "is_managed_externally": True,
        "main_dttm_col": dataset.time_column,
        "metrics": metrics,
        "schema": mart["schema"],
        "sql": None,
        "table_name": dataset.mart,
        "uuid": dataset.uuid,
        "version": VERSION,
    }


def _type(declared: str) -> str:
    """A declared type as Superset's dialect writes it; `decimal(18, 4)` keeps its digits."""
    name, _, digits = declared.lower().partition("(")
    return f"NUMERIC({digits}" if name == "decimal" else TYPES[name]


def _column(
    name: str, label: str | None, description: str, type_: str, expression: str | None = None
) -> dict[str, Any]:
    return {
        "column_name": name,
        "description": description.strip(),
        "expression": expression,
        "filterable": True,
        "groupby": True,
        "is_active": True,
        "is_dttm": type_ == "DATE" or type_.startswith("TIMESTAMP"),
        "type": type_,
        "verbose_name": label,
    }


def _duration_metric(kpi: Kpi, dataset: Dataset) -> dict[str, Any]:
    """The KPI in milliseconds, the unit in which Superset writes durations as people do: 3m 20s."""
    name = f"{kpi.name}_milliseconds"
    return _metric(name, dataset.labels.get(name, kpi.label), kpi.description, f"1000.0 * {kpi.sql}", "DURATION")


def _per_cent_metric(kpi: Kpi, dataset: Dataset) -> dict[str, Any]:
    label = dataset.labels.get(kpi.name, kpi.label)
    return _metric(f"{kpi.name}_per_cent", f"{label}, %", kpi.description, f"100.0 * {kpi.sql}", ",.0f")


def _difference_metric(name: str, kpi: Kpi, taken: Kpi, dataset: Dataset) -> dict[str, Any]:
    description = f"{kpi.label_en} minus {taken.label_en.lower()}"
    if kpi.unit == "share":
        expression = f"100.0 * ({kpi.sql} - {taken.sql})"
        return _metric(name, dataset.labels[name], f"{description}, in percentage points.", expression, "+,.1f")
    number_format = f"+{FORMATS[kpi.unit]}"
    return _metric(name, dataset.labels[name], f"{description}.", f"{kpi.sql} - {taken.sql}", number_format)


def _metric(name: str, label: str, description: str, expression: str, number_format: str) -> dict[str, Any]:
    return {
        "d3format": number_format,
        "description": description.strip(),
        "expression": expression,
        "metric_name": name,
        "verbose_name": label or None,
    }


def _check(dashboard: Dashboard, chart: Chart, dataset: dict[str, Any]) -> None:
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    columns = {column["column_name"] for column in dataset["columns"]}
    if missing := {*chart.metric_names} - metrics | {*chart.column_names, *chart.where} - columns:
        raise SpecError(
            f"dashboard {dashboard.slug}, chart {chart.title!r}: "
            f"{dataset['table_name']} has no {', '.join(sorted(missing))}"
        )


def _chart_name(dashboard: Dashboard, chart: Chart) -> str:
    english = re.sub(r"[^a-z0-9]+", "_", chart.title.split(" / ")[0].lower()).strip("_")
    return f"{dashboard.slug.replace('-', '_')}__{english}"


def _chart(dashboard: Dashboard, chart: Chart, formats: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {
        "cache_timeout": None,
        "dataset_uuid": chart.dataset.uuid,
        "description": chart.description or None,
        "is_managed_externally": True,
        "params": chart.params(formats[chart.dataset.uuid]) | {"viz_type": chart.viz_type},
        "query_context": None,
        "slice_name": chart.title,
        "uuid": uuid_of("chart", _chart_name(dashboard, chart)),
        "version": VERSION,
        "viz_type": chart.viz_type,
    }


def _dashboard(dashboard: Dashboard) -> dict[str, Any]:
    return {
        "certification_details": None,
        "certified_by": None,
        "css": PAGE_CSS,
        "dashboard_title": dashboard.title,
        "description": dashboard.description,
        "is_managed_externally": True,
        "metadata": {
            "color_scheme": "hotline",
            "cross_filters_enabled": dashboard.cross_filters,
            "expanded_slices": {},
            "filter_bar_orientation": "HORIZONTAL",
            "label_colors": dashboard.colours,
            "native_filter_configuration": [
                *([] if dashboard.period is None else [_period(dashboard)]),
                *(_choice(dashboard, one) for one in dashboard.choices),
            ],
            "refresh_frequency": 0,
            "shared_label_colors": [],
            "timed_refresh_immune_slices": [],
        },
        "position": _position(dashboard),
        "published": True,
        "slug": dashboard.slug,
        "uuid": uuid_of("dashboard", dashboard.slug),
        "version": VERSION,
    }


def _filter(dashboard: Dashboard, name: str) -> dict[str, Any]:
    return {
        "cascadeParentIds": [],
        "controlValues": {"enableEmptyFilter": False},
        "description": "",
        "id": f"NATIVE_FILTER-{uuid_of('filter', f'{dashboard.slug}/{name}')}",
        "scope": {"excluded": [], "rootPath": ["ROOT_ID"]},
        "type": "NATIVE_FILTER",
    }


def _period(dashboard: Dashboard) -> dict[str, Any]:
    return _filter(dashboard, "period") | {
        "defaultDataMask": {"extraFormData": {"time_range": "{{period}}"}, "filterState": {"value": "{{period}}"}},
        "filterType": "filter_time",
        "name": dashboard.period,
        "targets": [{}],
    }


def _choice(dashboard: Dashboard, choice: Choice) -> dict[str, Any]:
    return _filter(dashboard, choice.column) | {
        "controlValues": {
            "defaultToFirstItem": False,
            "enableEmptyFilter": False,
            "inverseSelection": False,
            "multiSelect": True,
            "searchAllOptions": False,
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
        "filterType": "filter_select",
        "name": choice.label,
        "targets": [{"column": {"name": choice.column}, "datasetUuid": choice.dataset.uuid}],
    }


def _position(dashboard: Dashboard) -> dict[str, Any]:
    """The layout tree; ids are made of positions and names, so that they stay the same."""
    rows = [f"ROW-{number}" for number in range(1, len(dashboard.rows) + 1)]
    nodes: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "GRID_ID": {"children": rows, "id": "GRID_ID", "parents": ["ROOT_ID"], "type": "GRID"},
        "HEADER_ID": {"id": "HEADER_ID", "meta": {"text": dashboard.title}, "type": "HEADER"},
        "ROOT_ID": {"children": ["GRID_ID"], "id": "ROOT_ID", "type": "ROOT"},
    }
    for row_id, row in zip(rows, dashboard.rows, strict=True):
        if (width := sum(cell.width for cell in row.cells)) > 12:
            raise SpecError(f"dashboard {dashboard.slug}, {row_id}: cells of {width} twelfths")
        cells = [_cell(dashboard, cell, row.height, ["ROOT_ID", "GRID_ID", row_id]) for cell in row.cells]
        nodes |= {cell["id"]: cell for cell in cells}
        nodes[row_id] = {
            "children": [cell["id"] for cell in cells],
            "id": row_id,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
            "parents": ["ROOT_ID", "GRID_ID"],
            "type": "ROW",
        }
    return nodes


def _cell(dashboard: Dashboard, cell: Cell, height: int, parents: list[str]) -> dict[str, Any]:
    size = {"height": height, "width": cell.width}
    if isinstance(cell.content, Text):
        meta = size | {"code": cell.content.markdown}
        return {
            "children": [],
            "id": f"MARKDOWN-{cell.content.name}",
            "meta": meta,
            "parents": parents,
            "type": "MARKDOWN",
        }
    name = _chart_name(dashboard, cell.content)
    # The importer replaces the id by the one that the chart got.
    meta = size | {"chartId": 0, "sliceName": cell.content.title, "uuid": uuid_of("chart", name)}
    return {"children": [], "id": f"CHART-{name}", "meta": meta, "parents": parents, "type": "CHART"}


def write(files: dict[str, str], folder: Path = BUNDLE) -> None:
    """Replace the bundle in `folder` by these files."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def read(folder: Path = BUNDLE) -> dict[str, str]:
    """The files of the bundle in `folder`, path → text."""
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in sorted(folder.rglob("*.yaml"))}


def main(arguments: list[str]) -> int:
    files = bundle(manifest(Home.default().create()))
    if arguments != ["--check"]:
        write(files)
        return 0
    committed = read()
    differing = sorted(path for path in {*files, *committed} if files.get(path) != committed.get(path))
    for path in differing:
        print(f"{BUNDLE / path}: differs from its spec; run `python -m dashboards.generate`", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
