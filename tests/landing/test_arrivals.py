"""What a file replaces, what counts as the same again, and how a file is taken back."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

from hotline.landing import WithdrawError, line_of, load, mark_built, mark_published, prepare, withdraw
from hotline.landing.converting import Converter
from hotline.landing.ledger import CACHE, placeholder, read_ledger, seal
from tests.landing.conftest import HEADER, Landing, call, calls

TICKETS = "ticket_id,opened_at,kind,cause"


def ticket(ticket_id: str, day: str, cause: str) -> str:
    return f"{ticket_id},{day} 09:00:00,complaint,{cause}"


def statuses(landing: Landing) -> list[str]:
    return [status for (status,) in landing.query("SELECT status FROM raw.load_ledger ORDER BY arrival")]


def changed_days(landing: Landing, table: str = "rebuild_days") -> list[str]:
    rows = landing.query(f"SELECT CAST(day AS VARCHAR) FROM control.{table} WHERE entity = 'calls' ORDER BY day")
    return [day for (day,) in rows]


def test_a_file_equal_to_what_counts_is_not_loaded_again(landing: Landing) -> None:
    landing.land("calls/calls_2025-03-01.csv", calls("a", "b"))
    again = landing.land("calls/copy of calls_2025-03-01.csv", calls("a", "b"))
    assert (again.status, again.rows_read) == ("unchanged", 0)
    assert "the same content as calls/calls_2025-03-01.csv" in again.reason
    assert landing.contacts() == ["a", "b"]
    assert statuses(landing) == ["loaded", "unchanged"]
    assert landing.load() == []


def test_a_file_that_is_only_touched_is_read_through_once(landing: Landing) -> None:
    file = landing.put("calls/calls_2025-03-01.csv", calls("a"))
    landing.load()
    landing.touch(file)
    (outcome,) = landing.load()
    assert outcome.status == "unchanged"
    assert landing.load() == []
    assert statuses(landing) == ["loaded"]


def test_a_b_a_ends_as_a(landing: Landing) -> None:
    for contacts in (["a1", "a2"], ["b"], ["a1", "a2"]):
        outcome = landing.land("calls/calls_2025-03-01.csv", calls(*contacts))
        assert outcome.status == "loaded"
        assert landing.contacts() == contacts
    assert statuses(landing) == ["loaded"] * 3


def test_a_b_a_under_three_names_ends_as_a(landing: Landing) -> None:
    for name, contacts in (("first", ["a1", "a2"]), ("second", ["b"]), ("third", ["a1", "a2"])):
        outcome = landing.land(f"calls/{name} 2025-03-01.csv", calls(*contacts))
        assert outcome.status == "loaded"
        assert landing.contacts() == contacts


def test_a_touched_file_that_was_replaced_counts_again(landing: Landing) -> None:
    first = landing.put("calls/first 2025-03-01.csv", calls("a"))
    landing.load()
    landing.land("calls/second 2025-03-01.csv", calls("b"))
    landing.touch(first)
    (outcome,) = landing.load()
    assert outcome.status == "loaded"
    assert landing.contacts() == ["a"]


def test_a_path_that_comes_to_hold_what_another_has_gives_up_what_it_had(landing: Landing) -> None:
    header = "employee_id,occurred_at,course"
    landing.land("people/training_a.csv", f"{header}\ne1,2025-03-01 09:00:00,safety\n")
    landing.land("people/training_b.csv", f"{header}\ne2,2025-03-01 09:00:00,safety\n")
    assert landing.land("people/training_b.csv", f"{header}\ne1,2025-03-01 09:00:00,safety\n").status == "unchanged"
    assert landing.query("SELECT employee_id FROM raw.training") == [("e1",)]
    assert landing.load() == []


def test_a_corrected_file_takes_out_the_call_that_it_lacks(landing: Landing) -> None:
    landing.land("calls/calls_2025-03-01.csv", calls("a", "b", "c"))
    landing.land("calls/calls_2025-03-02.csv", calls("z", day="2025-03-02"))
    landing.land("calls/calls_2025-03-01 corrected.csv", calls("a", "c"))
    assert landing.contacts() == ["a", "c", "z"]


def test_a_corrected_file_with_only_its_header_empties_its_day(landing: Landing) -> None:
    landing.land("calls/calls_2025-03-01.csv", calls("a"))
    landing.land("calls/calls_2025-03-02.csv", calls("z", day="2025-03-02"))
    prepare(landing.home)
    mark_built(landing.home)
    outcome = landing.land("calls/calls_2025-03-01.csv", HEADER + "\n")
    assert outcome.status == "loaded"
    assert changed_days(landing) == ["2025-02-28", "2025-03-01", "2025-03-02"]
    assert landing.contacts() == ["z"]
    days = landing.query(
        "SELECT day, rows FROM control.days WHERE source = 'hotline' AND entity = 'calls' ORDER BY day"
    )
    assert days == [(date(2025, 3, 1), 0), (date(2025, 3, 2), 1)]


def test_a_broken_correction_leaves_what_it_would_have_replaced(landing: Landing) -> None:
    landing.land("calls/calls_2025-03-01.csv", calls("a", "b"))
    assert landing.land("calls/calls_2025-03-01.csv", b"\0\0\0").status == "quarantined"
    assert landing.contacts() == ["a", "b"]
    all_bad = landing.land("calls/calls_2025-03-01.csv", "\n".join([HEADER, call("x", outcome="?")]))
    assert (all_bad.status, all_bad.rows_rejected) == ("quarantined", 1)
    assert landing.contacts() == ["a", "b"]


def test_a_file_without_a_date_replaces_the_days_between_its_first_and_last_row(landing: Landing) -> None:
    for day in ("2025-03-01", "2025-03-02", "2025-03-03", "2025-03-04"):
        landing.land(f"calls/calls_{day}.csv", calls(f"old {day}", day=day))
    landing.land("calls/late.csv", "\n".join([HEADER, call("new 1", "2025-03-01"), call("new 3", "2025-03-03")]))
    assert landing.contacts() == ["new 1", "new 3", "old 2025-03-04"]
    landing.land("calls/calls_2025-03-03.csv", calls("newest", day="2025-03-03"))
    assert landing.contacts() == ["new 1", "newest", "old 2025-03-04"]


def test_a_key_that_comes_again_counts_once_on_its_day(landing: Landing) -> None:
    header = "order_id,ordered_at,delivered_on"
    landing.land("orders/march.csv", f"{header}\np1,2025-03-30 09:00:00,2025-03-31\np2,2025-03-30 10:00:00,\n")
    landing.land("orders/april.csv", f"{header}\np2,2025-03-30 10:00:00,2025-04-02\np3,2025-04-01 10:00:00,\n")
    prepare(landing.home)
    assert landing.query("SELECT day, rows FROM control.days WHERE entity = 'orders' ORDER BY day") == [
        (date(2025, 3, 30), 2),
        (date(2025, 4, 1), 1),
    ]
    assert landing.query("SELECT order_id FROM raw.orders WHERE delivered_on IS NULL") == [("p3",)]


def test_a_key_that_moves_to_another_day_counts_there_alone(landing: Landing) -> None:
    header = "order_id,ordered_at"
    landing.land("orders/first.csv", f"{header}\np1,2025-03-30 09:00:00\np2,2025-03-31 10:00:00\n")
    landing.land("orders/second.csv", f"{header}\np1,2025-04-01 09:00:00\n")
    prepare(landing.home)
    assert landing.query("SELECT day, rows FROM control.days WHERE entity = 'orders' ORDER BY day") == [
        (date(2025, 3, 30), 0),
        (date(2025, 3, 31), 1),
        (date(2025, 4, 1), 1),
    ]


def test_a_stray_date_does_not_replace_years(landing: Landing) -> None:
    landing.land("calls/calls_2025-03-01.csv", calls("a"))
    outcome = landing.land("calls/late.csv", "\n".join([HEADER, call("x", "1999-03-01"), call("y", "2025-03-01")]))
    assert outcome.status == "quarantined"
    assert "entered_at runs from 1999-03-01 to 2025-03-01" in outcome.reason
    assert landing.contacts() == ["a"]


def test_a_month_in_the_name_covers_the_month(landing: Landing) -> None:
    landing.land("calls/calls_2025-02-28.csv", calls("february", day="2025-02-28"))
    landing.land("calls/calls_2025-03-09.csv", calls("old", day="2025-03-09"))
    landing.land("calls/calls_2025-03.csv", calls("new", day="2025-03-31"))
    assert landing.contacts() == ["february", "new"]


def test_a_row_belongs_to_the_local_day(landing: Landing) -> None:
    late_and_early = [
        call("late", entered_at="2025-03-01T15:59:59Z"),
        call("next day", entered_at="2025-03-01T16:00:00Z"),
        call("local", entered_at="2025-03-01 23:59:59"),
    ]
    outcome = landing.land("calls/calls_2025-03-01.csv", "\n".join([HEADER, *late_and_early]))
    assert (outcome.rows_kept, outcome.rows_rejected) == (2, 1)
    rows = landing.query("SELECT contact_id, CAST(_day AS VARCHAR), epoch(entered_at) FROM raw.calls ORDER BY 1")
    assert [(contact, day) for contact, day, _ in rows] == [("late", "2025-03-01"), ("local", "2025-03-01")]
    assert rows[0][2] == rows[1][2]


def test_days_change_in_both_directions_until_they_are_built(landing: Landing) -> None:
    landing.land("calls/calls_2025-03-10.csv", calls("a", day="2025-03-10"))
    landing.land("calls/calls_2025-03-20.csv", calls("b", day="2025-03-20"))
    assert changed_days(landing) == ["2025-03-10", "2025-03-20"], "before the first build every day is new"
    mark_built(landing.home)
    assert changed_days(landing) == []
    assert changed_days(landing, "unpublished_days") == ["2025-03-10", "2025-03-20"]
    mark_published(landing.home)
    assert changed_days(landing, "unpublished_days") == []
    landing.land("calls/calls_2025-03-10.csv", calls("c", day="2025-03-10"))
    assert changed_days(landing) == ["2025-03-09", "2025-03-10", "2025-03-11"]
    assert changed_days(landing, "read_days") == [f"2025-03-{day:02d}" for day in range(8, 13)]
    assert landing.contacts() == ["c"], "the view gives the days that are read, and no others"
    prepare(landing.home, full=True)
    with duckdb.connect(str(landing.home.warehouse)) as connection:
        assert connection.execute("SELECT count(*) FROM raw.calls").fetchone() == (2,)


def test_equal_keys_in_later_files_replace_earlier_rows(landing: Landing) -> None:
    lines = [TICKETS, ticket("t1", "2025-03-01", "old"), ticket("t2", "2025-03-05", "old")]
    landing.land("tickets/first.csv", "\n".join(lines))
    rows = "SELECT ticket_id, cause, CAST(_day AS VARCHAR) FROM raw.tickets ORDER BY 1"
    assert landing.query(rows) == [("t1", "old", "2025-03-01"), ("t2", "old", "2025-03-05")]
    mark_built(landing.home)
    landing.land("tickets/second.csv", "\n".join([TICKETS, ticket("t2", "2025-03-20", "new")]))
    days = landing.query(
        "SELECT DISTINCT CAST(day AS VARCHAR) FROM control.changed_days WHERE entity = 'tickets' ORDER BY 1"
    )
    assert [day for (day,) in days] == ["2025-03-05", "2025-03-20"]
    assert landing.query(rows) == [("t1", "old", "2025-03-01"), ("t2", "new", "2025-03-20")], "all rows, also unchanged"


def test_rows_of_keys_are_those_of_a_fresh_warehouse_after_any_files_and_withdrawals(landing: Landing) -> None:
    """The table of rows that count is added to; made anew from all files it is the same."""
    draw = random.Random(3)
    rows = "SELECT * EXCLUDE _row_number FROM raw.tickets ORDER BY ALL"
    landed: list[str] = []
    withdrawn: set[str] = set()
    for step in range(24):
        if landed and draw.random() < 0.3:
            file = draw.choice(landed)
            withdraw(landing.home, file, undo=file in withdrawn)
            withdrawn ^= {file}
        else:
            landed.append(f"tickets/file {step}.csv")
            some = draw.sample(range(1, 9), draw.randint(1, 3))
            lines = [ticket(f"t{n}", f"2025-03-0{draw.randint(1, 9)}", f"as of {step}") for n in some]
            landing.put(landed[-1], "\n".join([TICKETS, *lines]))
            landing.load()
        if draw.random() < 0.35:
            known = landing.query(rows)
            landing.home.warehouse.unlink()
            assert landing.query(rows) == known
        if draw.random() < 0.5:
            landing.query(rows)


def test_days_of_replaced_rows_are_told_until_they_are_built(landing: Landing) -> None:
    landing.land("tickets/first.csv", "\n".join([TICKETS, ticket("t1", "2025-03-05", "old")]))
    landing.query("SELECT 1")
    mark_built(landing.home)
    landing.land("tickets/second.csv", "\n".join([TICKETS, ticket("t1", "2025-03-20", "new")]))
    changed = "SELECT CAST(day AS VARCHAR) FROM control.changed_days ORDER BY 1"
    for _ in range(2):
        assert landing.query(changed) == [("2025-03-05",), ("2025-03-20",)], "also when the build did not end"
    mark_built(landing.home)
    assert landing.query(changed) == []


def test_a_day_that_changed_in_one_entity_is_made_again_from_all_that_own_days(landing: Landing) -> None:
    for day in ("2025-03-10", "2025-03-20"):
        landing.land(f"calls/calls_{day}.csv", calls(day, day=day))
        landing.land(f"agent_events/agent_events_{day}.csv", f"agent_id,occurred_at,state\na,{day} 09:00:00,ready\n")
    landing.query("SELECT 1")
    mark_built(landing.home)
    landing.land("agent_events/again_2025-03-10.csv", "agent_id,occurred_at,state\nb,2025-03-10 09:00:00,ready\n")
    assert landing.contacts() == ["2025-03-10"]
    assert landing.query("SELECT agent_id FROM raw.agent_events") == [("b",)]
    days = landing.query("SELECT entity, CAST(day AS VARCHAR) FROM control.rebuild_days WHERE day = '2025-03-11'")
    assert {entity for entity, _ in days} >= {"calls", "agent_events", "agent_schedules"}
    assert "tickets" not in {entity for entity, _ in days}


def test_an_entity_that_owns_no_days_takes_no_day_out_of_the_others(landing: Landing) -> None:
    landing.land("calls/calls_2025-03-10.csv", calls("a", day="2025-03-10"))
    landing.query("SELECT 1")
    mark_built(landing.home)
    landing.land("tickets/first.csv", "\n".join([TICKETS, ticket("t1", "2025-03-10", "old")]))
    assert landing.query("SELECT entity FROM control.changed_days") == [("tickets",)]
    assert landing.query("FROM control.rebuild_days") == [], "calls of the day are neither deleted nor read"


def test_what_lasts_bears_on_all_days_after_it_and_the_first_on_those_before(landing: Landing) -> None:
    def employees(day: str, team: str) -> None:
        text = f"employee_id,as_of,hired_on,team\ne1,{day},2024-01-01,{team}\n"
        landing.land(f"people/employees_{day}.csv", text)

    def rebuilt() -> list[int]:
        rows = landing.query("SELECT DISTINCT CAST(day AS VARCHAR) FROM control.rebuild_days WHERE entity = 'calls'")
        mark_built(landing.home)
        return sorted(int(day[-2:]) for (day,) in rows)

    for day in (10, 20, 28):
        landing.land(f"calls/calls_2025-03-{day}.csv", calls("a", day=f"2025-03-{day}"))
    rebuilt()
    employees("2025-03-12", "red")
    assert rebuilt() == [9, 10, 11, 19, 20, 21, 27, 28, 29], "the first record holds for the days before it too"
    employees("2025-03-25", "blue")
    assert rebuilt() == [27, 28, 29]
    employees("2025-03-15", "green")
    assert rebuilt() == [19, 20, 21, 27, 28, 29]
    assert rebuilt() == []


def test_the_first_file_of_keys_again_counts_only_when_a_later_one_replaced_its_keys(landing: Landing) -> None:
    first = "\n".join([TICKETS, ticket("t1", "2025-03-01", "old")])
    landing.land("tickets/first.csv", first)
    landing.land("tickets/second.csv", "\n".join([TICKETS, ticket("t2", "2025-03-01", "old")]))
    assert landing.land("tickets/first again.csv", first).status == "unchanged"
    landing.land("tickets/third.csv", "\n".join([TICKETS, ticket("t1", "2025-03-01", "new")]))
    assert landing.land("tickets/first once more.csv", first).status == "loaded"
    assert landing.query("SELECT ticket_id, cause FROM raw.tickets ORDER BY 1") == [("t1", "old"), ("t2", "old")]


def test_where_nothing_is_replaced_equal_rows_stay_and_are_reported(landing: Landing) -> None:
    lines = ["employee_id,occurred_at,course", *["e1,2025-03-01 09:00:00,safety"] * 3]
    outcome = landing.land("people/training_a.csv", "\n".join(lines))
    assert (outcome.rows_kept, outcome.rows_duplicate) == (3, 0)
    assert "2 rows equal another in every value; kept" in outcome.reason
    landing.land("people/training_b.csv", "\n".join([*lines[:2], "e2,2025-03-01 09:00:00,safety"]))
    assert landing.query("SELECT count(*) FROM raw.training") == [(5,)]


def test_withdrawing_brings_back_the_earlier_version_and_undo_takes_it_away_again(landing: Landing) -> None:
    landing.land("calls/calls_2025-03-01.csv", calls("good"))
    wrong = landing.put("calls/calls_2025-03-01 corrected.csv", calls("wrong"))
    landing.load()
    landing.query("SELECT 1")
    mark_built(landing.home)
    entry = withdraw(landing.home, "calls/calls_2025-03-01 corrected.csv")
    assert entry.withdrawn
    assert changed_days(landing) == ["2025-02-28", "2025-03-01", "2025-03-02"]
    assert landing.contacts() == ["good"]
    assert statuses(landing) == ["loaded", "withdrawn"]
    assert landing.load() == [], "the same content is not loaded again"
    landing.touch(wrong)
    assert [outcome.status for outcome in landing.load()] == ["unchanged"]
    again = landing.land("calls/2025-03-01 under another name.csv", calls("wrong"))
    assert again.status == "unchanged"
    assert "withdrawn" in again.reason
    assert landing.contacts() == ["good"]
    withdraw(landing.home, wrong, undo=True)
    assert landing.contacts() == ["wrong"]


def test_withdrawing_the_only_file_of_a_day_leaves_the_day_empty(landing: Landing) -> None:
    landing.land("calls/calls_2025-03-01.csv", calls("a"))
    landing.land("calls/calls_2025-03-02.csv", calls("b", day="2025-03-02"))
    withdraw(landing.home, "calls/calls_2025-03-01.csv")
    assert landing.contacts() == ["b"]


def test_a_withdrawal_that_is_not_clear_is_refused(landing: Landing) -> None:
    landing.land("calls/calls_2025-03-01.csv", calls("a"))
    landing.land("calls/empty.csv", b"")
    for file, undo, reason in (
        ("calls/other.csv", False, "no such file was ever loaded"),
        ("calls/empty.csv", False, "has no rows to withdraw (quarantined: the file is empty"),
        ("calls/calls_2025-03-01.csv", True, "is not withdrawn"),
    ):
        with pytest.raises(WithdrawError, match=file.replace(".", r"\.")) as error:
            withdraw(landing.home, file, undo)
        assert reason in str(error.value)
    withdraw(landing.home, "calls/calls_2025-03-01.csv")
    with pytest.raises(WithdrawError, match="is withdrawn already"):
        withdraw(landing.home, "calls/calls_2025-03-01.csv")


def test_changes_of_the_header_are_noticed(landing: Landing) -> None:
    assert "optional columns absent: visit_no" in landing.land("calls/calls_2025-03-01.csv", calls("a")).reason
    assert landing.land("calls/calls_2025-03-02.csv", calls("b", day="2025-03-02")).reason == ""
    moved = "channel,contact_id,direction,queue,entered_at,left_at,outcome,mood"
    row = "phone,c,inbound,sales,2025-03-03 10:00:00,2025-03-03 10:00:00,answered,fine"
    reason = landing.land("calls/calls_2025-03-03.csv", f"{moved}\n{row}\n").reason
    assert reason == "columns new since the last file: mood; columns in another order than in the last file"
    assert landing.query("SELECT contact_id, channel FROM raw.calls WHERE contact_id = 'c'") == [("c", "phone")]
    reason = landing.land("calls/calls_2025-03-04.csv", calls("d", day="2025-03-04")).reason
    assert reason == "columns gone since the last file: mood; columns in another order than in the last file"


def test_every_line_can_be_found_again(landing: Landing) -> None:
    landing.land("calls/calls_2025-03-01.csv", calls("a", "b"))
    broken = [HEADER, call("c"), call("bad", outcome="x"), "", call("d", queue='"two\nlines"'), call("e")]
    landing.land("calls/calls_2025-03-02.csv", "\n".join(broken).replace("2025-03-01", "2025-03-02"))
    rows = landing.query("SELECT contact_id, _file_id, _row_number FROM raw.calls ORDER BY contact_id")
    lines = {contact: line_of(landing.home, file_id, number) for contact, file_id, number in rows}
    assert lines == {"a": 2, "b": 3, "c": 2, "d": 5, "e": 7}
    with pytest.raises(KeyError):
        line_of(landing.home, "hotline/calls/00000099-000000000000", 0)
    with pytest.raises(IndexError):
        line_of(landing.home, rows[0][1], 2)


def test_the_ledger_stands_in_the_raw_files_themselves(landing: Landing) -> None:
    landing.land("calls/calls_2025-03-01.csv", "\n".join([*calls("a", "b").splitlines(), call("bad", outcome="x")]))
    landing.land("calls/empty.csv", b"")
    before = read_ledger(landing.home).entries
    (landing.home.raw / CACHE).unlink()
    landing.home.warehouse.unlink(missing_ok=True)
    assert read_ledger(landing.home).entries == before
    assert landing.load() == []
    assert landing.contacts() == ["a", "b"]
    assert landing.query("SELECT count(*) FROM raw.rejected_rows") == [(1,)]
    for entry in before:
        metadata = pyarrow.parquet.ParquetFile(entry.raw_path(landing.home)).metadata.metadata
        assert metadata[b"hotline"].decode().rstrip() == entry.text, "other readers of Parquet see it too"


@pytest.mark.parametrize("length", [*range(60, 200), 2**13, 2**14 - 1, 2**14, 2**14 + 64, 2**16])
def test_the_entry_takes_its_place_whatever_its_length(tmp_path: Path, length: int) -> None:
    path, reserved = tmp_path / "raw.parquet", placeholder(length)
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS a) TO '{path}' (FORMAT parquet, KV_METADATA {{hotline: '{reserved}'}})")
        text = '{"a":"数据"}'
        assert seal(path, reserved, text)
        values = connection.execute(f"SELECT decode(value) FROM parquet_kv_metadata('{path}')").fetchall()
        assert connection.execute(f"FROM '{path}'").fetchall() == [(1,)]
    assert values == [(text + " " * (length - len(text.encode())),)]
    assert not seal(path, reserved, "x" * (length + 1)), "what is too long is left to be written anew"


def test_a_ledger_entry_that_outgrows_its_place_is_written_anew(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Converter, "_days_to_expect", lambda converter: 0)
    months = [call(f"c{month}-{day}", f"2024-{month:02d}-{day:02d}") for month in range(1, 13) for day in range(1, 29)]
    name = "x" * 200 + ".csv"
    outcome = landing.land(f"calls/{name}", "\n".join([HEADER, *months, *months[:1]]))
    assert (outcome.rows_kept, outcome.rows_duplicate) == (12 * 28, 1), outcome.reason
    (entry,) = read_ledger(landing.home).entries
    assert entry.path == f"calls/{name}"
    assert sum(entry.day_rows) == entry.rows_kept
    assert landing.query("SELECT count(*), count(DISTINCT _day) FROM raw.calls") == [(12 * 28, 12 * 28)]


def test_raw_text_of_personal_rows_stays_in_quarantine(landing: Landing) -> None:
    header = "employee_id,as_of,hired_on,name"
    outcome = landing.land(
        "people/employees_2025.csv", f"{header}\ne1,2025-03-01,2020-01-01,Li\ne2,never,2020-01-01,Wang\n"
    )
    assert (outcome.rows_kept, outcome.rows_rejected) == (1, 1)
    assert landing.query("SELECT line, column_name, raw_text FROM raw.rejected_rows") == [(3, "as_of", None)]
    holding = [path for path in landing.home.root.rglob("*") if path.is_file() and b"Wang" in path.read_bytes()]
    places = {path.relative_to(landing.home.root).parts[0] for path in holding}
    assert places == {"landing", "quarantine"}
    assert landing.home.quarantine.stat().st_mode & 0o777 == 0o700


def test_files_written_under_an_older_contract_are_still_read(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = landing.put("calls/calls_2025-03-01.csv", calls("a"))
    landing.load()
    file.unlink()
    (entry,) = read_ledger(landing.home).entries
    raw = entry.raw_path(landing.home)
    with duckdb.connect() as connection:
        kept = raw.with_suffix(".kept")
        metadata = entry.text.replace(entry.fingerprint, "of another day").replace("'", "''")
        connection.execute(
            f"COPY (SELECT * EXCLUDE (is_simulated, place) FROM '{raw}') TO '{kept}'"
            f" (FORMAT parquet, KV_METADATA {{hotline: '{metadata}'}})"
        )
        kept.rename(raw)
    (landing.home.raw / CACHE).unlink()
    landing.land("calls/calls_2025-03-02.csv", calls("b", day="2025-03-02"))
    assert landing.query("SELECT contact_id, is_simulated, place FROM raw.calls ORDER BY 1") == [
        ("a", None, None),
        ("b", None, None),
    ]


def test_a_new_value_map_brings_in_rows_that_were_rejected(landing: Landing, write_source) -> None:
    source = """
