"""Hand-made broken files: each ends as said here, its good rows kept, every number of a line right.

A contact is named for the physical line that it stands on, so a kept row tells whether its line is right.
"""

from __future__ import annotations

import codecs
import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from hotline.landing import line_of
from hotline.landing.converting import Converter
from tests.landing.conftest import HEADER, Landing, call

WIDTH = HEADER.count(",") + 1


@dataclass(frozen=True)
class Case:
    """A broken file and how it ends."""

    name: str
    content: bytes
    status: str = "loaded"
    kept: tuple[int, ...] = ()
    """Lines of the rows that are kept."""
    rejected: dict[int, str] = field(default_factory=dict)
    """Line to a part of the reason."""
    duplicates: int = 0
    reason: str = ""
    path: str = "calls/calls_2025-03-01.csv"


def text(*lines: str, end: str = "\n", last: str | None = None) -> bytes:
    return (end.join(lines) + (end if last is None else last)).encode()


def row(line: int, **changed: str) -> str:
    return call(f"L{line}", **changed)


def as_json(line: int, **changed: object) -> str:
    return json.dumps(dict(zip(HEADER.split(","), row(line).split(","), strict=True)) | changed, ensure_ascii=False)


def parquet(select: str) -> bytes:
    target = Path("/tmp") / f"hotline-{abs(hash(select))}.parquet"
    duckdb.connect().execute(f"COPY ({select}) TO '{target}'")
    content = target.read_bytes()
    target.unlink()
    return content


PARQUET = parquet(
    "SELECT 'L' || i AS contact_id, 'phone' AS channel, 'inbound' AS direction, 'sales' AS queue,"
    " TIMESTAMPTZ '2025-03-01 02:00:00+00' AS entered_at, TIMESTAMPTZ '2025-03-01 02:00:00+00' AS left_at,"
    " CASE i WHEN 2 THEN 'lost' ELSE 'answered' END AS outcome FROM range(1, 4) AS numbers (i)"
)
GOOD = text(HEADER, row(2), row(3))
SEMICOLONS = text(HEADER, row(2)).replace(b",", b";")
CHINESE = text(HEADER, row(2, queue="销售"), row(3, queue="投诉"))

