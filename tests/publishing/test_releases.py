"""Releases are whole, switched at once, kept in number, and survive a kill at any step."""

from __future__ import annotations

import errno
import grp
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from hotline.home import Home
from hotline.publishing import (
    PublishingError,
    clean,
    current_release,
    new_build_id,
    publish,
    releases,
    rollback,
    rolled_back_from,
)
from hotline.publishing import folders as module


def build(home: Home, number: int) -> str:
    """Two small build files that tell their number; gives a build id."""
    for area, file in (("operations", home.operations), ("people", home.people)):
        with duckdb.connect() as connection:
            connection.execute(f"attach '{file}' as {area} (storage_version 'v1.5.0')")
            connection.execute(f"create schema if not exists {area}.marts")
            connection.execute(f"create or replace table {area}.marts.{area}_number as select {number} as number")
    return f"20250301T0930{number:02d}Z-abcdef"


def number_seen(home: Home, area: str) -> int:
    with duckdb.connect(str(home.current / area / f"{area}.duckdb"), read_only=True) as connection:
        return connection.execute(f"select number from marts.{area}_number").fetchone()[0]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_release_holds_both_files_under_one_build_id_and_their_own_modes(home: Home) -> None:
    build_id = build(home, 1)
    release = publish(home, build_id, inputs={"project": "abc"})
    assert release.is_current
    assert release.inputs == {"project": "abc"}
    assert home.current.resolve() == release.folder
    assert home.current.readlink() == Path(build_id), "a relative link survives a move of the whole home"
    for area, table in (("operations", "operations_build"), ("people", "people_build")):
        with duckdb.connect(str(home.current / area / f"{area}.duckdb"), read_only=True) as connection:
            assert connection.execute(f"select build_id from marts.{table}").fetchall() == [(build_id,)]
    assert mode(release.folder / "operations") == 0o750
    assert mode(release.operations) == 0o640
    assert mode(release.folder / "people") == 0o700
    assert mode(release.people) == 0o600
    assert not list(home.releases.glob("*.tmp"))
    assert not list(home.build.glob("*.wal"))


def test_the_published_file_keeps_the_storage_version_that_older_tools_read(home: Home) -> None:
    release = publish(home, build(home, 1))
    with duckdb.connect(str(release.operations), read_only=True) as connection:
        tags = connection.execute("select tags from duckdb_databases() where not internal").fetchone()[0]
    assert "1.5" in str(tags["storage_version"])


def test_five_releases_are_kept_and_the_current_one_always(home: Home) -> None:
    ids = []
    for number in range(1, 8):
        ids.append(build(home, number))
        publish(home, ids[-1])
    assert [release.id for release in releases(home)] == ids[:1:-1]
    rollback(home, ids[2])
    for number in range(8, 13):
        name = f"20250301T0930{number:02d}Z-abcdef"
        module._fill(home.releases / name, {}, name, {})
    assert clean(home) == [ids[6], ids[5], ids[4], ids[3]]
    assert number_seen(home, "operations") == 3


def test_fewer_than_three_kept_releases_are_refused(home: Home) -> None:
    with pytest.raises(PublishingError, match="keep at least 3"):
        publish(home, build(home, 1), keep=2)


def test_rollback_goes_one_back_or_to_a_named_release_and_says_so(home: Home) -> None:
    ids = [build(home, 1), build(home, 2), build(home, 3)]
    for number, build_id in enumerate(ids, start=1):
        build(home, number)
        publish(home, build_id)
    assert rolled_back_from(home) is None
    assert rollback(home).id == ids[1]
    assert (number_seen(home, "operations"), number_seen(home, "people")) == (2, 2)
    note = rolled_back_from(home)
    assert (note["from"], note["to"]) == (ids[2], ids[1])
    assert rollback(home, ids[0]).id == ids[0]
    assert rollback(home, ids[2]).id == ids[2]
    assert rolled_back_from(home) is None, "back at the newest one nothing is rolled back"


def test_rollback_without_a_goal_is_refused_with_the_names_that_are_kept(home: Home) -> None:
    only = build(home, 1)
    publish(home, only)
    with pytest.raises(PublishingError, match="no release before"):
        rollback(home)
    with pytest.raises(PublishingError, match=f"no release nonsense; kept are: {only}"):
        rollback(home, "nonsense")
    assert current_release(home).id == only


def test_publishing_ends_a_rollback(home: Home) -> None:
    for number in (1, 2):
        publish(home, build(home, number))
    rollback(home)
    publish(home, build(home, 3))
    assert rolled_back_from(home) is None
    assert number_seen(home, "people") == 3


