"""The bank's log of 1999: what was published about it comes out of the marts, by the queries in the documents."""

from __future__ import annotations

import csv
import re

import pytest
from click.testing import CliRunner

from hotline import building, publishing
from hotline.cli import main
from hotline.explain import explain
from hotline.home import PROJECT
from tests.models.conftest import Centre

ANALYSTS = PROJECT / "docs" / "analysts.md"
BLOCKS = re.findall(r"(<!-- [^>]* -->\n)?```sql\n(.*?)```", ANALYSTS.read_text(encoding="utf-8"), re.S)


def documented(comment: str) -> str:
    """The one SQL block below that comment."""
    (block,) = [sql for marker, sql in BLOCKS if comment in marker]
    return block


def published(sql: str) -> str:
    return sql.replace("marts.", "operations.marts.")


def test_every_unit_test_of_a_model_passes(bank: Centre, manifest: dict) -> None:
    result = building.check_formulas(bank.home)
    assert {node.unique_id for node in result.nodes if node.kind == "unit_test"} == set(manifest["unit_tests"])
    assert result.success, result.report()


@pytest.fixture(scope="module")
def published_row(bank: Centre, real_data) -> list[float]:
    """The 24 numbers as the data's own notes print them."""
    notes = (real_data / "README.md").read_text(encoding="utf-8")
    numbers = re.search(r"divided by 4:\n((?:[\d.]+ ){23}[\d.]+);", notes)[1]
    return [float(number) for number in numbers.split()]


def test_the_documented_query_gives_the_published_wednesdays(bank: Centre, published_row: list[float]) -> None:
    rows = bank.query(published(documented("the bank's February Wednesdays")))
    assert [hour for hour, _ in rows] == list(range(24))
    assert [float(calls) for _, calls in rows] == published_row
    assert published_row[:3] == [6.75, 1.75, 1.25]


def test_the_document_prints_what_its_query_gives(published_row: list[float]) -> None:
    printed = re.findall(r"^\| calls \|(.*)\|$", ANALYSTS.read_text(encoding="utf-8"), re.M)
    assert [float(number) for row in printed for number in row.split("|")] == published_row


@pytest.mark.parametrize("sql", [sql for _, sql in BLOCKS])
def test_every_documented_query_runs_and_finds_something(bank: Centre, sql: str) -> None:
    assert bank.query(published(sql))


def test_the_documented_export_runs_and_writes_every_contact_of_its_days(
    built_centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((query, file),) = re.findall(
        r'```sh\nhotline sql --format csv "\n(.*?)" > (\S+)\n```', ANALYSTS.read_text(encoding="utf-8"), re.S
    )
    assert file.endswith(".csv")
    # What would be the current release; nothing has to be published for it.
    monkeypatch.setattr(publishing, "current_release", lambda home: built_centre.home)
    done = CliRunner().invoke(main, ["sql", "--format", "csv", query])
    assert done.exit_code == 0, done.output
    header, *rows = csv.reader(done.output.splitlines())
    assert {"contact_id", "handle_seconds", "team_id", "ticket_id", "is_resolved_7_days"} <= set(header)
    ((contacts,),) = built_centre.query("select count(*) from operations.marts.fct_contact")
    assert len(rows) == contacts


def test_calls_and_outcomes_are_those_of_the_log(bank: Centre) -> None:
    counts = bank.query(
        "select month(entered_local), source_outcome, sum(visits) from operations.marts.fct_contact"
        " group by all order by all"
    )
    assert counts == [
        *((1, "AGENT", 27_060), (1, "HANG", 4_299), (1, "PHANTOM", 240)),
        *((2, "AGENT", 27_162), (2, "HANG", 5_904), (2, "PHANTOM", 278)),
    ]
    read = bank.query("select path, rows_read, rows_kept from operations.marts.load_ledger order by path")
    assert read == [("february.txt", 33_344, 33_344), ("january.txt", 31_599, 31_599)]


def test_the_decision_log_quotes_what_the_marts_say(bank: Centre) -> None:
    log = (PROJECT / "DECISIONLOG.md").read_text(encoding="utf-8")
    fact = "operations.marts.fct_queue_visit"
    regular = "from operations.marts.service_level_by_day where queue = 'regular'"
    february = f"{regular} and day_local >= date '1999-02-01'"
    for quoted, sql in {
        "3,139 calls": f"select count(*) from {fact} where outcome = 'left_in_self_service'",
        "981 AGENT": f"select count(*) from {fact} where outcome = 'answered' and agent_id = 'bank_1999/unknown'",
        "58 calls": f"select count(*) from {fact} where has_clock_fault",
        "bank's 92 answered": f"select count(*) from {fact} where outcome = 'answered' and talk_seconds is null",
        "26,541 calls": f"select count(*) from {fact} where outcome = 'answered' and wait_seconds = 0",
        "`outbound_attempts` 1,974": "select sum(outbound_attempts) from operations.marts.service_level_by_day",
        "`outbound_reached` 1,836": "select sum(outbound_reached) from operations.marts.service_level_by_day",
        "11,079 / 20,027 = 55.3 %": f"select sum(answered_within_target) {february}",
        "659,092 s / 18,349": f"select sum(wait_seconds_answered) {february}",
        "183.4 s": f"select round(avg(talk_seconds), 1) from {fact} where is_answered",
        "38.6 s": f"select round(avg(wait_seconds), 1) from {fact} where is_answered",
    }.items():
        ((value,),) = bank.query(sql)
        assert quoted in log
        assert f"{value:,}" in quoted


def test_the_call_that_queued_on_the_stroke_of_midnight_stands_on_the_new_day(bank: Centre) -> None:
    rows = bank.query(
        "select arrival_on, cast(interval_start_local as varchar), wait_seconds, cast(left_local as varchar)"
        " from operations.marts.fct_queue_visit where contact_id = '1999-02-15/AA0102/31056'"
    )
    assert [(str(day), *rest) for day, *rest in rows] == [
        ("1999-02-16", "1999-02-16 00:00:00", 27, "1999-02-16 00:01:33")
    ]


def test_a_number_of_the_bank_is_explained_down_to_the_lines_of_its_file(bank: Centre, real_data) -> None:
    answer = explain(
        bank.home,
        "service_level_abandons_counted",
        queue="stock_trading",
        interval="1999-02-03 13:15",
        source="bank_1999",
    )
    assert answer.agrees
    assert len(answer.rows) == answer.denominator == 2
    for visit in answer.rows:
        day, line, number = visit.values["contact_id"].split("/")
        text = (
            (real_data / "bank_1999" / visit.path).read_text(encoding="ascii").splitlines()[visit.line - 1].split("\t")
        )
        assert (text[0], text[1], text[5]) == (line, number, day[2:].replace("-", ""))
