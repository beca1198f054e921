"""From landed files to a release, and what keeps a release back."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from expectations import results
from hotline.locking import writer_lock
from hotline.progress import RunRecord
from hotline.publishing import current_release, releases

from .conftest import Line, differing_contents, touch_later


def rows_of(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def ring_for_days(file: Path) -> None:
    """Let every phone of a file ring for eleven days: the contract allows it, the expectations do not."""
    header, *rows = (row.split(",") for row in file.read_text().splitlines())
    ring = header.index("ring_seconds")
    for row in rows:
        row[ring] = "950400"
    touch_later(file, "".join(",".join(row) + "\n" for row in (header, *rows)))


def test_a_run_publishes_every_landed_row(published: Line) -> None:
    landed = sum(len(rows_of(file.read_text())) - 1 for file in published.calls())
    assert published.ask("select count(*) from marts.fct_queue_visit") == [(landed,)]
    assert published.ask(
        "select sum(rows_read), sum(rows_kept + rows_rejected + rows_duplicate) from marts.load_ledger "
        "where entity = 'calls'"
    ) == [(landed, landed)]


def test_a_run_before_anything_landed_says_what_to_do_and_publishes_nothing(empty_line: Line) -> None:
    assert f"Nothing has landed in {empty_line.home.landing} yet" in empty_line.ok("run")
    assert releases(empty_line.home) == []


def test_a_second_run_without_news_publishes_nothing_and_says_so(line: Line) -> None:
    before = current_release(line.home).id
    output = line.ok("run")
    assert f"Nothing new since release {before}" in output
    assert [release.id for release in releases(line.home)] == [before]


@pytest.mark.soak
def test_days_that_land_one_after_the_other_give_the_tables_of_all_at_once(empty_line: Line, published: Line) -> None:
    last = published.calls()[-1].stem.removeprefix("calls_")
    landing = empty_line.home.landing

    def of_last_day(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if last in name]

    shutil.copytree(published.home.landing, landing, dirs_exist_ok=True, ignore=of_last_day)
    empty_line.ok("run")
    shutil.copytree(published.home.landing, landing, dirs_exist_ok=True)
    empty_line.ok("run")
    assert len(releases(empty_line.home)) == 2
    assert differing_contents(published.contents(), empty_line.contents()) == set()


def test_a_call_that_a_correction_lacks_and_a_day_that_one_empties_are_gone_from_every_mart(line: Line) -> None:
    corrected, emptied = line.calls()[1:3]
    text = rows_of(corrected.read_text())
    gone = text.pop(10).split(",")[0]
    count = line.ask("select count(*) from marts.fct_queue_visit")[0][0]
    left_out = 1 + len(rows_of(emptied.read_text())) - 1
    touch_later(corrected, "".join(text))
    touch_later(emptied, rows_of(emptied.read_text())[0])
    line.ok("run")
    assert line.ask("select count(*) from marts.fct_queue_visit") == [(count - left_out,)]
    for table in ("fct_queue_visit", "fct_contact"):
        assert line.ask(f"select count(*) from marts.{table} where contact_id = '{gone}'") == [(0,)], table
    assert line.ask("select sum(offered) from marts.service_level_by_day") == line.ask(
        "select count(*) from marts.fct_queue_visit where is_offered"
    )
    day = emptied.stem.removeprefix("calls_")
    for table, column in (
        ("fct_queue_visit", "arrival_on"),
        ("service_level_by_day", "day_local"),
        ("service_level_by_interval", "day_local"),
        ("waits_by_day", "day_local"),
    ):
        assert line.ask(f"select count(*) from marts.{table} where {column} = '{day}'") == [(0,)], table


def test_a_then_b_then_a_again_ends_as_a(line: Line) -> None:
    file = line.calls()[3]
    a = file.read_text()
    before = line.contents()
    touch_later(file, "".join(rows_of(a)[:-7]))
    line.ok("run")
    assert line.contents() != before
    touch_later(file, a)
    line.ok("run")
    assert differing_contents(before, line.contents()) == {"operations.load_ledger"}
    assert line.ask("select count(*) from marts.load_ledger where path like ?".replace("?", f"'%{file.name}'")) == [
        (3,)
    ]


def test_withdrawing_a_file_takes_it_out_and_undo_brings_it_back(line: Line) -> None:
    before = line.contents()
    file = line.calls()[-1]
    day = file.stem.removeprefix("calls_")
    assert "next run" in line.ok("withdraw", f"calls/{file.name}")
    line.ok("run")
    assert line.ask(f"select count(*) from marts.service_level_by_day where day_local = '{day}'") == [(0,)]
    line.ok("withdraw", "--undo", f"calls/{file.name}")
    line.ok("run")
    assert differing_contents(before, line.contents()) == set()


def test_rebuild_gives_the_same_tables(line: Line) -> None:
    before = line.contents()
    first = current_release(line.home).id
    line.ok("rebuild")
    assert current_release(line.home).id > first
    assert differing_contents(before, line.contents()) == set()


def test_a_failed_expectation_blocks_says_what_it_saw_and_leaves_the_last_release(line: Line) -> None:
    before = current_release(line.home).id
    ring_for_days(line.calls()[-1])
    result = line.run("run")
    assert result.exit_code == 1
    assert "saw" in result.output
    assert "expected" in result.output
    assert f"Readers still see release {before}" in result.output
    assert current_release(line.home).id == before
    assert line.run("run").exit_code == 1, "what blocked once blocks until somebody decides"
    status = line.run("status")
    assert status.exit_code == 1
    assert re.search(r"keeps? the next release back", status.output)
    line.ok("accept", "*", "--reason", "All lines were down on that day")
    line.ok("run")
    assert current_release(line.home).id > before
    assert line.ask("select count(*) from marts.check_results where status = 'accepted'")[0][0] > 0


def test_a_correction_lifts_the_block_without_anybody_accepting(line: Line) -> None:
    file = line.calls()[-1]
    text = file.read_text()
    ring_for_days(file)
    assert line.run("run").exit_code == 1
    touch_later(file, text)
    line.ok("run")
    assert line.ok("status")


def test_a_failed_model_blocks_and_is_named_with_its_message(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    from hotline import building

    before = current_release(line.home).id
    touch_later(line.calls()[0], "".join(rows_of(line.calls()[0].read_text())[:-1]))
    node = building.Node("model.hotline.x", "x", "model", "error", 0.1, "Binder Error: no column y", "models/x.sql")
    monkeypatch.setattr(building, "_run", lambda *arguments: (node,))
    result = line.run("run")
    assert result.exit_code == 1
    assert "model x (models/x.sql): Binder Error: no column y" in result.output
    assert current_release(line.home).id == before
    monkeypatch.undo()
    os.environ["HOTLINE_DATA"] = str(line.home.root)
    line.ok("run")
    assert current_release(line.home).id > before


def test_a_source_description_with_a_mistake_is_told_in_words_and_nothing_else(line: Line) -> None:
    (line.home.sources / "mine.yml").write_text("name: mine\nnonsense: 1\n")
    result = line.run("run")
    assert result.exit_code == 1
    assert "mine.yml" in result.output
    assert "'nonsense' was unexpected" in result.output
    assert "SourceError" not in result.output
    assert "trace" not in result.output


def test_a_fault_of_the_program_is_named_and_its_trace_kept(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("hotline.landing.load", fault)
    result = line.run("run")
    assert result.exit_code == 1
    assert "! landing: ZeroDivisionError: by zero" in result.output
    assert "in fault" in (line.home.build / "logs" / "last_error.txt").read_text()


def test_rollback_holds_until_there_is_news(line: Line) -> None:
    first = current_release(line.home).id
    count = line.ask("select count(*) from marts.fct_queue_visit")
    touch_later(line.calls()[0], "".join(rows_of(line.calls()[0].read_text())[:-1]))
    line.ok("run")
    second = current_release(line.home).id
    assert first in line.ok("rollback")
    assert line.ask("select count(*) from marts.fct_queue_visit") == count
    assert "Nothing new" in line.ok("run")
    assert current_release(line.home).id == first
    listed = line.ok("releases")
    assert re.search(rf"^\* {first}", listed, re.MULTILINE)
    assert f"went back from {second}" in listed
    touch_later(line.calls()[0], "".join(rows_of(line.calls()[0].read_text())[:-1]))
    line.ok("run")
    assert current_release(line.home).id > second


def test_a_file_that_cannot_be_read_is_told_with_its_own_exit_status(line: Line) -> None:
    (line.home.landing / "calls" / "calls_2020-01-01.csv").write_bytes(bytes(range(256)) * 40)
    result = line.run("run")
    assert result.exit_code == 3, result.output
    assert "calls_2020-01-01.csv" in result.output
    assert line.ask("select count(*) from marts.load_ledger where status <> 'loaded'") == [(1,)]
    assert "Nothing new" in line.ok("run"), "it was told; it stands in the ledger"


def test_a_second_run_at_the_same_time_is_refused_with_who_holds_the_lock(line: Line) -> None:
    script = """
