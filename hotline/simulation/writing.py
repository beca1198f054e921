"""Days and months of a centre, as files in a landing folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hotline.simulation import landing_files
from hotline.simulation.centre import Centre, Day, Month, Plan
from hotline.simulation.tables import Writer, lines, put

if TYPE_CHECKING:
    from hotline.simulation.dirt import Dirt

Rows = list[tuple[str, ...]]


class Landing:
    """Writes files, each of which appears whole, and counts: `rows` by entity, `contacts`, `files` and `bytes`."""

    def __init__(self, out: Path, centre: Centre, dirt: Dirt | None, start: date) -> None:
        self._out, self._dirt, self._start, self._last = out, dirt, start, centre.last
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
        self._texts("all", self._start, {"survey_items": self._items})
        for day, employees in self._past:
            self._texts(day.isoformat(), day, {"employees": employees})

    def write(self, made: Day | Month | Plan) -> None:
        match made:
            case Month():
                self._month(made)
            case Plan():
                self._table("agent_schedules", made.day.isoformat(), self._last, [made.schedule])
            case Day():
                self._day(made)

    def _month(self, month: Month) -> None:
        name, day = f"{month.first:%Y-%m}", month.day
        self._table("customers", name, day, month.customers)
        self._texts(day.isoformat(), day, {"employees": month.employees})
        of_month = ("weather", "calendar_events", "risk_assessments", "claims", "orders", "stock")
        self._texts(name, day, {entity: getattr(month, entity) for entity in of_month})
        campaigns = month.campaigns
        if campaigns.rows:
            self._texts(name, day, {"campaigns": campaigns.rows})
            self._table("campaign_list", name, day, [campaigns.entries])
            self._table("campaign_contacts", name, day, [campaigns.attempts])

    def _day(self, day: Day) -> None:
        name = day.day.isoformat()
        for entity, records in day.tables.items():
            if entity == "attendance":
                self._attendance.append(records)
            elif len(records) or entity != "quality_reviews":  # reviews come the day after: there are none on the first
                self._table(entity, name, day.day, [records])
        self._texts(name, day.day, {entity: rows for entity, rows in day.texts.items() if entity != "training"})
        self._training += day.texts["training"]
        if (day.day + timedelta(days=1)).day == 1:
            self._hand_in(day.day)
        self.contacts += int((day.tables["calls"]["visit"] == 1).sum())

    def end(self) -> None:
        self._hand_in(self._last)
        if self._dirt:
            self._dirt.write_manifest()

    def _hand_in(self, day: date) -> None:
        """What was kept of the month."""
        if any(map(len, self._attendance)):
            self._table("attendance", f"{day:%Y-%m}", day, self._attendance)
        self._texts(f"{day:%Y-%m}", day, {"training": self._training})
        self._attendance, self._training = [], []

    def _table(self, entity: str, name: str, day: date, parts: Iterable[np.ndarray]) -> None:
        self._put(entity, name, day, self._writers[entity].pieces(self._counted(entity, parts)))

    def _texts(self, name: str, day: date, texts: dict[str, Rows]) -> None:
        for entity, rows in texts.items():
            if rows:
                self.rows[entity] += len(rows)
                self._put(entity, name, day, lines(landing_files.TEXTS[entity], rows))

    def _counted(self, entity: str, parts: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for part in parts:
            self.rows[entity] += len(part)
            yield part

    def _put(self, entity: str, name: str, day: date, pieces: Iterable[bytes]) -> None:
        """The file of an entity, which is handed in after `day`, and what comes with it where there is dirt."""
        folder = self._out / landing_files.FOLDERS.get(entity, entity)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{entity}_{name}.csv"
        if self._dirt:
            content = b"".join(pieces)
            self.files += self._dirt.write(entity, path, day, content)
            self.bytes += len(content)
        else:
            self.files += 1
            self.bytes += put(path, pieces, waiting_room=self._out)
