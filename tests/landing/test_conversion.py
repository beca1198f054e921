"""The quick reading and the careful one see the same file the same way, in every format and encoding."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.home import Home
from hotline.landing import load, prepare
from hotline.landing.converting import Converter
from hotline.landing.ledger import read_ledger
from hotline.landing.records import CLEAN, split, text_records
from hotline.landing.sources import Format, contract
from tests.landing.conftest import HEADER, Landing, call

COLUMNS = [*HEADER.split(","), "wait_seconds", "rating_offered", "priority", "place"]
MOMENT = "2025-03-01T10:00:00+08:00"
ROWS = [
    ["a", "phone", "inbound", "sales", MOMENT, MOMENT, "answered", "5", "true", "", "x"],
    ["b", "phone", "inbound", "销售", "2025-03-01 10:00:00", "2025/03/01 10:01:00", "abandoned", "", "0", " 2 ", " y "],
    [
        "c",
        "phone",
        "outbound",
        "q",
        "2025-03-01T02:00:00.25Z",
        "2025-03-01T10:01+0800",
        "test",
        "3.7",
        "yes",
        "-1",
        'a "b"',
    ],
    [
        "d",
        "电话",
        "inbound",
        "投诉",
        "2025-03-01T02:00:00Z",
        "2025-03-01T10:01:00+08",
        "busy",
        "1e2",
        "F",
        "007",
        "a,b;c\td",
    ],
]
SHOWN = "SELECT * EXCLUDE (_file_id, _source) FROM raw.calls ORDER BY contact_id"
SOURCE = """
name: export
time_zone: Asia/Shanghai
root: export
format: {{type: {type}, delimiter: "{delimiter}", encoding: {encoding}}}
entities:
  calls: {{files: ["*{{date}}*"], key: [contact_id], replaces: days}}
