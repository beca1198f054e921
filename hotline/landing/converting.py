"""One landed file to one raw file: quickly where all is well, record by record where it is not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb

from hotline.landing import ledger as ledgers
from hotline.landing.arrivals import Arrival
from hotline.landing.ledger import LOADED, QUARANTINED, REFUSED, Entry
from hotline.landing.quoting import identifier, literal
from hotline.landing.reading import (
    RETURN_NEWLINE,
    Facts,
    Header,
    Unreadable,
    as_text,
    examine,
    examine_text,
    first_bytes,
    kind_of,
    map_header,
    read_header,
    same_file,
)
from hotline.landing.records import (
    CLEAN,
    Record,
    first_line,
    json_names,
    json_records,
    parquet_names,
    parquet_records,
    shown,
    text_records,
)
from hotline.landing.selecting import Rule, columns_of, day_of, reader, rules, without_values
from hotline.landing.sources import MADE_OF_ITEMS, Format, Window
from hotline.landing.wide import STRIDE, Wide, widened, with_wave

UNUSUAL = "something unusual"
"""What the quick reading fails with at the first row that breaks the contract."""
SIDECAR_ROWS = 10_000


@dataclass(frozen=True)
class Reading:
    """What came of reading a file: scratch files that are still to be put in their places."""

    arrival: Arrival
    entry: Entry
    """Without an arrival number yet."""
    raw: Path | None = None
    reserved: str = ""
    """The placeholder in `raw` that the ledger entry takes the place of."""
    rejects: Path | None = None
    is_growing: bool = False

    def discard(self) -> None:
        for path in (self.raw, self.rejects):
            if path:
                path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Rejected:
    """Why one record is not kept."""

    line: int
    column: str
    reason: str


class Converter:
    """Reads one arrival. `connection` and the scratch names are its own; `hashers` runs beside."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, hashers: Executor, work: Path, arrival: Arrival, number: int
    ) -> None:
        self.connection = connection
        self.hashers = hashers
        self.work = work
        self.arrival = arrival
        self.entity = with_wave(arrival.entity, arrival.path)
        self.wide: Wide | None = None
        self.number = number
        self.window = arrival.named_window
        self.started = time.monotonic()

    def _scratch(self, ending: str) -> Path:
        return self.work / f"{self.number}.{ending}"

    def _entry(self, **facts: object) -> Entry:
        settings: dict[str, object] = {
            "source": self.entity.source,
            "entity": self.entity.name,
            "path": self.arrival.path,
            "arrival": 0,
            "content_hash": "",
            "bytes": self.arrival.stat.st_size,
            "mtime_ns": self.arrival.stat.st_mtime_ns,
            "status": LOADED,
            "named_window": str(self.window) if self.window else "",
            "loaded_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "load_seconds": round(time.monotonic() - self.started, 3),
            "fingerprint": self.arrival.entity.fingerprint,
        }
        return Entry(**(settings | facts))

    def hash_only(self) -> Reading:
        """The content's hash without its rows."""
        try:
            content_hash = examine(self.arrival.file, count=False).content_hash
        except OSError:
            return self.convert()
        return Reading(self.arrival, self._entry(content_hash=content_hash), is_growing=self._has_changed())

    def convert(self) -> Reading:
        """Read the whole file into scratch files."""
        if self.arrival.refusal:
            return self._refused(self.arrival.refusal)
        try:
            reading = self._convert()
        except (FileNotFoundError, duckdb.IOException):
            if self.arrival.file.exists():
                raise
            return Reading(self.arrival, self._entry(), is_growing=True)
        except PermissionError as error:
            return self._refused(f"can't be opened ({error.strerror})")
        finally:
            for ending in ("in", "text", "clean", "stage.parquet", "bad.parquet"):
                self._scratch(ending).unlink(missing_ok=True)
        return replace(reading, is_growing=self._has_changed())

    def _refused(self, reason: str) -> Reading:
        # Nothing of it was read, so its path stands for its content.
        content_hash = examine_text(self.arrival.path)
        return Reading(self.arrival, self._entry(content_hash=content_hash, status=REFUSED, reason=reason))

    def _has_changed(self) -> bool:
        try:
            return not same_file(self.arrival.stat, self.arrival.file.stat())
        except OSError:
            return True

    def _convert(self) -> Reading:
        # DuckDB takes *, ? and [ in a name for a pattern: it sees the file under a name of ours.
        link = self._scratch("in")
        link.symlink_to(self.arrival.file)
        form = self.entity.format
        hashing = self.hashers.submit(examine, self.arrival.file)
        try:
            kind = kind_of(first_bytes(link), form, self.entity.personal)
            if kind == "excel":
                from hotline.landing.workbooks import Workbook

                book = Workbook(link, self.entity, form, self.window.last if self.window else None)
                header = map_header(book.names, self.entity, form)
                # Its dates come as ISO text whatever the source says of its text files.
                return self._carefully(header, replace(form, date=""), book.records, hashing.result())
            if kind == "parquet":
                names = parquet_names(self.connection, link)
                header = map_header(names, self.entity, form)
                # Its dates and times are typed, and come as ISO text whatever the source says of its text files.
                plain = replace(form, date="", timestamp="")
                columns = tuple(replace(column, has_pattern=False) for column in self.entity.columns)
                self.entity = replace(self.entity, columns=columns, format=plain)
                records = partial(parquet_records, self.connection, link, header.names)
                return self._carefully(header, plain, records, hashing.result())
            text = as_text(link, form, self._scratch("text"))
            if kind == "jsonl":
                header = map_header(json_names(text.path), self.entity, form)
                return self._carefully(header, form, partial(json_records, text.path, header.names), hashing.result())
            counting = self.hashers.submit(examine, text.path) if text.is_copy else hashing
            header = read_header(text.path, form, self.entity)
            reading = None if self.entity.items else self._quickly(text.path, header, form, hashing, counting)
            if reading:
                return reading
            blank_lines: list[int] = []
            records = partial(text_records, text.path, form, len(header.names), header.lines, blank_lines)
            return self._carefully(header, form, records, hashing.result(), blank_lines)
        except Unreadable as error:
            return self._unreadable(str(error), hashing.result())
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException) as error:
            # None is known to come this far; if one does, the other files are not to suffer for it.
            return self._unreadable(f"DuckDB can't read it ({first_line(error)})", hashing.result())

    def _unreadable(self, reason: str, facts: Facts) -> Reading:
        return Reading(self.arrival, self._entry(content_hash=facts.content_hash, status=QUARANTINED, reason=reason))

    # The quick way: DuckDB reads, types and checks the file in one pass.

    def _quickly(self, path: Path, header: Header, form: Format, hashing, counting) -> Reading | None:
        """The reading, or None when anything at all is unusual about the file."""
        raw = self._scratch("parquet")
        asked = rules(self.entity, header, self.window)
        on_the_way = " AND ".join(rule.condition for rule in asked if rule.needs_text)
        draft = self._entry(content_hash="0" * 64, header=header.names, arrival=99_999_999)
        reserved = ledgers.placeholder(len(draft.text.encode()) + 200 + 8 * self._days_to_expect())
        self._begin()
        try:
            written = self.connection.execute(
                f"COPY (SELECT {columns_of(self.entity, header)}, {day_of(self.entity, self.window)} AS _day"
                f" FROM {reader(path, header, form, self.entity)}"
                # CASE and not OR, whose sides DuckDB may evaluate in any order.
                + (f" WHERE CASE WHEN {on_the_way} THEN true ELSE error({literal(UNUSUAL)}) END" if on_the_way else "")
                + f") TO {literal(str(raw))} ({parquet_options(reserved)}, RETURN_STATS)"
            ).fetchone()
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            return None
        rows, statistics = written[1], written[4]
        if self._has_rejects() or (rows and not _keeps_limits(asked, statistics, rows)):
            return None
        broken, repeated = self._look_through(raw, [rule for rule in asked if not (rule.limits or rule.is_required)])
        if broken or (repeated and self.entity.key):
            return None
        facts: Facts = counting.result()
        line_ends = facts.newlines if header.line_end == RETURN_NEWLINE else 0
        if facts.has_nul or facts.returns != line_ends or facts.lines != rows + header.lines:
            return None
        entry = self._entry(
            content_hash=hashing.result().content_hash,
            header=header.names,
            reason=_kept_repeats(repeated),
            rows_read=rows,
            rows_kept=rows,
            line_of_first_row=header.lines + 1,
        )
        return self._dated(entry, raw, reserved)

    def _look_through(self, raw: Path, asked: list[Rule]) -> tuple[int, int]:
        """Rows of a raw file that break a rule, and rows that repeat a key, or in every value where there is none."""
        conditions = " AND ".join(rule.condition for rule in asked if not rule.needs_text) or "true"
        names = self.entity.key or [column.name for column in self.entity.columns]
        return self.connection.execute(
            f"SELECT count(*) FILTER (NOT coalesce({conditions}, false)),"
            f" count(*) - count(DISTINCT hash({', '.join(map(identifier, names))})) FROM {_parquet_table(raw)}"
        ).fetchone()

    def _begin(self) -> None:
        self.connection.execute(f"SET TimeZone = {literal(self.entity.time_zone)}")
        self.connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")

    def _has_rejects(self) -> bool:
        return bool(self.connection.execute("SELECT 1 FROM reject_errors LIMIT 1").fetchone())

    def _days_to_expect(self) -> int:
        if not self.entity.window:
            return 0
        return len(list(self.window.days())) if self.window else self.entity.max_days

    def _dated(self, entry: Entry, raw: Path, reserved: str, rejects: Path | None = None) -> Reading:
        """The reading with the days that it covers.

        Raises `Unreadable` when a file without a date in its name covers more days than a file of its kind may.
        """
        if not self.entity.window or not (entry.rows_kept or self.window):
            if self.entity.replaces == "days":
                entry = replace(entry, reason=_joined(entry.reason, "no rows, and no date in its name: covers no day"))
            return Reading(self.arrival, entry, raw, reserved, rejects)
        if self.window and self.window.first == self.window.last:
            counted = {self.window.first: entry.rows_kept}
        else:
            counted = dict(
                self.connection.execute(
                    f"SELECT _day, count(*) FROM read_parquet({literal(str(raw))}) WHERE _day IS NOT NULL GROUP BY _day"
                ).fetchall()
            )
        if not self.window and not counted:
            return Reading(self.arrival, entry, raw, reserved, rejects)
        window = self.window or Window(min(counted), max(counted))
        days = list(window.days())
        if not self.window and self.entity.replaces == "days" and len(days) > self.entity.max_days:
            raise Unreadable(
                f"{self.entity.window} runs from {window.first} to {window.last}: a file that replaces {len(days):,}"
                f" days is more likely to hold a wrong date (max_days of the source is {self.entity.max_days})"
            )
        entry = replace(
            entry,
            first_day=days[0].isoformat(),
            day_rows=tuple(counted.get(day, 0) for day in window.days()),
        )
        return Reading(self.arrival, entry, raw, reserved, rejects)

    # The careful way: record by record in Python, then typed and checked by the same SQL, every line accounted for.

    def _carefully(
        self,
        header: Header,
        form: Format,
        records: Callable[[], Iterator[Record]],
        facts: Facts,
        blank_lines: list[int] | None = None,
    ) -> Reading:
        names = header.names
        if self.entity.items:
            self.wide = widened(header, self.entity, form)
            header, records = self.wide.header, partial(self.wide.records, records)
        clean, stage, raw = self._scratch("clean"), self._scratch("stage.parquet"), self._scratch("parquet")
        raw.unlink(missing_ok=True)
        read = malformed = 0
        with clean.open("w", encoding="utf-8", newline="") as target:
            for record in records():
                read += 1
                if record.clean is None:
                    malformed += 1
                else:
                    target.write(f"{record.line}{CLEAN.delimiter}{record.clean}\n")
        skipped = len(blank_lines or ())
        notes = f"{skipped} blank lines skipped" if skipped else ""
        self._begin()
        self._stage(clean, stage, header, replace(form, delimiter=CLEAN.delimiter, quote=CLEAN.quote))
        duplicates = self._find_repeats(stage) if self.entity.key else 0
        bad = self._scratch("bad.parquet")
        others = self._write_bad(bad, stage, header)
        rejected = malformed + others
        kept = read - rejected - duplicates
        if not self.entity.key:
            good = f"{_parquet_table(stage)} WHERE _reason = ''"
            repeated = self.connection.execute(
                f"SELECT count(*) - count(DISTINCT hash({self._names()})) FROM {good}"
            ).fetchone()[0]
            notes = _joined(notes, _kept_repeats(repeated))
        rejects = self._write_rejects(bad, records()) if rejected else None
        entry = self._entry(
            content_hash=facts.content_hash,
            header=names,
            reason=notes,
            rows_read=read,
            rows_kept=kept,
            rows_rejected=rejected,
            rows_duplicate=duplicates,
            line_of_first_row=0,
        )
        if read and not kept:
            first = self._first_reason(rejects)
            reason = f"none of its {read:,} rows keeps the contract; the first: {first}"
            return Reading(self.arrival, replace(entry, status=QUARANTINED, reason=reason), rejects=rejects)
        reserved = ledgers.placeholder(
            len(replace(entry, arrival=99_999_999).text.encode()) + 200 + 8 * self._days_to_expect()
        )
        written = self.connection.execute(
            f"COPY (SELECT {self._names()}, {day_of(self.entity, self.window)} AS _day,"
            f" {'_line' if self.wide is None else f'_line // {STRIDE} AS _line'} FROM {_parquet_table(stage)}"
            f" WHERE _reason = '' AND _line NOT IN (SELECT line FROM repeats))"
            f" TO {literal(str(raw))} ({parquet_options(reserved)})"
        ).fetchone()[0]
        if written != kept:
            raise RuntimeError(
                f"{self.arrival.path}: {read} rows read, {rejected} rejected, {duplicates} repeated, but {written} kept"
            )
        return self._dated(entry, raw, reserved, rejects)

    def _names(self) -> str:
        return ", ".join(identifier(column.name) for column in self.entity.columns)

    def _stage(self, clean: Path, stage: Path, header: Header, form: Format) -> None:
        """Type the clean records; each comes with the first column that breaks the contract and all reasons."""
        asked = rules(self.entity, header, self.window)
        broken = [f"WHEN NOT coalesce({rule.condition}, false) THEN {literal(rule.column)}" for rule in asked]
        reasons = [
            f"CASE WHEN NOT coalesce({rule.condition}, false)"
            f" THEN {literal(rule.column + ': ')} || coalesce({rule.reason}, '') END"
            for rule in asked
        ]
        column = f"CASE {' '.join(broken)} ELSE '' END" if broken else "''"
        reason = f"concat_ws('; ', '', {', '.join(reasons)})[3:]" if reasons else "''"
        self.connection.execute(
            f"COPY (SELECT {columns_of(self.entity, header)}, _line, {column} AS _column,"
            f" {reason} AS _reason"
            f" FROM {reader(clean, header, form, self.entity, numbered=True)})"
            f" TO {literal(str(stage))} (FORMAT parquet)"
        )

    def _find_repeats(self, stage: Path) -> int:
        """Make the table of rows whose key comes again further down; returns how many are equal in every value."""
        key = ", ".join(identifier(name) for name in self.entity.key)
        good = f"{_parquet_table(stage)} WHERE _reason = ''"
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE repeats AS SELECT _line AS line, kept, is_exact FROM ("
            " SELECT _line, first_value(_line) OVER last_first AS kept,"
            "  _hash = first_value(_hash) OVER last_first AS is_exact"
            f" FROM (SELECT *, hash({self._names()}) AS _hash FROM {good} AND hash({key}) IN"
            # Few keys repeat, if any: to look among those only keeps the window small.
            f"  (SELECT hash({key}) FROM {good} GROUP BY ALL HAVING count(*) > 1))"
            f" WINDOW last_first AS (PARTITION BY {key} ORDER BY _line DESC)"
            ") WHERE _line <> kept"
        )
        return self.connection.execute("SELECT count(*) FILTER (is_exact) FROM repeats").fetchone()[0]

    def _write_bad(self, bad: Path, stage: Path, header: Header) -> int:
        """Write line, column and reason of every record that was read but is rejected, by line; returns how many."""
        if not self.entity.key:
            self.connection.execute("CREATE OR REPLACE TEMP TABLE repeats (line BIGINT, kept BIGINT, is_exact BOOLEAN)")
        names = ", ".join(
            f"('_c{position}', {literal(name)}, {literal(self.entity.column(name).type)})"
            for name, position in header.positions.items()
        )
        # A record of `clean` begins with its line, which is why the reject's own line number is not needed: for errors
        # found when a batch is finished, DuckDB gives it wrongly.
        return self.connection.execute(
            f"""COPY (
                WITH columns (reference, name, type) AS (VALUES {names}, ('', '', '')),
                untyped AS (
                    SELECT
                        CAST(regexp_extract(csv_line, '^[0-9]+') AS BIGINT) AS line,
                        column_idx,
                        coalesce(columns.name, '') AS name,
                        CASE WHEN error_type = 'CAST'
                            THEN columns.name || ': '
                                || regexp_extract(error_message, 'Could not convert string "(.*)" to ', 1, 's')
                                || ' is not a valid ' || columns.type
                            ELSE error_message END AS reason
                    FROM reject_errors LEFT JOIN columns ON columns.reference = column_name
                )
                SELECT line, arg_min(name, column_idx) AS column_name, string_agg(DISTINCT reason, '; ') AS reason
                FROM untyped GROUP BY line
                UNION ALL SELECT _line, _column, _reason FROM {_parquet_table(stage)} WHERE _reason <> ''
                UNION ALL SELECT line, {literal(self.entity.key[0] if self.entity.key else "")},
                    'the key stands again, with other values, on line '
                        || kept // {1 if self.wide is None else STRIDE} || ', which is kept'
                FROM repeats WHERE NOT is_exact
                ORDER BY line
            ) TO {literal(str(bad))} (FORMAT parquet)"""
        ).fetchone()[0]

    def _write_rejects(self, bad: Path, records: Iterator[Record]) -> Path:
        """The sidecar: every rejected record with its raw text, in the order of the file."""
        import pyarrow
        import pyarrow.parquet

        sidecar = self._scratch("rejects.parquet")
        shape = pyarrow.schema(
            [
                ("line", pyarrow.int64()),
                ("column_name", pyarrow.string()),
                ("reason", pyarrow.string()),
                ("raw_text", pyarrow.string()),
            ]
        )
        reasons = _rows(self.connection.cursor(), bad)
        following = next(reasons, None)
        rows: list[tuple[int, str, str, str]] = []
        with pyarrow.parquet.ParquetWriter(sidecar, shape, compression="snappy") as writer:

            def place(number: int, column: str) -> tuple[int, str]:
                """Line and column in the file."""
                if self.wide is None:
                    return number, column
                return number // STRIDE, self.wide.column(number) if column in MADE_OF_ITEMS else column

            def flush() -> None:
                columns = list(zip(*rows, strict=True)) or [[], [], [], []]
                writer.write_table(pyarrow.table([list(column) for column in columns], schema=shape))
                rows.clear()

            for record in records:
                if record.clean is None:
                    rows.append((*place(record.line, ""), record.problem, shown(record.raw)))
                elif following and following[0] == record.line:
                    rows.append((*place(record.line, following[1]), following[2], shown(record.raw)))
                    following = next(reasons, None)
                if len(rows) >= SIDECAR_ROWS:
                    flush()
            flush()
        return sidecar

    def _first_reason(self, rejects: Path | None) -> str:
        row = self.connection.execute(
            f"SELECT line, {without_values('reason', self.entity.columns) if self.entity.personal else 'reason'}"
            f" FROM read_parquet({literal(str(rejects))}) ORDER BY line LIMIT 1"
        ).fetchone()
        return f"line {row[0]}, {row[1]}"


