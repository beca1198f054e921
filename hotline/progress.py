"""What a run shows while it works, and what it leaves for `hotline status`.

`Progress` itself is silent. A terminal gets bars; a pipe, a log and the daemon get lines.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hotline.home import Home

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

RUNNING, DONE, FAILED = "running", "done", "failed"

LINE_EVERY_SECONDS = 5.0
"""How often a step that goes on tells a pipe so."""


WIDTH_OF_A_PIPE = 160

OUR_PACKAGES = {"hotline", "expectations", "dashboards", "orchestration"}


def is_ours(module: str) -> bool:
    """Whether an error of a class from this module is meant for people: its text then says all there is to say."""
    return module.partition(".")[0] in OUR_PACKAGES


@dataclass
class Step:
    """One step of a run. Set `summary` before it ends: it is what stays on the screen."""

    name: str
    progress: Progress
    state: str = RUNNING
    summary: str = ""
    seconds: float = 0.0

    def advance(self, done: int, total: int, what: str) -> None:
        """`done` of `total` units (bytes, nodes) are done; `what` is in work or has just ended."""
        self.progress.on_advance(self, done, total, what)

    def facts(self) -> dict[str, str | float]:
        """What is left of a step when the run is over."""
        return {"name": self.name, "state": self.state, "summary": self.summary, "seconds": self.seconds}


class Progress:
    """Records steps and problems, and shows nothing."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.started_at = datetime.now(UTC)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Show that `name` runs; an exception that passes marks it failed."""
        step = Step(name, self)
        self.steps.append(step)
        self.on_start(step)
        start = time.monotonic()
        try:
            yield step
            step.state = DONE if step.state == RUNNING else step.state
        except BaseException:
            step.state = FAILED
            raise
        finally:
            step.seconds = round(time.monotonic() - start, 2)
            self.on_end(step)

    def problem(self, text: str) -> None:
        """Something that a person has to look at: file, line, column and reason, or check, saw and expected."""
        self.problems.append(text)
        self.on_problem(text)

    def note(self, text: str) -> None:
        """Something worth a line that needs nobody."""
        self.notes.append(text)
        self.on_note(text)

    def on_start(self, step: Step) -> None: ...

    def on_advance(self, step: Step, done: int, total: int, what: str) -> None: ...

    def on_end(self, step: Step) -> None: ...

    def on_problem(self, text: str) -> None: ...

    def on_note(self, text: str) -> None: ...

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None: ...


class Lines(Progress):
    """One line per step and at most one every few seconds in between: for pipes, logs and the daemon."""

    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write
        self._silent_since = time.monotonic()

    def on_start(self, step: Step) -> None:
        self._say(f"{step.name} …")

    def on_advance(self, step: Step, done: int, total: int, what: str) -> None:
        if time.monotonic() - self._silent_since >= LINE_EVERY_SECONDS:
            self._say(f"{step.name}: {done / total if total else 0:.0%} {what}")

    def on_end(self, step: Step) -> None:
        mark = "" if step.state == DONE else f" {step.state.upper()}"
        self._say(f"{step.name}:{mark} {step.summary} ({step.seconds:.1f} s)")

    def on_problem(self, text: str) -> None:
        self._say(f"! {text}")

    def on_note(self, text: str) -> None:
        self._say(text)

    def _say(self, text: str) -> None:
        self._silent_since = time.monotonic()
        self._write(text)


class Bars(Progress):
    """A bar for each step that runs, a finished line for each that ran."""

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        super().__init__()
        self._console = console
        self._bars = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description:<18}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.fields[what]}", markup=False),
            console=console,
            transient=True,
            refresh_per_second=4,
        )
        self._tasks: dict[str, TaskID] = {}

    def on_start(self, step: Step) -> None:
        self._tasks[step.name] = self._bars.add_task(step.name, total=None, what="")

    def on_advance(self, step: Step, done: int, total: int, what: str) -> None:
        # A test's name may be longer than the screen; the bar should not give way to it.
        short = what if len(what) <= 40 else f"{what[:39]}…"
        self._bars.update(self._tasks[step.name], completed=done, total=total or None, what=short)

    def on_end(self, step: Step) -> None:
        self._bars.remove_task(self._tasks.pop(step.name))
        mark = ("✓", "green") if step.state == DONE else ("✗", "red")
        self._print(mark, f" {step.name:<18} {step.seconds:6.1f} s  {step.summary}")

    def on_problem(self, text: str) -> None:
        self._print(("!", "red"), f" {text}")

    def on_note(self, text: str) -> None:
        self._print(text)

    def _print(self, *parts: str | tuple[str, str]) -> None:
        """One call per line: the bar is drawn again below each."""
        from rich.text import Text

        self._console.print(Text.assemble(*parts), soft_wrap=True)

    def __enter__(self) -> Bars:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()


def console() -> Console:
    """The terminal; a pipe has no width, and gets lines that need not be cut."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE)


def display() -> Progress:
    """Bars on a terminal, lines anywhere else."""
    screen = console()
    if screen.is_terminal:
        return Bars(screen)
    return Lines(lambda text: print(text, flush=True))


@dataclass(frozen=True)
class RunRecord:
    """The last run, as `hotline status` tells it. Times are UTC, ISO 8601."""

    started_by: str
    started_at: str
    ended_at: str
    success: bool
    steps: list[dict]
    problems: list[str]

    @classmethod
    def read(cls, home: Home) -> RunRecord | None:
        try:
            return cls(**json.loads(_record(home).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None


def remember(home: Home, progress: Progress, started_by: str, success: bool) -> None:
    """Leave what happened for `hotline status`."""
    record = RunRecord(
        started_by=started_by,
        started_at=progress.started_at.isoformat(timespec="seconds"),
        ended_at=datetime.now(UTC).isoformat(timespec="seconds"),
        success=success,
        steps=[step.facts() for step in progress.steps],
        problems=progress.problems,
    )
    half_made = _record(home).with_suffix(".tmp")
    half_made.write_text(json.dumps(asdict(record), ensure_ascii=False, indent=2), encoding="utf-8")
    half_made.replace(_record(home))


def _record(home: Home) -> Path:
    return home.build / "last_run.json"