def test_a_file_that_somebody_writes_in_is_not_published(home: Home) -> None:
    publish(home, build(home, 1))
    second = build(home, 2)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys;"
            f" c = duckdb.connect({str(home.people)!r}); print('open', flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        holder.stdout.readline()
        with pytest.raises(PublishingError, match=r"people\.duckdb"):
            publish(home, second)
    finally:
        holder.communicate()
    assert number_seen(home, "operations") == 1


def test_a_missing_build_file_is_named(home: Home) -> None:
    build_id = build(home, 1)
    home.people.unlink()
    with pytest.raises(PublishingError, match=r"people\.duckdb is missing: build first"):
        publish(home, build_id)
    assert current_release(home) is None


def test_a_full_disk_leaves_the_last_release_and_no_litter(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(home, build(home, 1))
    second = build(home, 2)

    def full(source: Path, target: Path) -> None:
        Path(target).write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(PublishingError, match=r"disk of .* is full; [12] MB are needed"):
        publish(home, second)
    assert number_seen(home, "operations") == 1
    assert [path.name for path in home.releases.glob("*.tmp")] == []


def test_a_copy_of_another_build_never_becomes_a_release(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(home, build(home, 1))
    second = build(home, 2)
    real = shutil.copyfile
    monkeypatch.setattr(shutil, "copyfile", lambda source, target: real(home.current / "people/people.duckdb", target))
    with pytest.raises(PublishingError):
        publish(home, second)
    assert number_seen(home, "people") == 1


def test_groups_may_be_given_and_an_unknown_one_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    group = grp.getgrgid(os.getgid()).gr_name
    monkeypatch.setenv("HOTLINE_PEOPLE_GROUP", group)
    release = publish(home, build(home, 1))
    assert mode(release.folder / "people") == 0o750
    assert mode(release.people) == 0o640
    assert release.people.stat().st_gid == os.getgid()
    monkeypatch.setenv("HOTLINE_PEOPLE_GROUP", "no-such-group-here")
    with pytest.raises(PublishingError, match="no-such-group-here"):
        publish(home, build(home, 2))
    assert number_seen(home, "people") == 1


KILLED_AT = ["_clean_half_made", "_fill", "_prove", "_write_synced", "_point_current_at", "_delete_old"]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", KILLED_AT)
def test_a_kill_at_any_step_leaves_one_whole_release_and_a_rerun_publishes(home: Home, step: str, moment: str) -> None:
    publish(home, build(home, 1))
    second = build(home, 2)
    script = f"""
import os, signal
from hotline.home import Home
from hotline.publishing import publish, releases
import hotline.publishing.folders as module
real = module.{step}
def deadly(*arguments):
    if {moment == "after"}:
        real(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
module.{step} = deadly
publish(Home.default(), {second!r})
"""
    killed = subprocess.run([sys.executable, "-c", script], env={**os.environ}, check=False)
    assert killed.returncode == -signal.SIGKILL
    switched = (step, moment) in {("_point_current_at", "after"), ("_delete_old", "before"), ("_delete_old", "after")}
    seen = {number_seen(home, area) for area in ("operations", "people")}
    assert seen == ({2} if switched else {1})
    assert all(release.operations.is_file() and release.people.is_file() for release in releases(home))
    third = build(home, 3)
    publish(home, third)
    assert {number_seen(home, area) for area in ("operations", "people")} == {3}
    assert not list(home.releases.glob("*.tmp"))


def test_readers_never_miss_the_link_nor_see_two_builds_through_one_resolved_path(home: Home) -> None:
    publish(home, build(home, 1))
    trouble: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            folder = home.current.resolve(strict=True)
            seen = set()
            for area, table in (("operations", "operations_build"), ("people", "people_build")):
                with duckdb.connect(str(folder / area / f"{area}.duckdb"), read_only=True) as connection:
                    seen.add(connection.execute(f"select build_id from marts.{table}").fetchone()[0])
            if len(seen) != 1:
                trouble.append(f"mixed: {seen}")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(2, 12):
            publish(home, build(home, number))
    finally:
        done.set()
        reader.join()
    assert trouble == []


def test_build_ids_sort_by_time_and_are_checked(home: Home) -> None:
    assert new_build_id() != new_build_id()
    build(home, 1)
    with pytest.raises(PublishingError, match="no build id"):
        publish(home, "../../elsewhere")
