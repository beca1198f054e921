"""Wide files: one row per respondent, one column per item, as survey tools export them. Read as one row per answer.

The line that an answer came from is kept: a record's number is its line times `STRIDE` plus the place of the item,
until its line and column are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from hotline.landing.reading import Header, Unreadable, is_called
from hotline.landing.records import CLEAN, Record, clean, split
from hotline.landing.sources import Entity, Format, pattern_regex

STRIDE = 1 << 14
"""More columns than any survey tool writes."""
ITEM, ANSWER = "item_id", "answer"
"""Columns of the contract that are made of a header and of a cell."""


@dataclass(frozen=True)
class Wide:
    """How a wide header becomes a long one."""

    header: Header
    """Of the long form: what is told once per respondent, then item and answer."""
    kept: tuple[int, ...]
    """Positions of the former in the file."""
    items: tuple[tuple[int, str], ...]
    """Position and item of each column of answers."""
    names: tuple[str, ...]
    """The file's own header."""
    empty: frozenset[str]
    """Texts of a cell that is no answer."""

    def column(self, number: int) -> str:
        """Name in the file of the column that a numbered record came from."""
        return self.names[self.items[number % STRIDE][0]]

    def records(self, rows: Callable[[], Iterator[Record]]) -> Iterator[Record]:
        """One record per answer given; somebody who gave none is one record without an answer, and so rejected."""
        mark, quote = CLEAN.delimiter, CLEAN.quote
        places = [(place, position, item) for place, (position, item) in enumerate(self.items)]
        for row in rows():
            first = row.line * STRIDE
            if row.clean is None:
                yield row._replace(line=first)
                continue
            if quote in row.clean:
                fields = [field.decode() for field in split(row.clean.encode(), mark.encode(), quote.encode())]
            else:
                fields = row.clean.split(mark)
            head = clean([fields[position] for position in self.kept])
            head = head + mark if self.kept else ""
            answered = False
            for place, position, item in places:
                answer = fields[position]
                if answer and answer not in self.empty:
                    answered = True
                    yield Record(first + place, row.raw, f"{head}{item}{mark}{clean((answer,))}")
            if not answered:
                yield Record(first, row.raw, f"{head}{places[0][2]}{mark}")


def widened(header: Header, entity: Entity, form: Format) -> Wide:
    """The long form of a wide file's header.

    Raises `Unreadable` where an item is not in it, or two columns would be the same item.
    """
    found: dict[str, int] = {}
    taken = set(header.positions.values())
    for item, pattern in entity.items:
        columns = [
            position for position, name in enumerate(header.names) if position not in taken and is_called(name, pattern)
        ]
        if not columns:
            raise Unreadable(f"no column of the header is {pattern!r}, where the source looks for items")
        if item and len(columns) > 1:
            shown = " and ".join(repr(header.names[position]) for position in columns)
            raise Unreadable(f"item {item!r} is looked for as {pattern!r}, and {shown} are")
        for position in columns:
            name = item or header.names[position]
            if name in found:
                raise Unreadable(f"the header names item {name!r} twice (columns {found[name] + 1} and {position + 1})")
            found[name] = position
            taken.add(position)
    if len(found) > STRIDE:
        raise Unreadable(f"{len(found):,} items: no survey has more than {STRIDE:,}")
    kept = tuple(sorted(set(header.positions.values())))
    positions = {name: kept.index(position) for name, position in header.positions.items()}
    positions |= {ITEM: len(kept), ANSWER: len(kept) + 1}
    names = (*(header.names[position] for position in kept), ITEM, ANSWER)
    emptied = {text for text, value in entity.column(ANSWER).values if value is None}
    return Wide(
        header=replace(header, names=names, positions=positions),
        kept=kept,
        items=tuple((position, clean((name,))) for name, position in found.items()),
        names=header.names,
        empty=frozenset({*form.empty, *emptied}),
    )


def with_wave(entity: Entity, path: str) -> Entity:
    """The entity with the wave that the file's name tells, where its pattern has a `{wave}`."""
    for pattern in entity.files:
        match = pattern_regex(pattern).match(path)
        if match:
            wave = match.groupdict().get("wave")
            columns = tuple(
                replace(column, constant=wave, header="") if wave and column.name == "wave" else column
                for column in entity.columns
            )
            return replace(entity, columns=columns)
    return entity
