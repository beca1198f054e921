"""Publish the built marts: copies in a release folder, and one link that is switched at once for all readers.

    releases/<id>/operations/operations.duckdb   0750, for executives and analysts
    releases/<id>/people/people.duckdb           0700, for HR only
    releases/<id>/release.json                   what it was made of
    releases/current -> <id>

Readers go through `current` and never see a file that changes: a release is written as `<id>.tmp`, synced, renamed,
and only then named by the link.
"""

from hotline.publishing.folders import (
    KEEP,
    KEEP_AT_LEAST,
    PublishingError,
    Release,
    clean,
    current_release,
    new_build_id,
    publish,
    releases,
    rollback,
    rolled_back_from,
)
from hotline.publishing.waves import keep_waves, published_waves

__all__ = [
    "KEEP",
    "KEEP_AT_LEAST",
    "PublishingError",
    "Release",
    "clean",
    "current_release",
    "keep_waves",
    "new_build_id",
    "publish",
    "published_waves",
    "releases",
    "rollback",
    "rolled_back_from",
]
