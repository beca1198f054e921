"""The pure parts: names from the manifest, results to events, when the sensor asks for a run."""

from __future__ import annotations

import os
from datetime import date
from types import SimpleNamespace

import dagster as dg
import pytest

from expectations import CheckOutcome
from hotline.building import BuildResult, Node
from hotline.home import Home
from orchestration import dbt, judging
from orchestration.defs.landing.sensors import Seen, decide, state_of
from orchestration.events import events
from orchestration.instance import SETTINGS, write_settings

MODEL = {
    "resource_type": "model",
    "schema": "marts",
    "name": "fct_contact",
    "fqn": ["hotline", "marts", "operations", "x"],
}
SOURCE = {"resource_type": "source", "schema": "raw", "name": "calls", "identifier": "calls", "source_name": "hotline"}
SEED = {"resource_type": "seed", "schema": "seeds", "name": "tiers", "fqn": ["hotline", "tiers"]}


def test_assets_are_called_as_their_tables_and_grouped_by_their_folder() -> None:
    assert dbt.asset_key(MODEL) == dg.AssetKey(["marts", "fct_contact"])
    assert dbt.asset_key(SOURCE) == dg.AssetKey(["raw", "calls"])
    assert [dbt.group(node) for node in (MODEL, SOURCE, SEED)] == ["marts_operations", "raw", "seeds"]


def spec(name: str) -> dg.AssetSpec:
    return dg.AssetSpec(["marts", name], metadata={dbt.UNIQUE_ID: f"model.hotline.{name}"})


def test_all_assets_are_no_selection_and_some_are_named_as_dbt_names_them() -> None:
    specs = [spec("a"), spec("b")]
    assert dbt.selection(specs, {specs[0].key, specs[1].key}) is None
    assert dbt.selection(specs, {specs[1].key}) == ["b"]


def node(unique_id: str, status: str, message: str = "") -> Node:
    kind, _, name = unique_id.split(".")[:3]
    return Node(unique_id, name, kind, status, 0.25, message, "models/x.sql")


def test_models_become_materializations_and_tests_become_check_results() -> None:
    specs = [spec("a"), spec("b"), spec("c")]
    checks = [
        dg.AssetCheckSpec(name, asset=["marts", "a"], blocking=True, metadata={dbt.UNIQUE_ID: f"test.hotline.{name}"})
        for name in ("unique_a", "not_null_a", "in_range", "never_ran")
    ]
    result = BuildResult(
        (
            node("model.hotline.a", "success"),
            node("test.hotline.unique_a", "pass"),
            node("test.hotline.not_null_a", "fail", "Got 3 results, configured to fail if != 0"),
            node("test.hotline.in_range", "warn", "Got 1 result"),
            node("model.hotline.b", "error", "Binder Error"),
            node("model.hotline.c", "skipped"),
            node("test.hotline.never_ran", "skipped"),
            node("unit_test.hotline.formula", "pass"),
        ),
        full=False,
        seconds=1.0,
    )
    found = list(events(result, specs, checks, [check.key for check in checks]))
    materialized = [event.asset_key.path[-1] for event in found if isinstance(event, dg.MaterializeResult)]
    assert materialized == ["a"], "nothing turns green that failed or was skipped"
    judged = {event.check_name: event for event in found if isinstance(event, dg.AssetCheckResult)}
    assert {name: event.passed for name, event in judged.items()} == {
        "unique_a": True,
        "not_null_a": False,
        "in_range": False,
    }
    assert judged["not_null_a"].severity == dg.AssetCheckSeverity.ERROR
    assert judged["in_range"].severity == dg.AssetCheckSeverity.WARN
    assert judged["not_null_a"].description == "Got 3 results, configured to fail if != 0"
    assert not result.success
    assert "model b (models/x.sql): Binder Error" in result.report()


def outcome(entity: str, status: str) -> CheckOutcome:
    return CheckOutcome(
        check_id=f"{entity}.volume:hotline:2025-03-01",
        suite=entity,
        expectation="volume",
        entity=entity,
        source="hotline",
        day=date(2025, 3, 1),
        observed="12",
        expected="100 to 140",
        success=status == "passed",
        status=status,
    )


