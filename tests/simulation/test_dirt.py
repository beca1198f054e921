"""Dirt is listed, and a loader that heeds the contract gets everything back but what cannot be read."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

from hotline import landing
from hotline.home import Home
from hotline.simulation import simulate

START, DAYS = date(2024, 9, 1), 17


def test_the_loader_finds_what_the_manifest_lists(home: Home, tmp_path: Path) -> None:
    clean = simulate(tmp_path / "clean", agents=5, days=DAYS, start=START, seed=3)
    dirty = simulate(home.landing, agents=5, days=DAYS, start=START, seed=3, dirt=True)
    assert dirty.rows == clean.rows
    assert dirty.manifest is not None
    assert home.landing not in dirty.manifest.parents, "nobody lands the manifest"
    faults = json.loads(dirty.manifest.read_text(encoding="utf-8"))
    assert len({fault["fault"] for fault in faults}) == 12

    outcomes = {Path(outcome.path).name: outcome for outcome in landing.load(home)}
    assert len(outcomes) == dirty.files
    by_file = {fault["file"]: fault for fault in faults}
    for name, outcome in outcomes.items():
        fault = by_file.get(name, {"fault": "", "rejected": 0, "duplicate": 0})
        assert outcome.status == ("unchanged" if fault["fault"] == "copied" else "loaded"), name
        assert (outcome.rows_rejected, outcome.rows_duplicate) == (fault["rejected"], fault["duplicate"]), name

    # The incomplete file is replaced by its correction; only what was rejected is missing.
    replaced = [fault["file"] for fault in faults if fault["fault"] == "incomplete"]
    kept = sum(
        outcome.rows_kept for name, outcome in outcomes.items() if outcome.entity == "calls" and name not in replaced
    )
    assert kept == clean.rows["calls"] - sum(fault["rejected"] for fault in faults)
    assert sum(fault["rejected"] for fault in faults) > 0


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
