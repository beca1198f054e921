"""Great Expectations on the new batch and on the tables about to be published.

`run_batch` and `run_published` judge, `accept` overrules a finding in a person's name, `pending` lists what blocks.
pandas and Great Expectations, which take seconds to import, are imported only when something is judged.
"""

from __future__ import annotations

from datetime import datetime

from expectations.acceptance import Acceptance, accept
from expectations.outcome import CheckError, CheckOutcome
from expectations.results import pending
from hotline.home import Home

__all__ = ["Acceptance", "CheckError", "CheckOutcome", "accept", "pending", "run_batch", "run_published"]


def run_batch(home: Home, now: datetime | None = None) -> list[CheckOutcome]:
    """Profile the unpublished days and judge them, with the freshness of every source.

    `now` (with time zone) is the clock; None is the computer's. The outcomes stand in `raw.check_results` and in Data
    Docs afterwards; one that `blocks` must keep the build from being published. Raises CheckError when the settings
    are wrong or the raw views do not show what the control tables say.
    """
    from expectations import runner

    return runner.run_batch(home, now)


def run_published(home: Home, now: datetime | None = None) -> list[CheckOutcome]:
    """Judge the tables of this build before they are published; otherwise as `run_batch`.

    Raises CheckError when the build lacks a table that is to be judged.
    """
    from expectations import runner

    return runner.run_published(home, now)
