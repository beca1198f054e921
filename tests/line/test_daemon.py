"""With the daemon running, what lands is published without another command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hotline.home import PROJECT
from hotline.publishing import current_release
from orchestration.instance import environment, write_settings

from .conftest import Line, touch_later

PATIENCE_SECONDS = 280


@pytest.fixture
def daemon(line: Line) -> Iterator[subprocess.Popen]:
    write_settings(line.home)
    log = (line.home.root / "daemon.log").open("wb")
    process = subprocess.Popen(
        [Path(sys.executable).with_name("dagster-daemon"), "run", "-m", "orchestration.definitions"],
        env=environment(line.home),
        cwd=PROJECT,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    yield process
    # Its whole group: the code server and a run that may still go on would outlive it.
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    log.close()


def wait_until(condition: Callable[[], bool], line: Line, what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(1)
    log = (line.home.root / "daemon.log").read_text(errors="replace")
    pytest.fail(f"{what} within {PATIENCE_SECONDS} s; the daemon said:\n{log[-4000:]}")


def visits(line: Line, where: str = "true") -> int:
    return line.ask(f"select count(*) from marts.fct_queue_visit where {where}")[0][0]


def test_a_dropped_a_corrected_and_an_emptied_file_reach_a_release_by_themselves(
    line: Line, daemon: subprocess.Popen
) -> None:
    first = current_release(line.home).id
    count = visits(line)
    *_, last = line.calls()
    header, *rows = last.read_text().splitlines(keepends=True)
    dropped = line.home.landing / "calls" / "late.csv"
    extra = rows[5].replace(rows[5].split(",")[0], "DROPPED-1", 1)
    touch_later(dropped, header + "".join(rows) + extra)
    wait_until(lambda: visits(line, "contact_id = 'DROPPED-1'") == 1, line, "no release has the dropped file's call")
    assert visits(line) == count + 1
    second = current_release(line.home).id
    assert second > first

    corrected, emptied = line.calls()[1], line.calls()[3]
    lines = corrected.read_text().splitlines(keepends=True)
    gone = lines.pop(7).split(",")[0]
    touch_later(corrected, "".join(lines))
    touch_later(emptied, emptied.read_text().splitlines(keepends=True)[0])
    empty_day = emptied.stem.removeprefix("calls_")
    wait_until(lambda: current_release(line.home).id > second, line, "no release after the corrections")
    for table in ("fct_queue_visit", "fct_contact"):
        assert line.ask(f"select count(*) from marts.{table} where contact_id = '{gone}'") == [(0,)], table
    for table, column in (
        ("fct_queue_visit", "arrival_on"),
        ("service_level_by_interval", "day_local"),
        ("service_level_by_day", "day_local"),
        ("waits_by_day", "day_local"),
    ):
        assert line.ask(f"select count(*) from marts.{table} where {column} = '{empty_day}'") == [(0,)], table
    assert daemon.poll() is None


@pytest.mark.soak
def test_a_run_of_the_daemon_that_is_killed_is_started_again(line: Line, daemon: subprocess.Popen) -> None:
    first = current_release(line.home).id
    file = line.calls()[0]
    touch_later(file, "".join(file.read_text().splitlines(keepends=True)[:-3]))
    lock = line.home.build / "writer.lock"
    held: list[int] = []

    def running() -> bool:
        text = lock.read_text() if lock.exists() else ""
        if "Dagster run" in text:
            held.append(json.loads(text)["pid"])
        return bool(held)

    wait_until(running, line, "no run")
    os.kill(held[0], signal.SIGKILL)
    wait_until(lambda: current_release(line.home).id > first, line, "no release after the killed run")
    assert daemon.poll() is None
