"""Findings that a person has overruled: one line of JSON each, never changed, only added to."""

from __future__ import annotations

import difflib
import fnmatch
import json
import os
import pwd
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from expectations import results
from expectations.outcome import FAILED, CheckError
from hotline.home import Home


@dataclass(frozen=True)
class Acceptance:
    """Who said why that a finding is right. It holds as long as `content`, the files behind the day, is the same."""

    check_id: str
    content: str
    reason: str
    accepted_by: str
    accepted_at: datetime
    """UTC."""
    observed: str


def path(home: Home) -> Path:
    return home.root / "accepted_checks.jsonl"


def accept(home: Home, check_id: str, reason: str) -> list[Acceptance]:
    """Overrule a failed check in the name of the user of the operating system; `*` in `check_id` takes several.

    The next run no longer stops at it. Raises CheckError when the reason is empty, when no such check is known (near
    matches are named) or when it has not failed.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise CheckError("a reason is needed: it is shown on the data quality page beside your name")
    known = {outcome.check_id: outcome for outcome in results.read(home)}
    waiting = {outcome.check_id: outcome for outcome in results.pending(home)}
    wanted = [waiting[name] for name in sorted(waiting) if fnmatch.fnmatchcase(name, check_id)]
    if not wanted:
        raise CheckError(_why_not(check_id, known, list(waiting)))
    now = datetime.now(UTC).replace(microsecond=0)
    user = pwd.getpwuid(os.getuid()).pw_name
    accepted = [
        Acceptance(outcome.check_id, outcome.content, reason, user, now, outcome.observed) for outcome in wanted
    ]
    _append(path(home), accepted)
    return accepted


def read(home: Home) -> dict[tuple[str, str], Acceptance]:
    """All acceptances by check id and content."""
    file = path(home)
    found: dict[tuple[str, str], Acceptance] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        try:
            facts = json.loads(line)
            facts["accepted_at"] = datetime.fromisoformat(facts["accepted_at"])
            acceptance = Acceptance(**facts)
        except (ValueError, TypeError, KeyError):
            # A line cut short by a crash was never confirmed to anybody: without it the finding blocks again.
            continue
        found[acceptance.check_id, acceptance.content] = acceptance
    return found


def _append(file: Path, accepted: list[Acceptance]) -> None:
    lines = [
        json.dumps({**acceptance.__dict__, "accepted_at": acceptance.accepted_at.isoformat()}, ensure_ascii=False)
        for acceptance in accepted
    ]
    with file.open("ab+") as stream:
        stream.seek(0, os.SEEK_END)
        if stream.tell():
            stream.seek(-1, os.SEEK_END)
            if stream.read(1) != b"\n":
                stream.write(b"\n")
        stream.write(("\n".join(lines) + "\n").encode())
        stream.flush()
        os.fsync(stream.fileno())


def _why_not(check_id: str, known: dict, waiting: list[str]) -> str:
    if check_id in known:
        outcome = known[check_id]
        if outcome.status == FAILED:
            return f"{check_id} is accepted already"
        return f"{check_id} has not failed: it {outcome.status.replace('_', ' ')}, there is nothing to accept"
    near = difflib.get_close_matches(check_id, waiting, n=3, cutoff=0.5) or difflib.get_close_matches(
        check_id, list(known), n=3, cutoff=0.6
    )
    if near:
        return f"no check is named {check_id!r}; did you mean {' or '.join(near)}?"
    if waiting:
        return f"no check is named {check_id!r}; waiting to be accepted: {', '.join(waiting)}"
    return f"no check is named {check_id!r}, and none waits to be accepted"
