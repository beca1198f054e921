"""From landed files to raw Parquet, and from raw to what the models read."""

from hotline.landing.loading import FileOutcome, LandingError, load
from hotline.landing.preparing import mark_built, mark_published, prepare
from hotline.landing.sources import SourceError, load_sources

__all__ = [
    "FileOutcome",
    "LandingError",
    "SourceError",
    "load",
    "load_sources",
    "mark_built",
    "mark_published",
    "prepare",
]
