"""What `hotline status` tells: files, the last run, what blocks, what readers see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
from rich.table import Table

from hotline.home import Home
from hotline.locking import Busy, writer_lock
from hotline.progress import DONE, RunRecord, console
from hotline.publishing import Release, current_release, releases, rolled_back_from

if TYPE_CHECKING:
    from rich.console import Console

LEDGER = """
    select
        source,
        entity,
        count(*) filter (status = 'loaded' and is_current) as files,
        count(*) filter (status not in ('loaded', 'unchanged')) as not_loaded,
        coalesce(sum(rows_kept) filter (is_current), 0)::bigint as kept,
        coalesce(sum(rows_rejected) filter (is_current), 0)::bigint as rejected,
        coalesce(sum(rows_duplicate) filter (is_current), 0)::bigint as duplicate,
        max(last_day) filter (is_current) as last_day
    from marts.load_ledger
    group by all
    order by all
"""


def show(home: Home) -> bool:
    """Print the state of this home; returns whether all is well: the last run went well and nothing blocks."""
    screen = console()
    release = current_release(home)
    _show_releases(screen, home, release)
    if release:
        _show_ledger(screen, release)
    record = RunRecord.read(home)
    went_well = _show_run(screen, record)
    return _show_blocking(screen, home) and went_well


def _show_releases(screen: Console, home: Home, release: Release | None) -> None:
    screen.print(f"Home      {home.root}", markup=False)
    if release is None:
        screen.print("Readers   see nothing yet: hotline run")
        return
    screen.print(
        f"Readers   see release {release.id} of {release.published_at:%Y-%m-%d %H:%M} UTC,"
        f" {release.bytes / 1e6:,.1f} MB; {len(releases(home))} releases are kept"
    )
    note = rolled_back_from(home)
    if note:
        screen.print(f"          {note['by']} went back from {note['from']} on {note['on']}")


def _show_ledger(screen: Console, release: Release) -> None:
    with duckdb.connect(str(release.operations), read_only=True) as connection:
        rows = connection.execute(LEDGER).fetchall()
    table = Table("source", "entity", title="Published from these files", title_justify="left")
    for name in ("files", "not loaded", "rows kept", "rejected", "duplicate", "last day"):
        table.add_column(name, justify="right")
    for source, entity, *counts, last_day in rows:
        table.add_row(source, entity, *(f"{count:,}" for count in counts), str(last_day or ""))
    screen.print(table)


def _show_run(screen: Console, record: RunRecord | None) -> bool:
    if record is None:
        screen.print("Last run  none yet")
        return True
    word = "went well" if record.success else "FAILED"
    screen.print(f"Last run  {word}, {record.started_at} to {record.ended_at}, by {record.started_by}", markup=False)
    for step in record.steps:
        mark = " " if step["state"] == DONE else "✗"
        screen.print(f"  {mark} {step['name']:<15} {step['seconds']:7.1f} s  {step['summary']}", markup=False)
    for problem in record.problems:
        screen.print(f"  ! {problem}", markup=False)
    return record.success


def _show_blocking(screen: Console, home: Home) -> bool:
    import expectations

    try:
        with writer_lock(home, "status"):
            blocking = expectations.pending(home)
    except Busy as busy:
        screen.print(f"Now       {busy}", markup=False)
        return True
    if blocking:
        what = "1 failed check keeps" if len(blocking) == 1 else f"{len(blocking)} failed checks keep"
        screen.print(f"{what} the next release back:")
        for outcome in blocking:
            screen.print(f"  {outcome.message}", markup=False)
    return not blocking
