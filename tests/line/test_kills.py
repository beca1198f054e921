"""A run that is killed at any moment, and the run after it: the same tables as a run that was never killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from hotline.home import PROJECT
from hotline.publishing import releases

from .conftest import Line, differing_contents, touch_later

ENDED = "event.info.name == 'NodeFinished' and event.data.node_info.node_name == '{}'"

KILLS = {
    "in load, between two files": ("hotline.landing.loading", "Loader._settle", "calls == 2"),
    "in load, before a raw file gets its name": ("hotline.landing.ledger", "seal", "calls == 2"),
    "in load, while the control tables are made": ("hotline.landing.preparing", "_describe_files", "calls == 1"),
    "in build, before the first model": ("hotline.building", "_dbt", "calls == 2"),
    "in build, after the facts": ("hotline.building", "_Listener.__call__", ENDED.format("fct_contact")),
    "before the build is marked": ("hotline.landing", "mark_built", "calls == 1"),
    "before the switch": ("hotline.publishing.folders", "_point_current_at", "calls == 1"),
    "after the switch": ("hotline.publishing.folders", "_delete_old", "calls == 1"),
}
FAST = (
    "in load, before a raw file gets its name",
    "in build, after the facts",
    "before the switch",
    "after the switch",
)

DEADLY = """
import functools, importlib, os, signal, sys
module = importlib.import_module({module!r})
holder = module
*path, name = {name!r}.split(".")
for part in path:
    holder = getattr(holder, part)
real = getattr(holder, name)
calls = 0
@functools.wraps(real)
def deadly(*arguments, **options):
    global calls
    calls += 1
    event = arguments[-1] if arguments else None
    if {when}:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)
setattr(holder, name, deadly)
from hotline.cli import main
main(["run"])
"""


def changed(line: Line) -> None:
    """Something for a run to do: two days corrected."""
    for file in line.calls()[1:3]:
        touch_later(file, "".join(file.read_text().splitlines(keepends=True)[:-5]))


def killed_run(line: Line, script: str) -> int:
    environment = os.environ | {"HOTLINE_DATA": str(line.home.root)}
    return subprocess.run([sys.executable, "-c", script], env=environment, cwd=PROJECT, capture_output=True).returncode


@pytest.fixture(scope="session")
def expected(published: Line, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple]:
    """What a run that was never killed publishes."""
    import shutil

    from hotline.home import Home

    root = tmp_path_factory.mktemp("expected") / "data"
    shutil.copytree(published.home.root, root, symlinks=True)
    whole = Line(Home(root))
    changed(whole)
    whole.ok("run")
    return whole.contents()


@pytest.mark.parametrize(
    "moment", [pytest.param(name, marks=[] if name in FAST else pytest.mark.soak) for name in KILLS]
)
def test_a_killed_run_and_a_rerun_give_the_tables_of_a_run_never_killed(
    line: Line, expected: dict[str, tuple], moment: str
) -> None:
    changed(line)
    module, name, when = KILLS[moment]
    assert killed_run(line, DEADLY.format(module=module, name=name, when=when)) == -signal.SIGKILL
    assert line.ask("select count(*) from marts.operations_build") == [(1,)], "readers always have a whole release"
    line.ok("run")
    assert line.contents() == expected
    assert not list(line.home.releases.glob("*.tmp"))
    assert sum(release.is_current for release in releases(line.home)) == 1


@pytest.mark.soak
def test_a_correction_taken_back_after_a_killed_build_leaves_no_trace_of_itself(line: Line) -> None:
    """Some marts already hold the correction when the build dies; nothing in landing tells so afterwards."""
    before = line.contents()
    file = line.calls()[1]
    a = file.read_text()
    touch_later(file, "".join(a.splitlines(keepends=True)[:-5]))
    module, name, when = KILLS["before the build is marked"]
    assert killed_run(line, DEADLY.format(module=module, name=name, when=when)) == -signal.SIGKILL
    line.ok("withdraw", f"calls/{file.name}")
    touch_later(file, a)
    line.ok("run")
    by_arrival = {"operations.load_ledger", "operations.fct_queue_visit"}
    assert differing_contents(before, line.contents()) <= by_arrival


@pytest.mark.soak
def test_kills_at_random_moments_never_change_the_outcome(line: Line, expected: dict[str, tuple]) -> None:
    """Thirty runs, each with another correction to make and killed at some moment, or done before it."""
    originals = {file: file.read_text().splitlines(keepends=True) for file in line.calls()}
    dice = random.Random(7)
    command = [sys.executable, "-c", "from hotline.cli import main; main(['run'])"]
    for _ in range(30):
        file = dice.choice(list(originals))
        touch_later(file, "".join(originals[file][: -dice.randrange(1, 40)]))
        process = subprocess.Popen(
            command, cwd=PROJECT, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(dice.uniform(1, 15))
        process.kill()
        process.wait()
        assert line.ask("select count(*) from marts.operations_build") == [(1,)]
    for file, rows in originals.items():
        touch_later(file, "".join(rows))
    changed(line)
    line.ok("run")
    by_arrival = {"operations.load_ledger", "operations.fct_queue_visit"}
    assert differing_contents(expected, line.contents()) <= by_arrival
