"""Killed at any moment, or out of room: what is there is whole, and the next run ends as if nothing had happened."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from hotline.home import PROJECT, Home
from hotline.landing import prepare
from hotline.landing.ledger import RAW_NAME, read_ledger
from tests.landing.conftest import HEADER, call

LOAD = "import sys; from hotline.home import Home; from hotline.landing import load; load(Home.default())"
KILLS = 10


def fill(home: Home, days: int = 60, rows: int = 400) -> None:
    """Landed files of every kind: good, with rejects and duplicates, broken, corrected, compressed."""
    folder = home.landing / "calls"
    folder.mkdir(parents=True)
    for number in range(days):
        day = f"2025-03-{number % 20 + 1:02d}"
        lines = [HEADER, *(call(f"c{number}-{row}", day) for row in range(rows))]
        if number % 3 == 1:
            lines += [call("bad", day, outcome="?"), call(f"c{number}-1", day), "too,short"]
        content = "\n".join(lines).encode()
        if number % 7 == 3:
            content = b"\0" + content
        file = folder / f"calls_{day} {number:02d}.csv"
        file.write_bytes(content)
        moment = 1_700_000_000_000_000_000 + number * 1_000_000_000
        os.utime(file, ns=(moment, moment))


def state(home: Home) -> dict[str, object]:
    """Everything that stands in raw and quarantine, and what the views make of it, without times of loading."""
    entries = []
    for entry in read_ledger(home).entries:
        facts = entry.__dict__ | {"loaded_at": "", "load_seconds": 0}
        entries.append({name: value for name, value in facts.items() if name not in ("_fingerprint", "text")})
    files = sorted(
        str(path.relative_to(home.root))
        for folder in (home.raw, home.quarantine)
        for path in folder.rglob("*")
        if path.is_file() and ".shape" not in path.parts
    )
    prepare(home, full=True)
    with duckdb.connect(str(home.warehouse)) as connection:
        rows = connection.execute(
            "SELECT count(*), bit_xor(hash(calls)) FROM (SELECT * FROM raw.calls) AS calls"
        ).fetchone()
        rejected = connection.execute("SELECT * FROM raw.rejected_rows ORDER BY ALL").fetchall()
        days = connection.execute("SELECT * FROM control.days ORDER BY ALL").fetchall()
    return {"entries": entries, "files": files, "rows": rows, "rejected": rejected, "days": days}


def run(home: Home, **settings) -> subprocess.Popen:
    environment = os.environ | {"HOTLINE_DATA": str(home.root)}
    return subprocess.Popen(
        [sys.executable, "-c", LOAD], cwd=PROJECT, env=environment, stderr=subprocess.PIPE, **settings
    )


def assert_whole(home: Home) -> None:
    """Every raw file that has its name can be read, and has its entry."""
    assert len(read_ledger(home).entries) == _named(home)
    with duckdb.connect() as connection:
        for path in (home.raw / "hotline" / "calls").glob("*.parquet"):
            connection.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone()


def _named(home: Home) -> int:
    """How many arrivals count so far."""
    return sum(RAW_NAME.fullmatch(path.name) is not None for path in (home.raw / "hotline" / "calls").glob("*.parquet"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The state after a run that nothing disturbs."""
    home = Home(tmp_path_factory.mktemp("undisturbed") / "data").create()
    fill(home)
    process = run(home)
    assert process.wait() == 0, process.stderr.read().decode()
    return state(home)


def test_killed_at_any_moment_and_run_again_is_as_never_killed(tmp_path: Path, undisturbed: dict[str, object]) -> None:
    home = Home(tmp_path / "killed").create()
    fill(home)
    chance = random.Random(20250301)
    partial: set[int] = set()
    for _ in range(KILLS):
        enough = _named(home) + chance.randrange(8)
        process = run(home)
        # The interpreter needs most of a second to start: the moment is chosen by what has been done, then by chance.
        while process.poll() is None and _named(home) < enough:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert_whole(home)
        partial.add(_named(home))
    partial -= {0, len(undisturbed["entries"])}
    assert len(partial) >= 3, "too few kills fell into the middle of a load: the test would show nothing"
    process = run(home)
    assert process.wait() == 0, process.stderr.read().decode()
    assert state(home) == undisturbed


def test_a_file_size_limit_stops_cleanly(tmp_path: Path, undisturbed: dict[str, object]) -> None:
    home = Home(tmp_path / "limited").create()
    fill(home)
    big = home.landing / "calls" / "calls_2025-03-21 99.csv"
    big.write_text("\n".join([HEADER, *(call(f"{os.urandom(8).hex()}", "2025-03-21") for _ in range(20_000))]))
    limit = 100_000

    def lower() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    process = run(home, preexec_fn=lower)
    assert process.wait() == 1
    message = process.stderr.read().decode().splitlines()[-1]
    assert message.startswith("hotline.landing.loading.LandingError: no room to write in")
    assert "make room and run again" in message
    assert_whole(home)
    assert not (home.raw / ".work").exists()
    big.unlink()
    process = run(home)
    assert process.wait() == 0, process.stderr.read().decode()
    assert state(home) == undisturbed


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk is only for root")
@pytest.mark.parametrize("kilobytes", [40, 150, 300, 500])
def test_a_full_disk_stops_cleanly(tmp_path: Path, undisturbed: dict[str, object], kilobytes: int) -> None:
    home = Home(tmp_path / "full").create()
    fill(home)
    libc = ctypes.CDLL(None, use_errno=True)
    target = str(home.raw).encode()
    if libc.mount(b"none", target, b"tmpfs", 0, f"size={kilobytes}k,mode=700".encode()) != 0:
        pytest.skip(f"no small disk can be mounted here: {os.strerror(ctypes.get_errno())}")
    try:
        process = run(home)
        assert process.wait() == 1
        message = process.stderr.read().decode().splitlines()[-1]
        assert message.startswith("hotline.landing.loading.LandingError: no room to write in"), message
        assert_whole(home)
        assert not (home.raw / ".work").exists()
        assert libc.mount(b"none", target, b"tmpfs", 32, b"size=64m,mode=700") == 0, "room was made"
        process = run(home)
        assert process.wait() == 0, process.stderr.read().decode()
        assert state(home) == undisturbed
    finally:
        libc.umount2(target, 2)