"""


def contract_names() -> Iterator[str]:
    """Names of the columns of raw.calls."""
    return (column.name for column in contract()["calls"].columns)


def csv_text(rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> str:
    quoted = [
        ['"' + value.replace('"', '""') + '"' if set(value) & {delimiter, '"', "\n", "\r"} else value for value in row]
        for row in [COLUMNS, *rows]
    ]
    return end.join(delimiter.join(row) for row in quoted) + end


def converted(home: Home, content: bytes) -> tuple[str, list[tuple], list[tuple]]:
    """What one file becomes, read from raw itself: status, rows and rejects."""
    folder = home.landing / "export"
    folder.mkdir()
    (folder / "2025-03-01.csv").write_bytes(content)
    (outcome,) = load(home)
    (entry,) = read_ledger(home).entries
    names = ", ".join(f'"{name}"' for name in contract_names())
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT {names}, _day FROM read_parquet('{entry.raw_path(home)}')").fetchall()
        rejected = []
        if entry.rows_rejected:
            rejected = connection.execute(f"FROM read_parquet('{entry.rejects_path(home)}')").fetchall()
    return outcome.status, rows, rejected


def rows_of(home: Home, content: bytes) -> tuple[list[tuple], list[tuple], str]:
    """What one file becomes: its rows, what is rejected of it, and its status."""
    home.create()
    folder = home.landing / "export"
    folder.mkdir(exist_ok=True)
    (folder / "2025-03-01.csv").write_bytes(content)
    (outcome,) = load(home)
    prepare(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        rejected = connection.execute("SELECT line, reason FROM raw.rejected_rows ORDER BY line").fetchall()
        return connection.execute(SHOWN).fetchall(), rejected, outcome.status


@pytest.fixture
def expected(tmp_path: Path) -> list[tuple]:
    home = Home(tmp_path / "expected").create()
    (home.sources / "export.yml").write_text(SOURCE.format(type="csv", delimiter=",", encoding="utf-8"))
    rows, rejected, _ = rows_of(home, csv_text(ROWS).encode())
    assert (len(rows), rejected) == (4, [])
    return rows


def test_values_are_what_they_look_like(expected: list[tuple]) -> None:
    names = list(contract_names())
    shown = {row[0]: dict(zip(names, row, strict=False)) for row in expected}
    moments = {int(row["entered_at"].timestamp()) for row in shown.values()}
    assert moments == {int(datetime(2025, 3, 1, 2, tzinfo=UTC).timestamp())}, "four ways to write the same moment"
    assert [row["wait_seconds"] for row in shown.values()] == [5, None, 4, 100]
    assert [row["rating_offered"] for row in shown.values()] == [True, False, True, False]
    assert [row["priority"] for row in shown.values()] == [None, 2, -1, 7]
    assert [row["place"] for row in shown.values()] == ["x", " y ", 'a "b"', "a,b;c\td"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "gbk"])
@pytest.mark.parametrize("delimiter", [",", ";", "\\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_however_it_is_written_the_rows_are_the_same(
    home: Home, expected: list[tuple], encoding: str, delimiter: str, end: str
) -> None:
    (home.sources / "export.yml").write_text(SOURCE.format(type="csv", delimiter=delimiter, encoding=encoding))
    text = csv_text(ROWS, "\t" if delimiter == "\\t" else delimiter, end)
    rows, rejected, _ = rows_of(home, text.encode(encoding))
    assert (rows, rejected) == (expected, [])


@pytest.mark.parametrize(
    "how", ["gzip", "gzip of utf-16", "json lines", "parquet of text", "parquet of types", "byte order mark"]
)
def test_whatever_it_is_written_as_the_rows_are_the_same(
    home: Home, expected: list[tuple], tmp_path: Path, how: str
) -> None:
    kind = "jsonl" if how == "json lines" else "csv"
    (home.sources / "export.yml").write_text(SOURCE.format(type=kind, delimiter=",", encoding="utf-8"))
    text = csv_text(ROWS)
    if how == "gzip":
        content = gzip.compress(text.encode())
    elif how == "gzip of utf-16":
        content = gzip.compress(text.encode("utf-16"))
    elif how == "byte order mark":
        content = text.encode("utf-8-sig")
    elif how == "json lines":
        content = "\n".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) for row in ROWS).encode()
    else:
        source, target = tmp_path / "text.csv", tmp_path / "rows.parquet"
        source.write_text(text)
        select = f"SELECT * FROM read_csv('{source}', all_varchar = true)"
        if how == "parquet of types":
            select = (
                "SELECT * REPLACE (CAST(wait_seconds AS INTEGER) AS wait_seconds, CAST(priority AS BIGINT) AS priority,"
                " CAST(rating_offered AS BOOLEAN) AS rating_offered, CAST(entered_at AS TIMESTAMPTZ) AS entered_at)"
                f" FROM ({select})"
            )
        with duckdb.connect() as connection:
            connection.execute(f"SET TimeZone = 'Asia/Shanghai'; COPY ({select}) TO '{target}'")
        content = target.read_bytes()
    rows, rejected, _ = rows_of(home, content)
    assert (rows, rejected) == (expected, [])


VALUES = st.one_of(
    st.sampled_from(
        ["", "1", "-2", "3.7", "x", "1e3", "0x1f", "1_000", " 4 ", "true", "T", "nan", "99999999999", "NULL"]
    ),
    st.sampled_from(
        ["2025-03-01", "2025-03-01T25:00:00", "2025-03-01T10:00:00+08:00", "2025-3-1 1:2:3", "infinity", "epoch"]
    ),
    st.sampled_from(['"', '""', '"a"', 'a"b', '"a""b"', '"a', 'a"', ' "a" ', "a b", "'", "\\", "#", "//"]),
    st.sampled_from(["\x00", "\r", "é", "数据", "\ufeff", "\u2028", "\x85", "\xa0", "\x0b", "\x1e", "\x1f", "\x1a"]),
    st.text(st.characters(exclude_characters="\n", exclude_categories=("Cs",)), max_size=6),
)
LINES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(COLUMNS), VALUES),
        st.sampled_from(["", " ", ",", "a,b", '"', call("z") + ",1,1,1,x,,", "\r"]),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, end=st.sampled_from(["\n", "\r\n"]), last=st.booleans())
def test_the_quick_reading_never_differs_from_the_careful_one(
    tmp_path_factory: pytest.TempPathFactory, lines: list, end: str, last: bool
) -> None:
    """Any small file: where the quick reading takes it, the careful one gives the same rows and rejects the same."""
    good = dict(zip(COLUMNS, ROWS[0], strict=True))
    written = []
    for number, line in enumerate(lines):
        if isinstance(line, str):
            written.append(line)
        else:
            column, value = line
            written.append(",".join((good | {"contact_id": f"k{number}"} | {column: value}).values()))
    content = (end.join([",".join(COLUMNS), *written]) + (end if last else "")).encode()
    results = []
    for quick in (True, False):
        home = Home(tmp_path_factory.mktemp("home") / "data").create()
        (home.sources / "export.yml").write_text(SOURCE.format(type="csv", delimiter=",", encoding="utf-8"))
        with pytest.MonkeyPatch.context() as patch:
            if not quick:
                patch.setattr(Converter, "_quickly", lambda *_: None)
            results.append(converted(home, content))
    assert results[0] == results[1]


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=5),
            min_size=3,
            max_size=3,
        ),
        max_size=6,
    )
)
def test_any_quoted_text_is_split_as_it_was_joined(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    """Every value quoted: line ends, quotes and delimiters within values come back as they were, with their line."""
    path = tmp_path_factory.mktemp("text") / "rows.csv"
    texts = [",".join('"' + value.replace('"', '""') + '"' for value in row) for row in rows]
    path.write_bytes(("a,b,c\n" + "".join(text + "\n" for text in texts)).encode())
    lines = itertools.accumulate([2, *(text.count("\n") + 1 for text in texts)])
    found = list(text_records(path, Format(), 3, 1))
    written = "".join(f"{record.clean}\n" for record in found)
    cleaned = csv.reader(
        io.StringIO(written, newline=""), delimiter=CLEAN.delimiter, quotechar=CLEAN.quote, strict=True
    )
    assert list(cleaned) == rows
    assert [record.line for record in found] == list(lines)[:-1]


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        (b"a,b", [b"a", b"b"]),
        (b"", [b""]),
        (b",", [b"", b""]),
        (b'"a,b",c', [b"a,b", b"c"]),
        (b'"a""b"', [b'a"b']),
        (b' "a" ,b', [b"a", b"b"]),
        (b'a"b,c', [b'a"b', b"c"]),
        (b'"a', None),
        (b'a,"b\nc', None),
        (b'"a"b', "text stands beside a quoted value"),
        (b'""', [b""]),
        (b'"a",', [b"a", b""]),
    ],
)
def test_a_record_is_split_as_the_quick_reading_does(raw: bytes, fields: list[bytes] | str | None) -> None:
    assert split(raw, b",", b'"') == fields


def test_a_file_with_one_bad_row_gives_the_others_as_a_file_without_it(landing: Landing, tmp_path: Path) -> None:
    good = [call(f"c{number:05d}", clock=f"{number % 24:02d}:00:00") for number in range(3000)]
    landing.land("calls/calls_2025-03-01.csv", "\n".join([HEADER, *good]) + "\n")
    before = landing.query("SELECT * EXCLUDE (_file_id) FROM raw.calls ORDER BY contact_id")
    landing.land("calls/calls_2025-03-01.csv", "\n".join([HEADER, *good[:1500], "bad", *good[1500:]]) + "\n")
    assert landing.query("SELECT * EXCLUDE (_file_id) FROM raw.calls ORDER BY contact_id") == before
