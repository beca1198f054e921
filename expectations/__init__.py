"""Great Expectations on the new batch and on the published tables.

`run_batch` and `run_published` judge, `accept` overrules a finding in a person's name, `pending` lists what blocks.
Great Expectations is imported only when something is judged: importing it takes seconds.
"""

from expectations.acceptance import accept
from expectations.outcome import CheckError, CheckOutcome
from expectations.results import pending
from expectations.runner import run_batch, run_published

__all__ = ["CheckError", "CheckOutcome", "accept", "pending", "run_batch", "run_published"]
