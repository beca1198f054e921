"""Text from outside, made safe to stand in SQL."""

from __future__ import annotations

from collections.abc import Iterable


def literal(text: str) -> str:
    """`text` as a SQL string literal.

    Raises `ValueError` for a NUL character, which ends a string early in some readers.
    """
    if "\x00" in text:
        raise ValueError(f"a NUL character can't stand in SQL: {text!r}")
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """`name` as a SQL identifier."""
    if "\x00" in name:
        raise ValueError(f"a NUL character can't stand in SQL: {name!r}")
    return '"' + name.replace('"', '""') + '"'


def literals(texts: Iterable[str]) -> str:
    """A comma-separated list of literals."""
    return ", ".join(literal(text) for text in texts)
