"""What a first `make run` shows: simulated beside what is done meanwhile, and only where nothing has landed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline.progress import DONE, FAILED, Progress
from hotline.simulation import DAYS
from hotline.simulation.demonstration import demonstration


def test_an_empty_landing_is_filled_while_something_else_goes_on(tmp_path: Path) -> None:
    progress = Progress()
    with demonstration(tmp_path, progress), progress.step("Start"):
        pass
    assert len(list((tmp_path / "calls").glob("*.csv"))) == DAYS
    assert [(step.name, step.state) for step in progress.steps] == [("Simulate", DONE), ("Start", DONE)]
    assert f"{DAYS} days" in progress.steps[0].summary


def test_a_folder_that_holds_a_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "of_mine.csv").write_text("")
    progress = Progress()
    with demonstration(tmp_path, progress):
        pass
    assert [path.name for path in tmp_path.rglob("*.csv")] == ["of_mine.csv"]
    assert progress.steps == []


def test_what_stops_the_simulation_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "landing").write_text("a file where a folder is to be")
    progress = Progress()
    with pytest.raises(OSError), demonstration(tmp_path / "landing", progress):
        pass
    assert [step.state for step in progress.steps] == [FAILED]
