"""Source descriptions: the one in the manual works, and what is wrong in one is said clearly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

import duckdb
import pytest

from hotline.home import PROJECT, Home
from hotline.landing import SourceError, load_sources, prepare
from hotline.landing.quoting import identifier, literal
from hotline.landing.sources import Window, claim, contract
from tests.landing.conftest import HEADER, Landing, call, calls

MANUAL = PROJECT / "docs" / "adding-a-source.md"
GOOD = """
name: export
time_zone: Asia/Shanghai
root: export
entities:
  calls: {files: ["*{date}*"], replaces: days}
"""


def block(language: str) -> str:
    return re.search(rf"```{language}\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)[1]


def test_the_source_of_the_manual_works_as_written(landing: Landing, write_source) -> None:
    write_source("nanjing", block("yaml"))
    landing.put("nanjing/通话_20250301.csv", block("csv").encode("gbk"))
    (outcome,) = landing.load()
    assert (outcome.status, outcome.rows_kept, outcome.rows_rejected) == ("loaded", 4, 0), outcome.reason
    rows = landing.query(
        "SELECT contact_id, channel, direction, queue, CAST(epoch(entered_at) AS BIGINT), answered_at IS NULL,"
        " wait_seconds, talk_seconds, agent_id, outcome, rating, rating_scale, _source, _time_zone, _day"
        " FROM raw.calls ORDER BY 1"
    )
    second = int(datetime(2025, 3, 1, 0, 59, 58, tzinfo=UTC).timestamp())
    day = date(2025, 3, 1)
    shared = ("1-3", "nanjing", "Asia/Shanghai", day)
    assert rows == [
        ("NJ-0001", "phone", "inbound", "报修", second, False, 12, 180, "A07", "answered", 3, *shared),
        ("NJ-0002", "phone", "inbound", "报修", second + 62, True, 45, None, None, "abandoned", None, *shared),
        ("NJ-0003", "phone", "inbound", "咨询", second + 54001, False, 10, 60, "A11", "answered", 1, *shared),
        ("NJ-0004", "phone", "outbound", "回访", second + 23402, False, None, 60, "A07", "answered", None, *shared),
    ]
    described = (
        "SELECT label_en, label_zh, time_zone, cadence_hours, is_closed FROM raw.sources WHERE source = 'nanjing'"
    )
    assert landing.query(described) == [("Nanjing exchange", "南京话务平台", "Asia/Shanghai", 24.0, False)]


def test_rows_of_the_manual_s_source_are_rejected_with_their_own_words(landing: Landing, write_source) -> None:
    write_source("nanjing", block("yaml"))
    lines = block("csv").splitlines()
    lines += [
        lines[1].replace("NJ-0001", "NJ-0009").replace("接通;满意", "转接;满意"),
        lines[1].replace("满意", "很好"),
    ]
    landing.put("nanjing/通话_20250301.csv", "\r\n".join(lines).encode("gbk"))
    (outcome,) = landing.load()
    assert (outcome.rows_read, outcome.rows_kept, outcome.rows_rejected) == (6, 4, 2)
    rejected = landing.query("SELECT line, column_name, reason, raw_text FROM raw.rejected_rows ORDER BY line")
    assert [(line, column) for line, column, _, _ in rejected] == [(6, "outcome"), (7, "rating")]
    assert rejected[0][2].startswith("outcome: 转接 is not one of answered, abandoned")
    assert rejected[1][2] == "rating: 很好 is not a valid INTEGER"
    assert rejected[0][3] == lines[5]


def test_every_shipped_source_is_good_and_every_entity_has_a_view(home: Home) -> None:
    sources = load_sources(home)
    assert sorted(sources) == ["bank_1999", "helpdesk", "hotline", "turnover_survival"]
    assert {entity.name for entity in sources["hotline"].entities} == set(contract())
    prepare(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        views = {
            row[0]
            for row in connection.execute("SELECT view_name FROM duckdb_views() WHERE schema_name = 'raw'").fetchall()
        }
        assert views == {*contract(), "bank_1999_calls", "turnover_survival_tenures"}
        described = connection.execute("DESCRIBE raw.calls").fetchall()
    shape = [(row[0], row[1]) for row in described]
    assert shape[0] == ("contact_id", "VARCHAR")
    assert shape[-5:] == [
        ("_source", "VARCHAR"),
        ("_file_id", "VARCHAR"),
        ("_row_number", "BIGINT"),
        ("_day", "DATE"),
        ("_time_zone", "VARCHAR"),
    ]


def calls_with(more: str) -> str:
    """The good description with more said about its calls."""
    return GOOD.replace("replaces: days", f"replaces: days, {more}")


def own(more: str) -> str:
    """A description of an entity of its own."""
    return GOOD.replace('calls: {files: ["*{date}*"], replaces: days}', f"chats: {{files: [a], {more}}}")


MISTAKES = [
    ("name: [", "", "not readable as YAML"),
    ("just text", "file", "is not of type 'object'"),
    (GOOD.replace("name: export", "name: Export; DROP"), "name", "does not match"),
    (GOOD.replace("root: export", "root: ../elsewhere"), "root", "must be a folder inside the landing folder"),
    (GOOD.replace("root: export", "root: /etc"), "root", "must be a folder inside the landing folder"),
    (GOOD.replace("Asia/Shanghai", "Asia/Nowhere"), "time_zone", "'Asia/Nowhere' is not a known time zone"),
    (GOOD.replace("Asia/Shanghai", "../../etc/passwd"), "time_zone", "is not a known time zone"),
    (GOOD + "colour: red\n", "file", "'colour' was unexpected"),
    (GOOD.replace("days}", "weeks}"), "entities.calls.replaces", "'weeks' is not one of ['days', 'keys', 'nothing']"),
    (GOOD.replace("days}", "keys}"), "entities.calls", "replaces: keys needs a key"),
    (
        GOOD.replace("calls:", "chats:"),
        "entities.chats",
        "not an entity of the landing contract, and it declares no own",
    ),
    (GOOD.replace("*{date}*", "*{day}*"), "entities.calls.files", "{day} is neither {date} nor {month}"),
    (GOOD.replace("*{date}*", "../*"), "entities.calls.files", "leads out of the source's folder"),
    (GOOD.replace("*{date}*", "{date}{month}"), "entities.calls.files", "has more than one date"),
    (calls_with("key: [contact]"), "entities.calls", "'contact' is named as key or window but is not a column"),
    (calls_with("columns: {contact_id: id}"), "entities.calls.columns", "the contract requires 'channel'"),
    (calls_with("columns: {caller: x}"), "entities.calls.columns", "'caller' is not a column of the contract's calls"),
    (calls_with("values: {outcome: {x: lost}}"), "entities.calls.values.outcome", "'lost' is not one of the allowed"),
    (calls_with("values: {left_at: {x: y}}"), "entities.calls.values.left_at", "only text, whole numbers"),
    (calls_with("window: left_at"), "entities.calls.window", "the contract says it (entered_at)"),
    (calls_with("own_columns: {a: {type: VARCHAR}}"), "entities.calls.own_columns", "belongs to the landing contract"),
    (calls_with("format: {delimiter: ';;'}"), "entities.calls.format.delimiter", "is too long"),
    (calls_with("format: {delimiter: a}"), "entities.calls.format.delimiter", "'a' can't divide columns"),
    (calls_with("format: {quote: ','}"), "entities.calls.format.quote", "',' can't be the quote"),
    (calls_with("format: {empty: ['a,b']}"), "entities.calls.format.empty", "'a,b' holds a mark that divides"),
    (calls_with("format: {date: '%q'}"), "entities.calls.format.date", "'%q' is not a pattern of a date"),
    (
        calls_with("format: {timestamp: '%d.%m.%Y %H:%M:%S %z'}"),
        "entities.calls.format.timestamp",
        "is for local times",
    ),
    (calls_with("constants: {direction: up}"), "entities.calls.constants.direction", "'up' is not one of the allowed"),
    (calls_with("constants: {rating: good}"), "entities.calls.constants.rating", "'good' is not a valid INTEGER"),
    (calls_with("format: {encoding: latin1}"), "entities.calls.format.encoding", "'latin1' is not one of"),
    (calls_with("replaces: keys"), "", "the key 'replaces' stands here twice"),
    (own("replaces: days, own_columns: {day: {type: DATE}}"), "entities.chats", "replaces: days needs a window column"),
    (own("replaces: days, window: day, own_columns: {day: {type: DATE}}"), "entities.chats.window", "must be required"),
    (
        own("replaces: nothing, window: a, own_columns: {a: {type: TIME}}"),
        "entities.chats.window",
        "is TIME, not a date",
    ),
    (own("replaces: nothing, own_columns: {filename: {type: DATE}}"), "entities.chats", "can't be called 'filename'"),
    (own("replaces: nothing, own_columns: {a: {type: BLOB}}"), "entities.chats.own_columns.a.type", "does not match"),
    (
        own("replaces: nothing, own_columns: {a: {type: DATE}, b: {from: a, type: VARCHAR}}"),
        "entities.chats",
        "a and b both come from 'a', one as DATE, the other as VARCHAR",
    ),
]


@pytest.mark.parametrize(("text", "place", "reason"), MISTAKES, ids=[reason for _, _, reason in MISTAKES])
def test_a_mistake_in_a_description_is_named_with_file_place_and_reason(
    home: Home, write_source: Callable[[str, str], Path], text: str, place: str, reason: str
) -> None:
    path = write_source("export", text)
    with pytest.raises(SourceError) as error:
        load_sources(home)
    assert str(error.value).startswith(f"{path}: {place}")
    assert reason in str(error.value)


def test_two_descriptions_of_one_name_or_two_shapes_of_one_entity_are_refused(home: Home, write_source) -> None:
    write_source("a", GOOD)
    write_source("b", GOOD)
    with pytest.raises(SourceError, match="'export' is also the name of"):
        load_sources(home)
    chats = own("replaces: nothing, own_columns: {a: {type: VARCHAR}}")
    write_source("a", chats.replace("export", "one"))
    write_source("b", chats.replace("export", "two").replace("VARCHAR", "INTEGER"))
    with pytest.raises(SourceError, match="sources one and two declare different columns for chats"):
        load_sources(home)


def test_an_installation_s_own_description_takes_the_place_of_a_shipped_one(home: Home, write_source) -> None:
    write_source("hotline", GOOD.replace("name: export", "name: hotline").replace("Asia/Shanghai", "Europe/Berlin"))
    assert load_sources(home)["hotline"].time_zone == "Europe/Berlin"


def test_words_that_yaml_takes_for_something_else_stay_words(home: Home, write_source) -> None:
    text = GOOD.replace(
        "replaces: days", "replaces: days, values: {outcome: {NO: abandoned, 007: answered, 1: failed, 12:30: busy}}"
    )
    write_source("export", text)
    column = load_sources(home)["export"].entity("calls").column("outcome")
    assert dict(column.values) == {"NO": "abandoned", "007": "answered", "1": "failed", "12:30": "busy"}


TRICKS = [
    "'",
    '"',
    "''; DROP SCHEMA raw; --",
    '"; DROP SCHEMA raw; --',
    "\\'",
    "a' OR '1'='1",
    "$$",
    "/*",
    "--",
    "{x}",
    "?",
    "%s",
]


@pytest.mark.parametrize("trick", TRICKS)
def test_no_text_of_a_description_or_a_file_gets_out_of_its_quotes(landing: Landing, write_source, trick: str) -> None:
    empty = trick.replace('"', "") + "nothing"
    source = {
        "name": "export",
        "label": {"en": trick, "zh": trick},
        "time_zone": "Asia/Shanghai",
        "root": "export",
        "format": {"empty": [empty]},
        "entities": {
            "calls": {
                "files": ["*{date}*"],
                "replaces": "days",
                "key": ["contact_id"],
                "columns": {column: column for column in HEADER.split(",") if column != "outcome"} | {"outcome": trick},
                "constants": {"place": trick},
                "values": {"outcome": {trick + "done": "answered"}, "queue": {trick: "mapped" + trick}},
            }
        },
    }
    write_source("export", json.dumps(source))
    quoted = '"' + trick.replace('"', '""') + '"'
    header = HEADER.replace("outcome", quoted)
    done = '"' + (trick + "done").replace('"', '""') + '"'
    rows = [call("good", queue=quoted, outcome=done), call("bad", outcome=quoted), call("empty", outcome=empty)]
    landing.put("export/2025-03-01.csv", "\n".join([header, *rows]))
    (outcome,) = landing.load()
    assert (outcome.rows_kept, outcome.rows_rejected) == (1, 2), outcome.reason
    assert landing.query("SELECT contact_id, queue, place, outcome FROM raw.calls") == [
        ("good", "mapped" + trick, trick, "answered")
    ]
    reasons = landing.query("SELECT reason FROM raw.rejected_rows ORDER BY line")
    assert reasons[0][0].startswith(f"outcome: {trick} is not one of")
    assert reasons[1][0] == "outcome: required, and empty"
    assert landing.query("SELECT DISTINCT label_en FROM raw.sources WHERE source = 'export'") == [(trick,)]


@pytest.mark.parametrize("trick", [*TRICKS, "数据", "a\nb", ""])
def test_quoting_gives_back_what_it_got(trick: str) -> None:
    connection = duckdb.connect()
    assert connection.execute(f"SELECT {literal(trick)}").fetchone() == (trick,)
    name = trick or "x"
    assert [column[0] for column in connection.execute(f"SELECT 1 AS {identifier(name)}").description] == [name]
    with pytest.raises(ValueError, match="NUL"):
        literal(trick + "\x00")
    with pytest.raises(ValueError, match="NUL"):
        identifier(trick + "\x00")


@pytest.mark.parametrize(
    ("path", "window"),
    [
        ("calls/calls_2025-03-01.csv", Window(date(2025, 3, 1), date(2025, 3, 1))),
        ("calls/20250301120000.csv", None),
        ("calls/x20250301y.csv.gz", Window(date(2025, 3, 1), date(2025, 3, 1))),
        ("calls/calls_2025-02.csv", Window(date(2025, 2, 1), date(2025, 2, 28))),
        ("calls/calls_202412.csv", Window(date(2024, 12, 1), date(2024, 12, 31))),
        ("calls/calls_2025-13-01.csv", None),
        ("calls/calls.csv", None),
    ],
)
def test_the_window_stands_in_the_name_of_the_file(home: Home, path: str, window: Window | None) -> None:
    entity = load_sources(home)["hotline"].entity("calls")
    assert claim(entity, path) == (True, window)
    assert claim(entity, "tickets/" + path) == (False, None)


def test_days_are_days_of_the_source_s_own_zone_also_when_the_clocks_change(landing: Landing, write_source) -> None:
    write_source("export", GOOD.replace("Asia/Shanghai", "Europe/Berlin"))
    rows = [
        call("first", "2025-03-30", entered_at="2025-03-30 00:00:00"),
        call("before", "2025-03-30", entered_at="2025-03-30 01:59:59"),
        call("after", "2025-03-30", entered_at="2025-03-30 03:00:00"),
        call("last", "2025-03-30", entered_at="2025-03-30 23:59:59"),
        call("outside", "2025-03-30", entered_at="2025-03-30T22:00:00Z"),
    ]
    landing.put("export/2025-03-30.csv", "\n".join([HEADER, *rows]))
    (outcome,) = landing.load()
    assert (outcome.rows_kept, outcome.rows_rejected) == (4, 1)
    instants = dict(landing.query("SELECT contact_id, CAST(epoch(entered_at) AS BIGINT) FROM raw.calls"))
    assert instants["after"] - instants["before"] == 1
    assert instants["last"] - instants["first"] == 23 * 3600 - 1


def test_times_dates_and_months_may_be_written_otherwise(landing: Landing, write_source) -> None:
    write_source(
        "own",
        """