import sys
from hotline.home import Home
from hotline.locking import writer_lock
with writer_lock(Home.default(), "a long load"):
    print("held", flush=True)
    sys.stdin.read()
"""
    holder = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        holder.stdout.readline()
        result = line.run("run")
        assert result.exit_code == 1
        assert f"process {holder.pid} (a long load, since" in result.output
        assert line.run("releases").exit_code == 0
        assert line.run("sql", "from marts.operations_build").exit_code == 0
    finally:
        holder.kill()
        holder.wait()
    with writer_lock(line.home, "test"):
        pass


def test_another_landing_folder_and_another_root_of_a_source_are_read(empty_line: Line, published: Line) -> None:
    assert empty_line.run("run", "--source", "nonsense").exit_code == 2
    elsewhere = empty_line.home.root.parent / "elsewhere"
    shutil.copytree(published.home.landing, elsewhere)
    empty_line.ok("run", "--landing", str(elsewhere))
    assert empty_line.ask("select count(*) from marts.fct_queue_visit") == published.ask(
        "select count(*) from marts.fct_queue_visit"
    )


def test_full_checks_test_all_days(line: Line) -> None:
    assert "tests on all days" in line.ok("run", "--full-checks")


def test_status_tells_files_run_and_release_also_before_the_first(line: Line, empty_line: Line) -> None:
    text = line.ok("status")
    assert current_release(line.home).id in text
    assert "went well" in text
    assert "nothing yet" in empty_line.ok("status")
    assert RunRecord.read(line.home).success


def test_docs_are_pages_that_need_no_network(line: Line) -> None:
    output = line.ok("docs")
    kpis = (line.home.data_docs / "kpis.html").read_text()
    assert str(line.home.data_docs / "models.html") in output
    assert "service_level_abandons_counted" in kpis
    assert "服务水平" in kpis
    for page in ("kpis.html", "models.html"):
        text = (line.home.data_docs / page).read_text()
        assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=\"?https?://[^>]*>", text), page


def test_names_and_pay_of_employees_are_in_the_people_file_and_nowhere_else(published: Line) -> None:
    home = published.home
    records = [
        row
        for file in (home.landing / "people").glob("employees_*.csv")
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    ]
    names, pays = ({row[column] for row in records if row[column]} for column in ("name", "monthly_pay"))
    people = home.current / "people" / "people.duckdb"
    assert {name for (name,) in published.ask("select distinct name from marts.dim_employee", people)} == names
    own = {"landing", "raw", "quarantine"}  # what HR handed in, and what only its owner reads
    looked_at = 0
    for path in home.root.rglob("*"):
        if path.is_symlink() or not path.is_file() or path.relative_to(home.root).parts[0] in own:
            continue
        if path.name.startswith("people.duckdb"):
            continue
        looked_at += 1
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                columns = connection.execute(
                    "select schema_name, table_name, column_name, data_type from duckdb_columns() semi join"
                    " duckdb_tables() using (database_name, schema_name, table_name) where not internal"
                ).fetchall()
                for schema, table, column, kind in columns:
                    assert column not in ("birth_on", "monthly_pay", "market_pay"), f"{path}: {table}.{column}"
                    if kind == "VARCHAR":
                        found = connection.execute(
                            f'select "{column}" from {schema}."{table}" where "{column}" = any($1) limit 1',
                            [sorted(names | pays)],
                        ).fetchall()
                        assert found == [], f"{path}: {table}.{column}"
        else:
            content = path.read_bytes()
            assert [text for text in (*names, *pays) if text.encode() in content] == [], path
    assert looked_at > 20


def test_what_hr_hands_in_and_what_is_published_of_it_is_judged(published: Line) -> None:
    judged = {outcome.suite for outcome in results.read(published.home)}
    assert {"employees", "attendance", "fct_employee_month", "turnover_by_month"} <= judged


def test_a_number_is_explained_down_to_its_calls(line: Line) -> None:
    assert "service_level_abandons_counted" in line.ok("explain").splitlines()
    queue = line.ask("select any_value(queue) from marts.service_level_by_day where offered > 0")[0][0]
    text = line.ok("explain", "abandonment_rate", "--queue", queue)
    assert "Recount" in text
    assert "calls/calls_" in text
    result = line.run("explain", "no_such_measure")
    assert result.exit_code == 1
    assert "no such measure; there are:" in result.output


def test_sql_reads_the_release_and_cannot_write_or_leave_it(line: Line) -> None:
    rows = line.ok("sql", "--format", "json", "select count(*) as visits from marts.fct_queue_visit")
    assert json.loads(rows)["visits"] == line.ask("select count(*) from marts.fct_queue_visit")[0][0]
    assert line.ok("sql", "--format", "csv", "select 1 as a, 'x,y' as b") == 'a,b\n1,"x,y"\n'
    for query in (
        "delete from marts.fct_contact",
        f"attach '{line.home.people}'",
        "copy marts.fct_contact to 'x.csv'",
        "from read_csv('/etc/passwd')",
        "set enable_external_access = true",
    ):
        result = line.run("sql", query)
        assert result.exit_code == 1, query
        assert result.output.startswith("Error: "), result.output