CASES = [
    Case(
        "a row that is too short",
        text(HEADER, row(2), "L3,phone", row(4)),
        kept=(2, 4),
        rejected={3: "too few columns: 2"},
    ),
    Case(
        "a row that is too long",
        text(HEADER, row(2), row(3) + ",x,y", row(4)),
        kept=(2, 4),
        rejected={3: "too many columns: 9"},
    ),
    Case(
        "short and long rows in turn",
        text(HEADER, "a", row(3), row(4) + ",b", "c,d", row(6)),
        kept=(3, 6),
        rejected={2: "too few", 4: "too many", 5: "too few"},
    ),
    Case("a delimiter at the end of every line", text(HEADER, row(2) + ",", row(3) + ","), kept=(2, 3)),
    Case("binary rubbish", bytes(range(256)) * 40, "quarantined", reason="NUL byte"),
    Case("a picture", b"\x89PNG\r\n\x1a\n" + bytes(500), "quarantined", reason="a binary file"),
    Case("an Excel workbook", b"PK\x03\x04" + bytes(500), "quarantined", reason="ZIP archive or Excel workbook"),
    Case("an empty file", b"", "quarantined", reason="the file is empty"),
    Case("a byte order mark and nothing else", codecs.BOM_UTF8, "quarantined", reason="the file is empty"),
    Case("a header and no rows", text(HEADER)),
    Case("a header without a line end", text(HEADER, last="")),
    Case("no header", text(row(2), row(3)), "quarantined", reason="the header lacks 'contact_id'"),
    Case(
        "a blank first line",
        text("", HEADER, row(3)),
        "quarantined",
        reason="the first line, where the header belongs, is blank",
    ),
    Case(
        "a required column is missing",
        text(HEADER.replace("queue,", "")),
        "quarantined",
        reason="the header lacks 'queue'",
    ),
    Case("a column more than known", text(HEADER + ",mood", row(2) + ",good"), kept=(2,), reason="ignored: mood"),
    Case(
        "columns in another order",
        text(
            "outcome,contact_id,channel,direction,queue,left_at,entered_at",
            "answered,L2,phone,inbound,sales,2025-03-01T11:00:00+08:00,2025-03-01T10:00:00+08:00",
        ),
        kept=(2,),
    ),
    Case(
        "a needed column twice",
        text(HEADER + ",queue", row(2) + ",sales"),
        "quarantined",
        reason="'queue' twice (columns 4 and 8)",
    ),
    Case("an unneeded column twice", text(HEADER + ",mood,mood", row(2) + ",x,y"), kept=(2,)),
    Case("semicolons where commas belong", SEMICOLONS, "quarantined", reason="may not be ',' but ';'"),
    Case("blanks round the header's names", text(HEADER.replace(",", " , "), row(2)), kept=(2,)),
    Case("a header in capitals", text(HEADER.upper(), row(2)), "quarantined", reason="'CONTACT_ID'"),
    Case(
        "a value that is not allowed",
        text(HEADER, row(2), row(3, outcome="answred"), row(4)),
        kept=(2, 4),
        rejected={3: "outcome: answred is not one of answered, abandoned"},
    ),
    Case(
        "a required value is empty",
        text(HEADER, row(2, queue=""), row(3)),
        kept=(3,),
        rejected={2: "queue: required, and empty"},
    ),
    Case(
        "a day that does not exist",
        text(HEADER, row(2, entered_at="2025-02-30T10:00:00+08:00"), row(3)),
        kept=(3,),
        rejected={2: "entered_at: 2025-02-30T10:00:00+08:00 is not a valid TIMESTAMPTZ"},
    ),
    Case(
        "a time without end",
        text(HEADER, row(2, left_at="infinity"), row(3)),
        kept=(3,),
        rejected={2: "left_at: infinity is not between"},
    ),
    Case(
        "a day that the name of the file does not cover",
        text(HEADER, row(2), row(3, day="2025-03-02")),
        kept=(2,),
        rejected={3: "outside of what the name of the file covers (2025-03-01)"},
    ),
    Case(
        "two things wrong in one row",
        text(HEADER, row(2, outcome="x", direction="sideways"), row(3)),
        kept=(3,),
        rejected={2: "direction: sideways is not one of inbound, outbound; outcome: x is not one of"},
    ),
    Case(
        "a number that is none",
        text(HEADER + ",wait_seconds", row(2) + ",12", row(3) + ",soon", row(4) + ",99999999999"),
        kept=(2,),
        rejected={
            3: "wait_seconds: soon is not a valid INTEGER",
            4: "wait_seconds: 99999999999 is not a valid INTEGER",
        },
    ),
    Case(
        "no good row at all",
        text(HEADER, row(2, outcome="x"), row(3, outcome="y")),
        "quarantined",
        reason="none of its 2 rows keeps the contract; the first: line 2, outcome: x",
        rejected={2: "outcome: x", 3: "outcome: y"},
    ),
    Case("no line end after the last row", text(HEADER, row(2), row(3), last=""), kept=(2, 3)),
    Case(
        "a last row cut off in the middle",
        text(HEADER, row(2), "L3,phone,inbound,sa", last=""),
        kept=(2,),
        rejected={3: "too few"},
    ),
    Case("carriage return and line feed", text(HEADER, row(2), row(3), end="\r\n"), kept=(2, 3)),
    Case("both kinds of line end", text(HEADER, row(2) + "\r", row(3), row(4) + "\r"), kept=(2, 3, 4)),
    Case("carriage returns alone", text(HEADER, row(2), end="\r"), "quarantined", reason="bare carriage return"),
    Case(
        "blank lines between the rows",
        text(HEADER, "", row(3), "", "", row(6), ""),
        kept=(3, 6),
        reason="4 blank lines skipped",
    ),
    Case(
        "a line end within quotes",
        text(HEADER, row(2), row(3, queue='"sales\nand more"'), row(5), row(6, outcome="x")),
        kept=(2, 3, 5),
        rejected={6: "outcome"},
    ),
    Case(
        "a quote that is never closed",
        text(HEADER, row(2), row(3, queue='"sales'), row(4), row(5)),
        kept=(2, 4, 5),
        rejected={3: "a quote is opened and never closed"},
    ),
    Case(
        "an open quote that a later quote seems to close",
        text(HEADER, row(2, queue='"sales'), row(3), row(4, queue='"a, b"'), row(5)),
        kept=(3, 4, 5),
        rejected={2: "quote"},
    ),
    Case(
        "text beside a quoted value",
        text(HEADER, row(2, queue='"sa"les'), row(3)),
        kept=(3,),
        rejected={2: "beside a quoted value"},
    ),
    Case("a quote within a value", text(HEADER, row(2, queue='5" pipe'), row(3, queue='"5"" pipe"')), kept=(2, 3)),
    Case(
        "a NUL byte within a row",
        text(HEADER, row(2), row(3, queue="sa\0les"), row(4)),
        kept=(2, 4),
        rejected={3: "NUL byte"},
    ),
    Case("a block of NUL bytes at the end", text(HEADER, row(2)) + bytes(4096), kept=(2,), rejected={3: "NUL byte"}),
    Case(
        "a line of three million characters",
        text(HEADER, row(2), row(3, queue="x" * 3_000_000), row(4)),
        kept=(2, 4),
        rejected={3: "longer than 1,048,576 bytes"},
    ),
    Case(
        "a last column of three million characters",
        text(HEADER, row(2), row(3, outcome="x" * 3_000_000), row(4)),
        kept=(2, 4),
        rejected={3: "longer than 1,048,576 bytes"},
    ),
    Case("a header of three million characters", b"x" * 3_000_000, "quarantined", reason="not a header"),
    Case(
        "one character that is no UTF-8",
        text(HEADER, row(2), row(3, queue="@"), row(4)).replace(b"@", b"\xff"),
        kept=(2, 4),
        rejected={3: "does not keep to the file's encoding"},
    ),
    Case(
        "GBK where UTF-8 was promised",
        CHINESE.decode().encode("gbk"),
        "quarantined",
        reason="none of its 2 rows",
        rejected={2: "encoding", 3: "encoding"},
    ),
    Case("UTF-16 with its mark", codecs.BOM_UTF16_LE + CHINESE.decode().encode("utf-16-le"), kept=(2, 3)),
    Case("UTF-16 of the other end", codecs.BOM_UTF16_BE + CHINESE.decode().encode("utf-16-be"), kept=(2, 3)),
    Case(
        "UTF-16 cut off in the middle of a character",
        codecs.BOM_UTF16_LE + CHINESE.decode().encode("utf-16-le")[:-3],
        kept=(2,),
        rejected={3: "encoding"},
    ),
    Case("UTF-16 without its mark", CHINESE.decode().encode("utf-16-le"), "quarantined", reason="NUL byte"),
    Case("UTF-8 with a byte order mark", codecs.BOM_UTF8 + GOOD, kept=(2, 3)),
    Case("gzip by its name", gzip.compress(GOOD), kept=(2, 3), path="calls/calls_2025-03-01.csv.gz"),
    Case("gzip against its name", gzip.compress(GOOD), kept=(2, 3)),
    Case("gzip of two members", gzip.compress(GOOD) + gzip.compress(text(row(4))), kept=(2, 3, 4)),
    Case("a half-written gzip", gzip.compress(GOOD * 50)[:90], "quarantined", reason="ends in the middle"),
    Case(
        "a damaged gzip",
        gzip.compress(GOOD)[:30] + b"\0" * 30 + gzip.compress(GOOD)[60:],
        "quarantined",
        reason="gzip file is damaged",
    ),
    Case("a Parquet file within gzip", gzip.compress(PARQUET), "quarantined", reason="a Parquet file within gzip"),
    Case("no gzip although its name says so", GOOD, kept=(2, 3), path="calls/calls_2025-03-01.csv.gz"),
    Case("the same row twice", text(HEADER, row(2), row(3), row(2), row(5)), kept=(3, 4, 5), duplicates=1),
    Case(
        "a key again with other values",
        text(HEADER, row(2), row(3), row(2, queue="other"), row(5)),
        kept=(3, 4, 5),
        rejected={2: "the key stands again, with other values, on line 4"},
    ),
    Case(
        "equal, other and broken rows of one key",
        text(HEADER, row(2), row(2), row(2, queue="b"), row(2, outcome="x"), row(2, queue="b"), row(7)),
        kept=(6, 7),
        duplicates=1,
        rejected={2: "on line 6", 3: "on line 6", 5: "outcome: x"},
    ),
    Case("a Parquet file", PARQUET, kept=(1, 3), rejected={2: "outcome: lost"}, path="calls/calls_2025-03-01.parquet"),
    Case(
        "a Parquet file cut off",
        PARQUET[:-20],
        "quarantined",
        reason="not a complete Parquet file",
        path="calls/calls_2025-03-01.parquet",
    ),
    Case(
        "a Parquet file with its middle gone",
        PARQUET[:200] + PARQUET[400:],
        "quarantined",
        reason="not a complete Parquet file",
        path="calls/calls_2025-03-01.parquet",
    ),
    Case(
        "a Parquet file that lacks a column",
        parquet("SELECT 1 AS contact_id"),
        "quarantined",
        reason="the header lacks 'channel'",
        path="calls/calls_2025-03-01.parquet",
    ),
]

