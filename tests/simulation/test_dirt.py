"""Dirt is listed, and a loader that heeds the contract gets everything back but what cannot be read."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import duckdb

from hotline import landing
from hotline.home import Home
from hotline.simulation import simulate

START = date(2024, 9, 1)
FIRST, DAYS = date(2024, 2, 20), 54
"""With three months and two waves of surveys."""

UNDONE = {"late", "copied", "columns in another order", "byte order mark and CRLF"}
REJECTING = {"ragged rows", "mistyped values"}
CORRECTED = {"incomplete", "corrected"}


def test_the_loader_finds_what_the_manifest_lists_and_has_the_other_rows(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "clean").create()
    clean = simulate(other.landing, agents=8, days=DAYS, start=FIRST, seed=3)
    dirty = simulate(home.landing, agents=8, days=DAYS, start=FIRST, seed=3, dirt=True)
    assert dirty.rows == clean.rows
    assert dirty.manifest is not None
    assert home.landing not in dirty.manifest.parents, "nobody lands the manifest"
    faults = json.loads(dirty.manifest.read_text(encoding="utf-8"))
    assert len({fault["fault"] for fault in faults}) == 12

    outcomes = {Path(outcome.path).name: outcome for outcome in landing.load(home)}
    assert len(outcomes) == dirty.files
    by_file = {fault["file"]: fault for fault in faults}
    rejected: Counter[str] = Counter()
    for name, outcome in outcomes.items():
        fault = by_file.get(name, {"fault": "", "rejected": 0, "duplicate": 0})
        assert outcome.status == ("unchanged" if fault["fault"] == "copied" else "loaded"), name
        assert (outcome.rows_rejected, outcome.rows_duplicate) == (fault["rejected"], fault["duplicate"]), name
        rejected[outcome.entity] += fault["rejected"]

    landing.load(other)
    landing.prepare(home)
    landing.prepare(other)
    connection = duckdb.connect()
    for name, made in (("clean", other), ("dirty", home)):
        connection.execute(f"ATTACH '{made.warehouse}' AS {name} (READ_ONLY)")
    for entity in clean.rows.keys() - {"agent_events"}:
        rows = "SELECT COLUMNS('^[^_]') FROM {}.raw." + entity
        missing, more = (
            connection.execute(f"SELECT count(*) FROM ({rows.format(one)} EXCEPT ALL {rows.format(two)})").fetchone()[0]
            for one, two in (("clean", "dirty"), ("dirty", "clean"))
        )
        assert (missing, more) == (rejected[entity], 0), entity
        assert rejected[entity] <= clean.rows[entity] / 10


def test_each_entity_gets_the_faults_that_its_source_can_tell_or_put_right(tmp_path: Path) -> None:
    made = simulate(tmp_path / "landing", agents=8, days=DAYS, start=FIRST, seed=3, dirt=True)
    seen = defaultdict(set)
    for fault in json.loads(made.manifest.read_text(encoding="utf-8")):
        seen[re.sub("_(all|[0-9]{4}-.*)$", "", fault["file"].removesuffix(".csv"))].add(fault["fault"])
    for entity in ("calls", "tickets", "quality_reviews"):
        assert seen[entity] == UNDONE | REJECTING | CORRECTED | {"repeated rows"}, entity
    # Two alike may be meant where there is no key.
    for entity in ("agent_schedules", "ticket_events"):
        assert seen[entity] == UNDONE | REJECTING | CORRECTED, entity
    # A file that replaces nothing would come in twice.
    for entity in ("training", "outage_notices"):
        assert seen[entity] <= UNDONE | REJECTING, entity
    # Items come once, and what happens now and then has hardly a second file of two rows.
    assert made.rows.keys() - seen.keys() <= {"survey_items", "outages", "outage_notices", "system_incidents"}


def test_late_and_corrected_files_come_after_the_days_that_follow(home: Home) -> None:
    dirty = simulate(home.landing, agents=3, days=8, start=START, seed=3, dirt=True)
    order = [path.name for path in sorted((home.landing / "calls").iterdir(), key=lambda path: path.stat().st_mtime_ns)]
    faults = {
        fault["fault"]: fault["file"]
        for fault in json.loads(dirty.manifest.read_text(encoding="utf-8"))
        if fault["file"].startswith("calls")
    }
    assert order.index(faults["late"]) > order.index("calls_2024-09-04.csv")
    assert order.index(faults["corrected"]) > order.index("calls_2024-09-05.csv")


def test_agents_events_lose_double_and_shift_as_listed(tmp_path: Path) -> None:
    clean = simulate(tmp_path / "clean", agents=40, days=8, start=START, seed=3)
    dirty = simulate(tmp_path / "dirty", agents=40, days=8, start=START, seed=3, dirt=True)
    faults = [
        fault
        for fault in json.loads(dirty.manifest.read_text(encoding="utf-8"))
        if fault["file"].startswith("agent_events")
    ]
    assert [fault["fault"] for fault in faults] == ["missing sign-outs", "double events", "clock skew", "late"]
    files = {fault["fault"]: (fault["file"], fault["note"]) for fault in faults}

    def rows(fault: str) -> tuple[Counter[str], Counter[str]]:
        name = files[fault][0]
        return tuple(Counter((made.out / "agent_events" / name).read_text().splitlines()) for made in (clean, dirty))

    whole, found = rows("missing sign-outs")
    assert not found - whole
    assert all(",signed_out," in row for row in whole - found)
    assert f"{(whole - found).total()} rows" == files["missing sign-outs"][1]
    assert whole != found
    whole, found = rows("double events")
    assert not whole - found
    assert (found - whole).keys() <= whole.keys()
    assert f"{(found - whole).total()} rows" == files["double events"][1]
    whole, found = rows("clock skew")
    agents = {row.split(",")[0] for row in whole - found}
    assert agents == {note.split(" ")[0] for note in files["clock skew"][1].split(", ")}
    assert whole.total() == found.total()


def test_the_same_seed_gives_the_same_dirt(tmp_path: Path) -> None:
    manifests = []
    for name in ("one", "two"):
        made = simulate(tmp_path / name / "landing", agents=3, days=10, start=START, seed=8, dirt=True)
        manifests.append(made.manifest.read_bytes())
        files = {path.name: path.read_bytes() for path in (tmp_path / name / "landing").rglob("*.csv")}
        manifests.append(files)
    assert manifests[0] == manifests[2]
    assert manifests[1] == manifests[3]
