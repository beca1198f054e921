"""The real call log: every call read, none lost without a reason."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hotline.landing import line_of, load
from tests.landing.conftest import Landing

OUTCOMES = {
    "january.txt": {"AGENT": 27_060, "HANG": 4_299, "PHANTOM": 240},
    "february.txt": {"AGENT": 27_162, "HANG": 5_904, "PHANTOM": 278},
}


@pytest.fixture
def bank(landing: Landing, real_data: Path) -> Landing:
    load(landing.home, {"bank_1999": real_data / "bank_1999"})
    return landing


def test_every_call_is_read_and_accounted_for(bank: Landing) -> None:
    ledger = bank.query("SELECT path, rows_read, rows_kept, rows_rejected, rows_duplicate, status FROM raw.load_ledger")
    assert sorted(ledger) == [
        ("february.txt", 33_344, 33_344, 0, 0, "loaded"),
        ("january.txt", 31_599, 31_599, 0, 0, "loaded"),
    ]


def test_outcomes_are_those_that_were_published(bank: Landing) -> None:
    found = bank.query(
        "SELECT path, outcome, count(*) FROM raw.bank_1999_calls"
        " JOIN raw.load_ledger ON file_id = _file_id GROUP BY ALL ORDER BY ALL"
    )
    assert found == sorted((path, outcome, rows) for path, month in OUTCOMES.items() for outcome, rows in month.items())


def test_days_are_owned_and_the_two_missing_ones_are_empty(bank: Landing) -> None:
    days = bank.query("SELECT CAST(day AS VARCHAR), rows FROM control.days WHERE source = 'bank_1999' ORDER BY day")
    assert (len(days), days[0][0], days[-1][0]) == (59, "1999-01-01", "1999-02-28")
    assert [day for day, rows in days if not rows] == ["1999-01-11", "1999-01-12"]
    assert sum(rows for _, rows in days) == 31_599 + 33_344


def test_what_did_not_happen_is_not_taken_for_nothing(bank: Landing) -> None:
    midnight = bank.query("SELECT count(*) FROM raw.bank_1999_calls WHERE q_start = TIME '0:00:00' AND q_time = 0")
    assert midnight[0][0] > 20_000
    negative = bank.query("SELECT count(*), min(vru_time) < 0 FROM raw.bank_1999_calls WHERE vru_time < 0")
    assert negative[0][0] > 0


@pytest.mark.parametrize("path", sorted(OUTCOMES))
def test_any_row_is_found_again_on_its_line(bank: Landing, real_data: Path, path: str) -> None:
    with (real_data / "bank_1999" / path).open(newline="") as stream:
        lines = list(csv.reader(stream, delimiter="\t"))
    rows = bank.query(
        "SELECT _file_id, _row_number, vru_line, call_id, CAST(vru_entry AS VARCHAR), server FROM raw.bank_1999_calls"
        f" JOIN raw.load_ledger ON file_id = _file_id WHERE path = '{path}' AND _row_number % 997 = 0"
    )
    assert len(rows) > 30
    for file_id, number, vru_line, call_id, entry, server in rows:
        line = lines[line_of(bank.home, file_id, number) - 1]
        assert (line[0], int(line[1]), line[6].zfill(8), line[16]) == (vru_line, call_id, entry, server)


def test_a_correction_replaces_only_its_days(bank: Landing, real_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    folder.mkdir()
    lines = (real_data / "bank_1999" / "february.txt").read_text().splitlines()
    kept = [lines[0], *(line for line in lines if "\t990203\t" in line)][:101]
    (folder / "february 3rd.txt").write_text("\n".join(kept))
    load(bank.home, {"bank_1999": folder})
    assert bank.query("SELECT count(*) FROM raw.bank_1999_calls WHERE date = DATE '1999-02-03'") == [(100,)]
    lost = sum("\t990203\t" in line for line in lines) - 100
    assert bank.query("SELECT count(*) FROM raw.bank_1999_calls") == [(31_599 + 33_344 - lost,)]