JSON_SOURCE = """
name: json_lines
time_zone: Asia/Shanghai
root: json_lines
format: {type: jsonl}
entities:
  calls: {files: ["*{date}*"], key: [contact_id, visit_no], replaces: days}
"""
JSON_CASES = [
    Case("JSON lines", text(as_json(1), as_json(2, wait_seconds=7)), kept=(1, 2)),
    Case(
        "a JSON line that is cut off",
        text(as_json(1), as_json(2)[:40], as_json(3)),
        kept=(1, 3),
        rejected={2: "not a JSON object"},
    ),
    Case(
        "a JSON line that is no object",
        text(as_json(1), "[1, 2]", "17", as_json(4)),
        kept=(1, 4),
        rejected={2: "not a JSON object", 3: "not a JSON object"},
    ),
    Case(
        "a name twice in one object",
        text(as_json(1), as_json(2)[:-1] + ', "queue": "b"}'),
        kept=(1,),
        rejected={2: "'queue' stands twice"},
    ),
    Case("a blank line among JSON lines", text(as_json(1), "", as_json(3)), kept=(1, 3)),
    Case(
        "a JSON value of another kind",
        text(as_json(1), as_json(2, wait_seconds=[1, 2]), as_json(3, wait_seconds="9")),
        kept=(1, 3),
        rejected={2: "wait_seconds: [1, 2] is not a valid INTEGER"},
    ),
    Case(
        "a needed name that one object lacks",
        text(as_json(1), as_json(2, queue=None), '{"contact_id": "L3"}'),
        kept=(1,),
        rejected={2: "queue: required, and empty", 3: "channel: required, and empty"},
    ),
    Case(
        "a needed name that all objects lack",
        text('{"contact_id": "L1"}'),
        "quarantined",
        reason="the header lacks 'channel'",
    ),
    Case(
        "a NUL written as an escape",
        text(as_json(1), as_json(2, queue="a\0b")),
        kept=(1,),
        rejected={2: "NUL character"},
    ),
    Case(
        "half a character in JSON",
        text(as_json(1), as_json(2, queue="@").replace("@", "\\ud83d"), as_json(3).replace("{", '{"\\ud83d": 1, ')),
        kept=(1, 3),
        rejected={2: "one half of a character"},
    ),
    Case("CSV where JSON was promised", GOOD, "quarantined", reason="no line of it is a JSON object"),
    Case(
        "a JSON array in one piece",
        b"[" + as_json(1).encode() + b"]\n",
        "quarantined",
        reason="no line of it is a JSON object",
    ),
]


