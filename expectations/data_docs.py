"""The page that shows all results."""

from __future__ import annotations


def write(home, connection, now):
    pass