name: own
time_zone: Europe/Berlin
root: own
format: {delimiter: ";", date: "%d.%m.%Y", timestamp: "%d.%m.%Y %H:%M"}
entities:
  visits:
    files: ["*"]
    replaces: days
    window: came_at
    own_columns:
      came_at: {from: Zeit, type: TIMESTAMPTZ, required: true}
      born_on: {from: Geboren, type: DATE}
      since: {from: Seit, type: MONTH}
      clock: {from: Uhr, type: TIME}
""",
    )
    lines = ["Zeit;Geboren;Seit;Uhr", "01.07.2025 00:30;24.12.1970;2020-05;7:05:00", "01.07.2025 23:59;;202006;0:00:00"]
    broken = [
        "2025-07-01 10:00;;;",
        "01.07.2025 10:00;1970-12-24;;",
        "01.07.2025 10:00;;2020-13;",
        "01.07.2025 10:00;;;25:00",
    ]
    landing.put("own/a.csv", "\n".join(lines + broken))
    (outcome,) = landing.load()
    assert (outcome.rows_kept, outcome.rows_rejected) == (2, 4), outcome.reason
    rows = landing.query(
        "SELECT CAST(epoch(came_at) AS BIGINT), born_on, since, clock, _day FROM raw.visits ORDER BY 1"
    )
    first = int(datetime(2025, 6, 30, 22, 30, tzinfo=UTC).timestamp())
    day = date(2025, 7, 1)
    assert rows == [
        (first, date(1970, 12, 24), date(2020, 5, 1), time(7, 5), day),
        (first + 84_540, None, date(2020, 6, 1), time(0, 0), day),
    ]
    reasons = [reason for (reason,) in landing.query("SELECT reason FROM raw.rejected_rows ORDER BY line")]
    assert reasons == [
        "came_at: 2025-07-01 10:00 is not a valid TIMESTAMPTZ",
        "born_on: 1970-12-24 is not a valid DATE",
        "since: 2020-13 is not a valid MONTH",
        "clock: 25:00 is not a valid TIME",
    ]
    landing.put("own/b.csv", "\n".join(lines))
    landing.load()
    assert landing.query("SELECT count(*) FROM raw.visits") == [(2,)], "the quick reading takes them too"


def test_sources_may_be_added_while_others_have_rows(landing: Landing, write_source) -> None:
    landing.land("calls/calls_2025-03-01.csv", calls("a"))
    write_source("export", GOOD)
    landing.put("export/2025-03-01.csv", calls("a", "b"))
    landing.load()
    rows = landing.query("SELECT _source, contact_id FROM raw.calls ORDER BY ALL")
    assert rows == [("export", "a"), ("export", "b"), ("hotline", "a")]
