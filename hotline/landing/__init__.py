"""From landed files to raw Parquet, and from raw to what the models read."""

from hotline.landing.loading import FileOutcome, LandingError, load
from hotline.landing.preparing import mark_built, mark_published, prepare
from hotline.landing.sources import SourceError, load_sources
from hotline.landing.withdrawing import WithdrawError, line_of, lines_of, withdraw

__all__ = [
    "FileOutcome",
    "LandingError",
    "SourceError",
    "WithdrawError",
    "line_of",
    "lines_of",
    "load",
    "load_sources",
    "mark_built",
    "mark_published",
    "prepare",
    "withdraw",
]
