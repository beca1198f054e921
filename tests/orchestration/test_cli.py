"""The command line itself: every command explains itself, at once, and errors are one message."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from hotline import cli
from hotline.home import PROJECT, Home
from hotline.progress import Bars, Lines, RunRecord, remember

COMMANDS = {
    *("simulate", "run", "serve", "status", "releases", "rollback", "withdraw", "rebuild", "accept"),
    *("sign-in", "sql", "explain", "docs", "dev"),
}


def test_the_commands_are_those_that_others_rely_on() -> None:
    assert set(cli.main.commands) == COMMANDS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(cli.main, [command, "--help"])
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"hotline {command}" in result.output


def test_help_and_releases_import_nothing_heavy() -> None:
    script = """
import sys
from click.testing import CliRunner
from rich.console import Console
from hotline.cli import main
assert CliRunner().invoke(main, ["--help"]).exit_code == 0
heavy = {"dagster", "dbt", "great_expectations", "superset", "numba", "pandas", "duckdb"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_error_of_our_own_is_one_message_and_a_fault_keeps_its_trace(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = CliRunner().invoke(cli.main, ["rollback"])
    assert result.exit_code == 1
    assert result.output.strip() == "Error: there is no release before the current one to go back to"

    def fault(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("hotline.publishing.rollback", fault)
    assert isinstance(CliRunner().invoke(cli.main, ["rollback"]).exception, ZeroDivisionError)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--source", "bank"], "is not NAME=DIR"),
        (["run", "--source", "bank=/no/such/folder"], "is not a folder"),
        (["run", "--landing", "/no/such/folder"], "does not exist"),
        (["simulate", "--agents", "0"], "not in the range"),
        (["accept", "x"], "Missing option '--reason'"),
        (["sql", "select 1"], "nothing has been published yet"),
        (["nonsense"], "No such command"),
    ],
)
def test_a_wrong_use_is_named(home: Home, arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code != 0
    assert message in result.output


def test_serving_waits_for_the_first_run_and_a_failed_one_without_a_release_ends_it(home: Home) -> None:
    good = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    cli._wait_for(good, home)
    bad = subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"])
    with pytest.raises(click.ClickException, match="the run failed"):
        cli._wait_for(bad, home)


def test_lines_tell_steps_their_failure_and_what_is_in_work(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("hotline.progress.LINE_EVERY_SECONDS", 0.0)
    progress = Lines(said.append)
    with progress.step("Load") as step:
        step.advance(1, 4, "calls.csv")
        step.summary = "4 files"
    with pytest.raises(ValueError, match="broken"), progress.step("Build"):
        raise ValueError("broken")
    progress.problem("calls.csv, line 17: no number")
    assert said[:2] == ["Load …", "Load: 25% calls.csv"]
    assert said[2].startswith("Load: 4 files (")
    assert said[4].startswith("Build: FAILED")
    assert said[5] == "! calls.csv, line 17: no number"
    remember(home, progress, "hotline run", success=False)
    record = RunRecord.read(home)
    assert (record.success, record.problems) == (False, ["calls.csv, line 17: no number"])
    assert [(step["name"], step["state"]) for step in record.steps] == [("Load", "done"), ("Build", "failed")]


def test_a_terminal_keeps_a_line_of_each_step_that_ran_and_of_each_problem(home: Home) -> None:
    screen = io.StringIO()
    progress = Bars(Console(file=screen, force_terminal=True, width=100))
    with progress:
        with progress.step("Load") as step:
            step.advance(1, 4, "calls [2025].csv")
            step.summary = "4 files"
        with pytest.raises(ValueError, match="broken"), progress.step("Build"):
            raise ValueError("broken")
        progress.problem("calls.csv, line 17: no number in [wait_seconds]")
        progress.note("Nothing new.")
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue())
    assert re.search(r"✓ Load +\d+\.\d s  4 files", shown)
    assert re.search(r"✗ Build +\d", shown)
    assert "! calls.csv, line 17: no number in [wait_seconds]" in shown
    remember(home, progress, "hotline run", success=False)
    assert [step["state"] for step in RunRecord.read(home).steps] == ["done", "failed"]