def check(landing: Landing, case: Case, path: str, source: str) -> None:
    """The whole account of one file: status, reason, rows, rejects, and the line of everything."""
    outcome = landing.land(path, case.content)
    assert (outcome.status, outcome.source) == (case.status, source), outcome.reason
    assert case.reason in outcome.reason
    assert outcome.rows_read == outcome.rows_kept + outcome.rows_rejected + outcome.rows_duplicate
    assert (outcome.rows_kept, outcome.rows_rejected, outcome.rows_duplicate) == (
        len(case.kept), len(case.rejected), case.duplicates,
    )  # fmt: skip
    kept = landing.query("SELECT contact_id, _file_id, _row_number FROM raw.calls ORDER BY _row_number")
    assert [line_of(landing.home, file_id, number) for _, file_id, number in kept] == list(case.kept)
    if not case.duplicates and "key" not in case.name:
        assert [contact for contact, _, _ in kept] == [f"L{line}" for line in case.kept]
    rejected = landing.query("SELECT line, reason, raw_text, path FROM raw.rejected_rows ORDER BY line")
    assert [line for line, _, _, _ in rejected] == sorted(case.rejected)
    for line, reason, raw_text, rejected_path in rejected:
        assert case.rejected[line] in reason
        assert raw_text
        assert rejected_path == outcome.path
    if case.status == "quarantined":
        copies = [copy for copy in landing.home.quarantine.rglob("*") if copy.is_file() and "rejects" not in copy.name]
        assert {copy.name for copy in copies} == {"reason.txt", Path(path).name}
        assert next(copy for copy in copies if copy.name != "reason.txt").read_bytes() == case.content
    assert not (landing.home.raw / ".work").exists()
    assert landing.load() == [], "a second load finds nothing to do"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_file_ends_as_it_should(landing: Landing, case: Case) -> None:
    check(landing, case, case.path, "hotline")


