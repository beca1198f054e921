"""Days and months of a centre, as files in a landing folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from hotline.simulation import landing_files
from hotline.simulation.centre import Centre, Day, Month
from hotline.simulation.dirt import Dirt
from hotline.simulation.tables import Writer, lines, put

Rows = list[tuple[str, ...]]


class Landing:
    """Writes files, each of which appears whole, and counts: `rows` by entity, `contacts`, `files` and `bytes`."""

    def __init__(self, out: Path, centre: Centre, dirt: Dirt | None, start: date) -> None:
        self._out, self._dirt = out, dirt
        self._writers = {
            entity: Writer(columns, centre.clock) for entity, columns in landing_files.tables_of(centre).items()
        }
        self._items = centre.office.items()
        self._past = centre.people.past(start)
        # The personnel office hands these in by the month.
        self._attendance: list[np.ndarray] = []
        self._training: Rows = []
        self.rows: Counter[str] = Counter()
        self.files = self.bytes = self.contacts = 0

    def begin(self) -> None:
        self._texts("all", {"survey_items": self._items})
        for day, employees in self._past:
            self._texts(day.isoformat(), {"employees": employees})

    def month(self, month: Month) -> None:
        name = f"{month.first:%Y-%m}"
        self._table("customers", name, month.customers)
        self._texts(month.day.isoformat(), {"employees": month.employees})
        of_month = ("weather", "calendar_events", "risk_assessments", "claims")
        self._texts(name, {entity: getattr(month, entity) for entity in of_month})

    def day(self, day: Day) -> None:
        name = day.day.isoformat()
        for entity, records in day.tables.items():
            if entity == "attendance":
                self._attendance.append(records)
            elif len(records) or entity != "quality_reviews":  # reviews come the day after: there are none on the first
                self._table(entity, name, [records], day.day)
        self._texts(name, {entity: rows for entity, rows in day.texts.items() if entity != "training"})
        self._training += day.texts["training"]
        if (day.day + timedelta(days=1)).day == 1:
            self._hand_in(day.day)
        self.contacts += int((day.tables["calls"]["visit"] == 1).sum())

    def end(self, last: date) -> None:
        self._hand_in(last)
        if self._dirt:
            self._dirt.write_manifest()

    def _hand_in(self, day: date) -> None:
        """What was kept of the month."""
        if any(map(len, self._attendance)):
            self._table("attendance", f"{day:%Y-%m}", self._attendance)
        self._texts(f"{day:%Y-%m}", {"training": self._training})
        self._attendance, self._training = [], []

    def _table(self, entity: str, name: str, parts: Iterable[np.ndarray], dirty_on: date | None = None) -> None:
        """A file of records; `dirty_on` is the day of a file that may get a fault."""
        pieces = self._writers[entity].pieces(self._counted(entity, parts))
        if self._dirt is None or dirty_on is None:
            self._put(entity, name, pieces)
            return
        content = b"".join(pieces)
        self._folder(entity)
        self.files += self._dirt.write(entity, f"{entity}_{name}.csv", dirty_on, content)
        self.bytes += len(content)

    def _texts(self, name: str, texts: dict[str, Rows]) -> None:
        for entity, rows in texts.items():
            if rows:
                self.rows[entity] += len(rows)
                self._put(entity, name, lines(landing_files.TEXTS[entity], rows))

    def _counted(self, entity: str, parts: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for part in parts:
            self.rows[entity] += len(part)
            yield part

    def _put(self, entity: str, name: str, pieces: Iterable[bytes]) -> None:
        self.bytes += put(self._folder(entity) / f"{entity}_{name}.csv", pieces, waiting_room=self._out)
        self.files += 1

    def _folder(self, entity: str) -> Path:
        folder = self._out / landing_files.FOLDERS.get(entity, entity)
        folder.mkdir(parents=True, exist_ok=True)
        return folder
