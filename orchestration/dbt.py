"""The dbt project as Dagster sees it. Pure functions on the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject

from hotline import building
from hotline.home import Home

UNIQUE_ID = "hotline/dbt_unique_id"


@cache
def manifest() -> dict[str, Any]:
    """The project's manifest, parsed when it changed since it was parsed last."""
    return building.manifest(Home.default())


class Translator(DagsterDbtTranslator):
    """Sources and models by schema and name, grouped by the folder that holds them."""

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        node = self.get_resource_props(manifest, unique_id)
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec.replace_attributes(
            key=asset_key(node),
            group_name=group(node),
            description=node.get("description"),
            kinds={"dbt", "duckdb"},
        ).merge_attributes(metadata={UNIQUE_ID: unique_id})

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec and spec.with_metadata({**spec.metadata, UNIQUE_ID: unique_id})


def asset_key(node: Mapping[str, Any]) -> dg.AssetKey:
    """`marts/fct_contact`, `raw/calls`: as the table is called in SQL."""
    return dg.AssetKey([node["schema"], node.get("identifier") or node["name"]])


def group(node: Mapping[str, Any]) -> str:
    """The folder: `marts_operations`, `staging_bank_1999`; `raw` and `control` for what the loader makes."""
    if node["resource_type"] == "source":
        return node["schema"]
    if node["resource_type"] == "seed":
        return "seeds"
    return "_".join(node["fqn"][1:-1])


def sources(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What models read and dbt does not make."""
    return sorted(manifest["sources"].values(), key=lambda node: node["unique_id"])


def marts(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The models that are published."""
    return [
        node for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    ]


def selection(specs: Sequence[dg.AssetSpec], selected: set[dg.AssetKey]) -> list[str] | None:
    """dbt's names for the selected assets; None when that is all of them."""
    if {spec.key for spec in specs} <= selected:
        return None
    return sorted(str(spec.metadata[UNIQUE_ID]).split(".")[-1] for spec in specs if spec.key in selected)