def _keeps_limits(asked: list[Rule], statistics: dict[str, dict[str, str]], rows: int) -> bool:
    """Whether a file's own statistics show that no row breaks a rule that they can tell of."""
    for rule in asked:
        column = statistics[identifier(rule.column)]
        if rule.is_required and column["null_count"] != "0":
            return False
        if rule.limits and "min" not in column and int(column["null_count"]) < rows:
            return False
        if rule.limits and "min" in column:
            first, after = rule.limits
            try:
                lowest, highest = (type(first).fromisoformat(column[end]) for end in ("min", "max"))
            except ValueError:
                return False  # a year that Python does not know
            if not first <= lowest <= highest < after:
                return False
    return True


def _rows(connection: duckdb.DuckDBPyConnection, bad: Path) -> Iterator[tuple[int, str, str]]:
    result = connection.execute(
        f"SELECT line, column_name, reason FROM read_parquet({literal(str(bad))}) ORDER BY line"
    )
    while rows := result.fetchmany(SIDECAR_ROWS):
        yield from rows


def parquet_options(reserved: str) -> str:
    """Options of a COPY that leaves room for the ledger entry."""
    return f"FORMAT parquet, KV_METADATA {{{ledgers.KEY}: {literal(reserved)}}}"


def _parquet_table(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _kept_repeats(repeated: int) -> str:
    if not repeated:
        return ""
    return f"{repeated} rows equal another in every value; kept, as the source declares no key"