@pytest.mark.parametrize("case", JSON_CASES, ids=lambda case: case.name)
def test_a_broken_file_of_json_lines_ends_as_it_should(landing: Landing, write_source, case: Case) -> None:
    write_source("json_lines", JSON_SOURCE)
    path = landing.home.landing / "json_lines"
    path.mkdir()
    outcome_path = "calls_2025-03-01.jsonl"
    landing.put(f"json_lines/{outcome_path}", case.content)
    (outcome,) = landing.load()
    assert (outcome.status, outcome.source) == (case.status, "json_lines"), outcome.reason
    assert case.reason in outcome.reason
    assert outcome.rows_read == len(case.kept) + len(case.rejected)
    kept = landing.query("SELECT contact_id, _file_id, _row_number FROM raw.calls ORDER BY _row_number")
    assert [contact for contact, _, _ in kept] == [f"L{line}" for line in case.kept]
    assert [line_of(landing.home, file_id, number) for _, file_id, number in kept] == list(case.kept)
    rejected = landing.query("SELECT line, reason FROM raw.rejected_rows ORDER BY line")
    assert [line for line, _ in rejected] == sorted(case.rejected)
    for line, reason in rejected:
        assert case.rejected[line] in reason


def test_a_broken_file_does_not_stop_the_others(landing: Landing) -> None:
    for number, case in enumerate(CASES):
        landing.put(f"calls/{number:03d} {case.name}.csv", case.content)
    landing.put("calls/zzz_2025-03-02.csv", text(HEADER, call("good", "2025-03-02")))
    outcomes = {outcome.path: outcome for outcome in landing.load()}
    assert len(outcomes) == len(CASES) + 1
    assert outcomes["calls/zzz_2025-03-02.csv"].rows_kept == 1
    for outcome in outcomes.values():
        assert outcome.rows_read == outcome.rows_kept + outcome.rows_rejected + outcome.rows_duplicate
    ledger = landing.query("SELECT path, rows_read, rows_kept + rows_rejected + rows_duplicate FROM raw.load_ledger")
    assert sorted(path for path, _, _ in ledger) == sorted(outcomes)
    assert all(read == accounted for _, read, accounted in ledger)
    counted = landing.query("SELECT path, count(*) FROM raw.rejected_rows GROUP BY path")
    assert dict(counted) == {path: found.rows_rejected for path, found in outcomes.items() if found.rows_rejected}


def test_what_nobody_foresaw_in_a_file_does_not_stop_the_others(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Converter._stage

    def fail(converter: Converter, *arguments: object) -> None:
        if "2025-03-01" in converter.arrival.path:
            raise duckdb.InvalidInputException("an invalid state\nwith details")
        stage(converter, *arguments)

    monkeypatch.setattr(Converter, "_stage", fail)
    landing.put("calls/calls_2025-03-01.csv", text(HEADER, row(2), "short"))
    landing.put("calls/calls_2025-03-02.csv", text(HEADER, row(2, day="2025-03-02"), "short"))
    outcomes = landing.load()
    assert [(outcome.status, outcome.rows_kept) for outcome in outcomes] == [("quarantined", 0), ("loaded", 1)]
    assert outcomes[0].reason == "DuckDB can't read it (an invalid state)"
