"""Builds with a small dbt project: failures named with rows, full and partial builds, the kept manifest, compaction."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from hotline import building
from hotline.building import BuildError, build, compact, fingerprint, needs_full_build
from hotline.home import PROJECT, Home
from hotline.publishing import new_build_id, publish

SMALL = """
name: hotline
profile: hotline
test-paths: [tests/dbt]
flags: {send_anonymous_usage_stats: false}
models:
  hotline:
    marts:
      +schema: marts
      +materialized: table
      operations: {+database: operations}
      people: {+database: people}
"""
MODELS = {
    "marts/operations/calls_by_queue.sql": "select 'billing' as queue, 7 as calls union all select 'faults', 11",
    "marts/operations/calls_in_all.sql": "select sum(calls) as calls from {{ ref('calls_by_queue') }}",
    "marts/people/heads.sql": "select 3 as heads",
    "marts/operations/_operations__models.yml": """
models:
  - name: calls_by_queue
    columns:
      - name: queue
        data_tests: [unique, {accepted_values: {arguments: {values: [billing, faults]}}}]
  - name: calls_in_all
unit_tests:
  - name: all_queues_are_summed
    model: calls_in_all
    given: [{input: ref('calls_by_queue'), rows: [{calls: 1}, {calls: 2}]}]
    expect: {rows: [{calls: 3}]}
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "macros").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(SMALL)
    shutil.copy(PROJECT / "profiles.yml", folder)
    shutil.copy(PROJECT / "macros" / "generate_schema_name.sql", folder / "macros")
    for name in ("seeds", "tests/dbt"):
        (folder / name).mkdir(parents=True)
    for name, text in MODELS.items():
        (folder / "models" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "models" / name).write_text(text)
    return folder


def write(project: Path, name: str, text: str) -> None:
    (project / "models" / name).write_text(text)


def test_a_build_is_full_once_then_partial_until_the_project_changes(home: Home, project: Path) -> None:
    assert needs_full_build(home, project)
    first = build(home, project=project)
    assert first.success, first.report()
    assert first.full
    assert not [node for node in first.nodes if node.kind == "unit_test"], "the project is as it came"
    assert {node.name for node in building.check_formulas(home, project).nodes} == {"all_queues_are_summed"}
    assert not needs_full_build(home, project)
    second = build(home, project=project)
    assert (second.success, second.full) == (True, False)
    assert not [node for node in second.nodes if node.kind == "unit_test"], "formulas have not changed"
    assert {node.name for node in second.nodes if node.kind == "model"} == {"calls_by_queue", "calls_in_all", "heads"}

    wrong = "select sum(calls) + 1 as calls from {{ ref('calls_by_queue') }}"
    write(project, "marts/operations/calls_in_all.sql", wrong)
    assert needs_full_build(home, project)
    for _ in range(2):
        assert [node.name for node in build(home, project=project).failed] == ["all_queues_are_summed"]
    (project / "models/marts/operations/calls_in_all.sql").unlink()
    text = MODELS["marts/operations/_operations__models.yml"]
    head, _, _ = text.partition("  - name: calls_in_all")
    write(project, "marts/operations/_operations__models.yml", head)
    assert build(home, project=project).full
    with duckdb.connect(str(home.operations), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    assert tables == {"calls_by_queue"}, "the table of a model that is gone is not published any more"


def test_a_failed_test_is_named_with_its_message_and_rows_and_stops_what_follows(home: Home, project: Path) -> None:
    write(
        project, "marts/operations/calls_by_queue.sql", "select 'billing' as queue, 7 as calls union all select 'x', 1"
    )
    result = build(home, project=project)
    assert not result.success
    (failed,) = result.failed
    assert failed.kind == "test"
    assert failed.sample == ({"value_field": "x", "n_records": 1},)
    assert "models/marts/operations/_operations__models.yml" in result.report()
    assert "Got 1 result" in result.report()
    assert "value_field=x, n_records=1" in result.report()
    assert {node.name for node in result.nodes if node.skipped} == {"calls_in_all"}
    assert needs_full_build(home, project), "a full build that did not end well is no base for a partial one"


def test_a_failed_model_is_named_with_duckdbs_words(home: Home, project: Path) -> None:
    write(project, "marts/people/heads.sql", "select heads from nowhere")
    result = build(home, project=project)
    assert "model heads (models/marts/people/heads.sql)" in result.report()
    assert "nowhere" in result.report()


def test_a_project_that_cannot_be_parsed_is_an_error_that_names_the_file(home: Home, project: Path) -> None:
    write(project, "marts/people/heads.sql", "select {{ ref('no_such_model') }}")
    with pytest.raises(BuildError, match=r"heads.*no_such_model"):
        build(home, project=project)


def test_every_node_is_told_at_its_start_and_end(home: Home, project: Path) -> None:
    told: list[tuple[str, bool, int, int]] = []
    result = build(
        home, project=project, on_node=lambda node, name, done, total: told.append((name, node is None, done, total))
    )
    ends = [name for name, is_start, _, _ in told if not is_start]
    assert sorted(ends) == sorted(node.name for node in result.nodes)
    assert told[-1][2:] == (len(result.nodes), len(result.nodes))


def test_the_manifest_is_parsed_again_only_when_the_project_changed(
    home: Home, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = set(building.manifest(home, project)["nodes"])
    assert "model.hotline.heads" in names
    monkeypatch.setattr(building, "_dbt", lambda *arguments: pytest.fail("parsed again"))
    assert set(building.manifest(home, project)["nodes"]) == names
    monkeypatch.undo()
    write(project, "marts/people/hands.sql", "select 6 as hands")
    assert "model.hotline.hands" in building.manifest(home, project)["nodes"]


def test_a_source_of_this_home_changes_the_fingerprint(home: Home, project: Path) -> None:
    before = fingerprint(home, project)
    (home.sources / "mine.yml").write_text("name: mine\n")
    assert fingerprint(home, project) != before


def test_files_of_mostly_free_blocks_are_written_anew_and_still_published(home: Home, project: Path) -> None:
    assert build(home, project=project).success
    with duckdb.connect(str(home.operations)) as connection:
        connection.execute("create table marts.ballast as select range as n, hash(range) as h from range(3_000_000)")
        connection.execute("checkpoint")
        # Behind the ballast, so that its blocks cannot simply be cut off the end of the file.
        connection.execute("create table marts.last as select hash(range) as h from range(300_000)")
        connection.execute("checkpoint")
        connection.execute("drop table marts.ballast")
        connection.execute("checkpoint")
    fat = home.operations.stat().st_size
    assert compact(home) == [], "small files are not worth it"
    assert compact(home, from_bytes=1 << 20) == [home.operations]
    assert home.operations.stat().st_size < fat / 2
    release = publish(home, new_build_id())
    with duckdb.connect(str(release.operations), read_only=True) as connection:
        assert connection.execute("select sum(calls) from marts.calls_by_queue").fetchone() == (18,)
        tags = connection.execute("select tags from duckdb_databases() where not internal").fetchone()[0]
        assert "1.5" in str(tags["storage_version"])


def test_a_second_home_of_the_same_process_gets_its_manifest_too(tmp_path: Path) -> None:
    homes = [Home(tmp_path / name).create() for name in ("first", "second")]
    first, second = (building.manifest(home) for home in homes)
    assert second["nodes"].keys() == first["nodes"].keys()
    assert all((home.build / "dbt" / "manifest.json").is_file() for home in homes)
