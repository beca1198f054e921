"""Names, links and files in motion: handled, or refused with a reason, and never a way out of the landing folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hotline.landing import LandingError, load
from hotline.landing import loading as loading_module
from tests.landing.conftest import Landing, calls

NAMES = [
    "with blanks 2025-03-01.csv",
    'it\'s a "quoted" 2025-03-01.csv',
    "通话记录 2025-03-01.csv",
    "..2025-03-01..csv",
    "a..b 2025-03-01.csv",
    "[2025-03-01].csv",
    "*2025-03-01?.csv",
    "{a,b}2025-03-01.csv",
    "a;b--2025-03-01.csv",
    "line\nend 2025-03-01.csv",
    "back\\slash 2025-03-01.csv",
    "%s %d 2025-03-01.csv",
    "$HOME `id` 2025-03-01.csv",
    "'); DROP TABLE x; -- 2025-03-01.csv",
    "-rf 2025-03-01.csv",
    "2025-03-01.parquet",
    "2025-03-01.csv.gz",
    "x" * 230 + "2025-03-01.csv",
    "é 2025-03-01.csv",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_strange_name_is_only_a_name(landing: Landing, name: str) -> None:
    landing.put("calls/2025-03-02.csv", calls("other", day="2025-03-02"))
    outcome = landing.land(f"calls/{name}", calls("a", "b"))
    assert (outcome.status, outcome.rows_kept) == ("loaded", 2), outcome.reason
    assert landing.contacts() == ["a", "b", "other"]
    paths = [path for (path,) in landing.query("SELECT path FROM raw.load_ledger")]
    assert sorted(paths) == sorted([f"calls/{name}", "calls/2025-03-02.csv"])
    assert landing.load() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_strange_name_is_only_a_name_in_quarantine_too(landing: Landing, name: str) -> None:
    assert landing.land(f"calls/{name}", b"\0\0\0").status == "quarantined"
    (copy,) = (path for path in landing.home.quarantine.rglob("*") if path.is_file() and path.name != "reason.txt")
    assert copy.name == name
    assert landing.query("SELECT count(*) FROM raw.calls") == [(0,)]


def test_a_name_that_is_no_utf8_is_refused(landing: Landing) -> None:
    folder = landing.home.landing / "calls"
    folder.mkdir()
    (folder / os.fsdecode(b"\xff 2025-03-01.csv")).write_text(calls("a"))
    (outcome,) = landing.load()
    assert (outcome.status, outcome.reason) == ("refused", "the name of the file is not valid UTF-8")
    assert landing.load() == []
    assert landing.query("SELECT path, status FROM raw.load_ledger") == [(outcome.path, "refused")]


def test_a_link_out_of_the_landing_folder_is_refused(landing: Landing, tmp_path: Path) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text(calls("secret"))
    folder = landing.home.landing / "calls"
    folder.mkdir()
    (folder / "2025-03-01.csv").symlink_to(outside)
    (folder / "2025-03-02.csv").symlink_to("../../../secret.csv")
    (folder / "folder").symlink_to(tmp_path)
    (folder / "2025-03-03.csv").symlink_to(folder / "2025-03-03.csv")
    (folder / "2025-03-04.csv").symlink_to("nowhere.csv")
    os.mkfifo(folder / "2025-03-05.csv")
    (folder / "2025-03-06.csv").symlink_to("/dev/zero")
    outcomes = {outcome.path: outcome for outcome in landing.load()}
    assert {outcome.status for outcome in outcomes.values()} == {"refused"}
    assert len(outcomes) == 7
    assert "leads out of" in outcomes["calls/2025-03-01.csv"].reason
    assert "leads out of" in outcomes["calls/2025-03-02.csv"].reason
    assert "leads out of" in outcomes["calls/2025-03-06.csv"].reason
    assert outcomes["calls/2025-03-05.csv"].reason == "not a regular file"
    assert landing.contacts() == []
    assert not [path for path in landing.home.quarantine.rglob("*") if path.is_file() and path.name != "reason.txt"]
    assert landing.load() == []


def test_a_link_within_the_landing_folder_is_followed(landing: Landing) -> None:
    landing.put("archive/real.csv", calls("a"))
    (landing.home.landing / "calls").mkdir()
    (landing.home.landing / "calls" / "2025-03-01.csv").symlink_to("../archive/real.csv")
    statuses = {outcome.path: outcome.status for outcome in landing.load()}
    assert statuses == {"archive/real.csv": "unclaimed", "calls/2025-03-01.csv": "loaded"}
    assert landing.contacts() == ["a"]


def test_a_link_in_the_place_of_a_source_s_folder_is_nobody_s(landing: Landing, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "january.txt").write_text("secret")
    (landing.home.landing / "bank_1999").symlink_to(outside)
    (outcome,) = landing.load()
    assert (outcome.path, outcome.status) == ("bank_1999", "unclaimed")
    assert "leads out of" in outcome.reason


def test_unfinished_and_hidden_files_wait_and_strangers_are_named(landing: Landing) -> None:
    for name in (".hidden_2025-03-01.csv", "calls_2025-03-01.csv.part", "calls_2025-03-01.csv.tmp"):
        landing.put(f"calls/{name}", calls("a"))
    landing.put("cals/calls_2025-03-01.csv", calls("a"))
    (outcome,) = landing.load()
    assert (outcome.path, outcome.status) == ("cals/calls_2025-03-01.csv", "unclaimed")
    assert outcome.reason == "no source description claims this file"


def test_a_file_that_grows_while_it_is_read_waits_for_the_next_run(landing: Landing, monkeypatch) -> None:
    file = landing.put("calls/2025-03-01.csv", calls("a"))
    landing.put("calls/2025-03-02.csv", calls("b", day="2025-03-02"))
    convert = loading_module.Converter._convert

    def convert_while_it_grows(converter):
        reading = convert(converter)
        if converter.arrival.file == file:
            with file.open("a") as stream:
                stream.write(calls("late").splitlines()[1] + "\n")
        return reading

    monkeypatch.setattr(loading_module.Converter, "_convert", convert_while_it_grows)
    statuses = {outcome.path: outcome.status for outcome in landing.load()}
    assert statuses == {"calls/2025-03-01.csv": "growing", "calls/2025-03-02.csv": "loaded"}
    assert landing.contacts() == ["b"]
    monkeypatch.undo()
    assert [outcome.status for outcome in load(landing.home)] == ["loaded"]
    assert landing.contacts() == ["a", "b", "late"]


def test_a_file_that_vanishes_while_it_is_read_is_no_failure(landing: Landing, monkeypatch) -> None:
    file = landing.put("calls/2025-03-01.csv", calls("a"))
    landing.put("calls/2025-03-02.csv", calls("b", day="2025-03-02"))
    convert = loading_module.Converter._convert

    def convert_after_it_went(converter):
        if converter.arrival.file == file:
            file.unlink()
        return convert(converter)

    monkeypatch.setattr(loading_module.Converter, "_convert", convert_after_it_went)
    statuses = {outcome.path: outcome.status for outcome in landing.load()}
    assert statuses == {"calls/2025-03-01.csv": "growing", "calls/2025-03-02.csv": "loaded"}


def test_a_data_folder_that_duckdb_would_take_for_a_pattern_is_refused(tmp_path: Path) -> None:
    from hotline.home import Home

    with pytest.raises(LandingError, match="must not have"):
        load(Home(tmp_path / "data*"))


def test_a_data_folder_with_a_strange_name_works(tmp_path: Path, monkeypatch) -> None:
    from hotline.home import Home

    home = Home(tmp_path / 'it\'s "my" data; 数据').create()
    landing = Landing(home, [1_700_000_000_000_000_000])
    landing.land("calls/2025-03-01.csv", calls("a"))
    assert landing.contacts() == ["a"]
