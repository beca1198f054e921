"""What a check found."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import date, datetime

PASSED, FAILED, WARMING_UP, ACCEPTED = "passed", "failed", "warming_up", "accepted"


class CheckError(Exception):
    """A request or a setting that the checks cannot follow; the text says what and why."""


@dataclass(frozen=True)
class CheckOutcome:
    """One check of one finding: `<table>.<check>:<source>:<day>`.

    `day` is None for what is not about a day. `success` is None while a check warms up: it has not been judged.
    `accepted_at` is UTC. `content` identifies the files behind the day; an acceptance holds for these only.
    """

    check_id: str
    suite: str
    expectation: str
    entity: str
    source: str
    day: date | None
    observed: str
    expected: str
    success: bool | None
    status: str
    content: str = ""
    accepted_by: str | None = None
    accepted_at: datetime | None = None
    reason: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether this outcome keeps the build from being published."""
        return self.status == FAILED

    @property
    def message(self) -> str:
        """One paragraph for a terminal: what was seen, what was expected, and what to type if it is right after all."""
        text = f"{self.check_id}: saw {self.observed}; expected {self.expected}."
        if self.status == FAILED:
            return f"{text}\n  Correct or withdraw the file, or, if this is right: {self.accept_command}"
        if self.status == ACCEPTED:
            return f"{text}\n  Accepted by {self.accepted_by} on {self.accepted_at:%Y-%m-%d %H:%M} UTC: {self.reason}"
        return text

    @property
    def accept_command(self) -> str:
        """What to type to overrule this finding."""
        return f"hotline accept {shlex.quote(self.check_id)} --reason 'why this is right'"
