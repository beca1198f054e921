"""What Dagster loads: without warnings, thin, and no other than the snapshot says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.home import PROJECT

SNAPSHOT = Path(__file__).with_name("definitions.json")
"""Asset keys, checks, jobs, schedules, sensors. After a wanted change run this file with HOTLINE_UPDATE_SNAPSHOTS=1."""

DESCRIBE = """
import json, warnings
with warnings.catch_warnings(record=True) as heard:
    warnings.simplefilter("always")
    from orchestration.definitions import definitions
    repository = definitions.get_repository_def()
    job = definitions.resolve_job_def("run")
said = [
    f"{warning.category.__name__} in {warning.filename}: {warning.message}"
    for warning in heard
    if "orchestration" in warning.filename or type(warning.message).__module__.startswith("dagster")
]
graph = definitions.resolve_asset_graph()
print(json.dumps({
    "warnings": said,
    "shape": {
        "assets": sorted(key.to_user_string() for key in graph.materializable_asset_keys),
        "checks": sorted(key.to_user_string() for key in graph.asset_check_keys),
        "jobs": sorted(job.name for job in repository.get_all_jobs() if not job.name.startswith("__")),
        "schedules": {schedule.name: schedule.cron_schedule for schedule in repository.schedule_defs},
        "sensors": sorted(sensor.name for sensor in repository.sensor_defs),
        "pools": sorted({op.pool for op in job.all_node_defs if getattr(op, "pool", None)}),
    },
    "not_blocking": sorted(
        key.to_user_string() for key in graph.asset_check_keys if not graph.get_check_spec(key).blocking
    ),
    "executor": job.executor_def.name,
}))
"""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict:
    environment = os.environ | {"HOTLINE_DATA": str(tmp_path_factory.mktemp("definitions"))}
    done = subprocess.run(
        [sys.executable, "-c", DESCRIBE], env=environment, cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_definitions_load_without_a_warning(described: dict) -> None:
    assert described["warnings"] == []


def test_assets_checks_jobs_schedules_and_sensors_are_those_of_the_snapshot(described: dict) -> None:
    if os.environ.get("HOTLINE_UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(described["shape"], indent=2) + "\n")
    assert described["shape"] == json.loads(SNAPSHOT.read_text())


def test_every_step_runs_in_one_process_and_in_the_writers_pool(described: dict) -> None:
    assert described["executor"] == "in_process"
    assert described["shape"]["pools"] == ["writer"]


def test_every_check_keeps_a_bad_build_from_being_published(described: dict) -> None:
    assert described["not_blocking"] == []


def test_the_definitions_are_thin_and_use_no_private_part_of_dagster() -> None:
    assert len((PROJECT / "orchestration" / "definitions.py").read_text().splitlines()) < 60
    for file in (PROJECT / "orchestration").rglob("*.py"):
        text = file.read_text()
        assert "dagster._" not in text, file
        assert "filterwarnings" not in text, file


def test_every_domain_has_the_same_shape() -> None:
    allowed = {"__init__", "assets", "checks", "resources", "schedules", "sensors"}
    for folder in (PROJECT / "orchestration" / "defs").iterdir():
        if folder.is_dir() and folder.name != "__pycache__":
            assert {file.stem for file in folder.glob("*.py")} <= allowed, folder


def test_the_library_knows_no_dagster_no_superset_and_no_great_expectations() -> None:
    script = """
import sys, pkgutil, importlib, hotline
for module in pkgutil.walk_packages(hotline.__path__, "hotline."):
    importlib.import_module(module.name)
print([name for name in ("dagster", "superset", "great_expectations", "dbt") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