def test_a_table_fails_when_one_of_its_checks_blocks_and_no_outcome_is_lost() -> None:
    calls, bank = dg.AssetKey(["raw", "calls"]), dg.AssetKey(["raw", "bank_1999_calls"])
    found = list(judging.results([outcome("calls", "passed"), outcome("calls", "warming_up")], [calls, bank]))
    assert [(result.asset_key, result.passed) for result in found] == [(calls, True), (bank, True)]
    found = list(judging.results([outcome("bank_1999_calls", "failed")], [calls, bank]))
    assert [result.passed for result in found] == [True, False]
    assert "saw 12; expected 100 to 140" in found[1].description
    elsewhere = list(judging.results([outcome("no_such_table", "failed")], [calls, bank]))
    assert [result.passed for result in elsewhere] == [False, True]


def test_the_summary_counts_what_did_not_simply_pass() -> None:
    found = [outcome("calls", status) for status in ("passed", "passed", "failed", "accepted", "warming_up")]
    assert judging.summary(found) == "5 checks, 1 failed, 1 accepted, 1 warming up"


def test_the_sensor_asks_once_when_landing_has_stopped_changing() -> None:
    seen, wanted = decide(Seen(), "a", now=100.0, settle_seconds=5)
    assert (seen, wanted) == (Seen("a", 100.0, ""), False)
    seen, wanted = decide(seen, "a", now=104.9, settle_seconds=5)
    assert not wanted
    seen, wanted = decide(seen, "b", now=105.0, settle_seconds=5)
    assert (seen.since, wanted) == (105.0, False), "still changing: the wait begins again"
    seen, wanted = decide(seen, "b", now=110.0, settle_seconds=5)
    assert wanted
    seen, wanted = decide(seen, "b", now=999.0, settle_seconds=5)
    assert not wanted, "asked for already"
    seen, _ = decide(seen, "a", now=1000.0, settle_seconds=5)
    seen, wanted = decide(seen, "a", now=1005.0, settle_seconds=5)
    assert wanted, "back to an earlier state is a change too"


@pytest.mark.parametrize(
    "change", ["new", "corrected", "touched", "removed", "renamed", "accepted", "withdrawn", "source"]
)
def test_the_sensor_notices(home: Home, change: str) -> None:
    folder = home.landing / "calls"
    folder.mkdir()
    file = folder / "calls_2025-03-01.csv"
    file.write_text("contact_id\n1\n")
    os.utime(file, ns=(10**18, 10**18))
    (home.raw / "hotline" / "calls").mkdir(parents=True)
    before = state_of(home)
    assert state_of(home) == before
    if change == "new":
        (folder / "calls_2025-03-02.csv").write_text("contact_id\n")
    elif change == "corrected":
        file.write_text("contact_id\n2\n")
    elif change == "touched":
        os.utime(file, ns=(10**18 + 1, 10**18 + 1))
    elif change == "removed":
        file.unlink()
    elif change == "renamed":
        file.rename(folder / "calls_2025-03-03.csv")
    elif change == "accepted":
        (home.root / "accepted_checks.jsonl").write_text("{}\n")
    elif change == "withdrawn":
        (home.raw / "hotline" / "calls" / "00000001-abcdefabcdef.parquet.withdrawn").touch()
    else:
        (home.sources / "mine.yml").write_text("name: mine\n")
    assert state_of(home) != before


def test_a_file_that_goes_while_the_sensor_looks_is_no_error(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (home.landing / "gone.csv").symlink_to(home.landing / "nowhere")
    assert state_of(home)
    walked = SimpleNamespace(walk=lambda folder: [(str(folder), [], ["vanished.csv"])])
    monkeypatch.setattr("orchestration.defs.landing.sensors.os", walked)
    assert state_of(home)


def test_the_written_settings_limit_writers_to_one_and_notice_a_killed_run(home: Home) -> None:
    write_settings(home)
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        pools = instance.get_concurrency_config().pool_config
        assert (pools.pool_granularity.value, pools.default_pool_limit) == ("op", 1)
        assert instance.run_monitoring_enabled
        assert instance.run_retries_enabled
    assert SETTINGS["concurrency"]["runs"]["max_concurrent_runs"] == 1