name: export
time_zone: Asia/Shanghai
root: export
entities:
  calls:
    files: ["*{{date}}*"]
    replaces: days
    values: {{outcome: {{done: answered{more}}}}}
"""
    write_source("export", source.format(more=""))
    content = "\n".join([HEADER, call("a", outcome="done"), call("b", outcome="left")])
    landing.put("export/2025-03-01.csv", content)
    assert [outcome.rows_rejected for outcome in landing.load()] == [1]
    write_source("export", source.format(more=", left: abandoned"))
    assert [(outcome.rows_kept, outcome.rows_rejected) for outcome in landing.load()] == [(2, 0)]
    assert landing.query("SELECT contact_id, outcome FROM raw.calls ORDER BY 1") == [
        ("a", "answered"),
        ("b", "abandoned"),
    ]
    assert landing.load() == []


def test_progress_is_told_file_by_file(landing: Landing) -> None:
    for day in range(1, 6):
        landing.put(f"calls/calls_2025-03-0{day}.csv", calls("a", day=f"2025-03-0{day}"))
    told: list[tuple[str, int, int]] = []
    landing.load(on_progress=lambda outcome, done, total: told.append((outcome.path, done, total)))
    assert [path for path, _, _ in told] == [f"calls/calls_2025-03-0{day}.csv" for day in range(1, 6)]
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1][1] == told[-1][2]


def test_a_source_is_read_from_another_folder(landing: Landing, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "calls").mkdir(parents=True)
    (elsewhere / "calls" / "calls_2025-03-01.csv").write_text(calls("a"))
    assert [outcome.status for outcome in load(landing.home, {"hotline": elsewhere})] == ["loaded"]
    other_landing = tmp_path / "other"
    (other_landing / "calls").mkdir(parents=True)
    (other_landing / "calls" / "calls_2025-03-02.csv").write_text(calls("b", day="2025-03-02"))
    assert [outcome.status for outcome in load(landing.home, landing=other_landing)] == ["loaded"]
    assert landing.contacts() == ["a", "b"]
    assert list(landing.home.landing.iterdir()) == []
