"""Taking a wrong file out of everything, and bringing it back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from hotline.home import Home
from hotline.landing import ledger as ledgers
from hotline.landing.ledger import LOADED, Entry, Ledger
from hotline.landing.quoting import literal
from hotline.locking import writer_lock


class WithdrawError(ValueError):
    """The file can't be withdrawn or brought back; the message says why."""


def withdraw(home: Home, file: str | Path, undo: bool = False) -> Entry:
    """Take a loaded file out of everything, or with `undo` bring it back; returns its ledger entry.

    `file` is a path as the ledger shows it, a path on disk that ends so, or a `_file_id`. The raw file stays, renamed
    to a tombstone: what it had replaced counts again, and the same content is not loaded again. Models follow with the
    next run. Raises `WithdrawError` when nothing or more than one file is meant.
    """
    with writer_lock(home, "withdraw"):
        ledger = ledgers.read_ledger(home)
        entry = _meant(ledger, str(file), undo)
        here, there = entry.raw_path(home), entry.tombstone_path(home)
        if undo:
            here, there = there, here
        here.rename(there)
        ledgers.sync_folder(there.parent)
        return ledgers.read_ledger(home).find(entry.file_id)


def _meant(ledger: Ledger, file: str, undo: bool) -> Entry:
    named = [
        entry
        for entry in ledger.entries
        if file in (entry.file_id, entry.path) or Path(file).as_posix().endswith("/" + entry.path)
    ]
    if not named:
        raise WithdrawError(f"{file}: no such file was ever loaded (see `hotline status` for those that were)")
    paths = sorted({(entry.source, entry.path) for entry in named})
    if len(paths) > 1:
        raise WithdrawError(f"{file}: several files are called so: {', '.join('/'.join(path) for path in paths)}")
    loaded = [entry for entry in named if entry.status == LOADED and entry.withdrawn == undo]
    if loaded:
        return loaded[-1]
    if undo:
        raise WithdrawError(f"{file}: is not withdrawn")
    if any(entry.withdrawn for entry in named):
        raise WithdrawError(f"{file}: is withdrawn already")
    raise WithdrawError(f"{file}: has no rows to withdraw ({named[-1].status}: {named[-1].reason})")


def line_of(home: Home, file_id: str, row_number: int) -> int:
    """Physical line, from 1, on which a raw row begins in its landed file (in Parquet: its row, from 1).

    `file_id` and `row_number` are the row's `_file_id` and `_row_number`. Raises `KeyError` for an unknown file,
    `IndexError` for a row that it doesn't have.
    """
    entry = ledgers.read_ledger(home).find(file_id)
    if not 0 <= row_number < entry.rows_kept:
        raise IndexError(f"{file_id} has {entry.rows_kept} rows, and no row {row_number}")
    if entry.line_of_first_row:
        return entry.line_of_first_row + row_number
    raw = entry.present_path(home)
    with duckdb.connect() as connection:
        row = connection.execute(
            f"SELECT _line FROM read_parquet({literal(str(raw))}, file_row_number = true) WHERE file_row_number = ?",
            [row_number],
        ).fetchone()
    return row[0]


def lines_of(home: Home, file_id: str, row_numbers: Iterable[int]) -> tuple[str, dict[int, int]]:
    """Path of a landed file, and the physical line of each of some raw rows of it; as `line_of` for many rows."""
    entry = ledgers.read_ledger(home).find(file_id)
    wanted = set(row_numbers)
    if entry.line_of_first_row:
        return entry.path, {number: entry.line_of_first_row + number for number in wanted}
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT file_row_number, _line FROM"
            f" read_parquet({literal(str(entry.present_path(home)))}, file_row_number = true)"
        ).fetchall()
    return entry.path, {number: line for number, line in rows if number in wanted}
