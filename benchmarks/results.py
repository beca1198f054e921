"""The measured sections, kept in results.json, and RESULTS.md made of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import machine

HERE = Path(__file__).resolve().parent
KEPT, PAGE = HERE / "results.json", HERE / "RESULTS.md"
ORDER = (
    "landing",
    "whole_run",
    "one_day",
    "business_time",
    "tickets",
    "turnover",
    "surveys",
    "whole_centre",
    "first_run",
    "simulation",
)


@dataclass(frozen=True)
class Table:
    """A title, the heads of the columns, and rows of text."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        lines = [f"| {' | '.join(row)} |" for row in (self.heads, ["---"] * len(self.heads), *self.rows)]
        return "\n".join([f"**{self.title}**", "", *lines])


@dataclass(frozen=True)
class Goal:
    """What was promised and what was found: `found` ≤ `limit`, or not."""

    claim: str
    limit: float
    found: float
    unit: str = ""

    def markdown(self) -> str:
        verdict = "met" if self.found <= self.limit else "**missed**"
        return f"- {self.claim}: goal ≤ {self.limit:g}{self.unit}, found {self.found:.2f}{self.unit} — {verdict}"


@dataclass(frozen=True)
class Section:
    """One benchmark's part of the page. `notes` say how it was measured and where the time goes."""

    title: str
    size: str
    tables: Sequence[Table]
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = ()
    measured_on: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())
    machine: dict[str, str] = field(default_factory=machine)

    def markdown(self) -> str:
        parts = [f"## {self.title}", f"Measured on {self.measured_on}, size *{self.size}*."]
        parts += ["\n".join(goal.markdown() for goal in self.goals)] if self.goals else []
        parts += [table.markdown() for table in self.tables]
        parts += ["\n".join(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n\n".join(parts)

    @classmethod
    def of(cls, kept: dict) -> Section:
        return cls(
            **kept
            | {
                "tables": [Table(**table) for table in kept["tables"]],
                "goals": [Goal(**goal) for goal in kept["goals"]],
            }
        )


def keep(name: str, section: Section, kept: Path = KEPT, page: Path = PAGE) -> None:
    """Replace the section of this name and write the page again; what was not measured now stays as it was."""
    sections = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    sections[name] = asdict(section)
    kept.write_text(json.dumps(sections, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page.write_text(markdown({name: Section.of(section) for name, section in sections.items()}), encoding="utf-8")


def markdown(sections: dict[str, Section]) -> str:
    """The whole page; machines are told once where all sections ran on the same."""
    chosen = [sections[name] for name in ORDER if name in sections]
    parts = [
        "# Benchmark results",
        "Written by `make bench`; `benchmarks/results.json` holds the same numbers. Contenders run in processes of "
        "their own, one after the other, in turns; figures are medians. CPU is user and system time of all threads; "
        "memory is the resident peak of the largest process, its Python and libraries included.",
    ]
    machines = {json.dumps(section.machine): section.machine for section in chosen}
    if len(machines) == 1:
        parts.append(_machine(next(iter(machines.values()))))
    for section in chosen:
        parts.append(section.markdown())
        if len(machines) > 1:
            parts.append(_machine(section.machine))
    return "\n\n".join(parts) + "\n"


def _machine(facts: dict[str, str]) -> str:
    return "Machine: " + "; ".join(facts.values()) + "."


def seconds(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def count(value: float) -> str:
    return f"{value:,.0f}"
