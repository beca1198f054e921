"""One release per request: the pin, the cache that knows it, what the page says of it, and the locked connection."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
from flask import Flask

from dashboards.release import (
    NoReleaseError,
    ReleaseCache,
    ReleaseFacts,
    SourceFacts,
    connection_settings,
    facts_of,
    release_of,
)
from hotline.home import Home

ROWS = """
create schema marts;
create table marts.service_level_by_day as
    select * from (values ('bank', date '1999-01-01', false), ('bank', date '1999-02-28', false),
                          ('hotline', date '2025-03-01', true),
                          ('hotline', date '2025-03-02', true)) as rows (source, day_local, is_simulated);
-- A call of 1 March joined its queue on 2 March, of which no file has come.
create table marts.reconciliation as
    select * from (values ('bank', date '1999-02-28', 'landed files', 5),
                          ('hotline', date '2025-03-01', 'landed files', 9),
                          ('hotline', date '2025-03-02', 'landed files', 0),
                          ('hotline', date '2025-03-02', 'fct_queue_visit', 1))
        as rows (source, day_local, compared_with, expected_visits);
create table marts.operations_build as select 'a' as build_id, timestamptz '2025-03-02 01:30:00+00' as built_at;
"""


def make_release(home: Home, name: str) -> Path:
    folder = home.releases / name
    (folder / "operations").mkdir(parents=True)
    with duckdb.connect(str(folder / "operations" / "operations.duckdb")) as connection:
        connection.execute(ROWS)
    return folder


def switch(home: Home, name: str) -> None:
    draft = home.releases / "next"
    draft.symlink_to(name)
    draft.replace(home.current)


def test_a_request_keeps_its_release_while_the_link_moves(home: Home) -> None:
    app = Flask(__name__)
    old, new = make_release(home, "a"), make_release(home, "b")
    switch(home, "a")
    with app.test_request_context():
        assert release_of(home) == old
        switch(home, "b")
        assert release_of(home) == old
    with app.test_request_context():
        assert release_of(home) == new
    assert release_of(home) == new


def test_without_a_release_the_message_says_what_to_do(home: Home) -> None:
    with pytest.raises(NoReleaseError, match="nothing has been published yet; run `hotline run` first"):
        release_of(home)


def test_what_was_cached_of_one_release_is_not_shown_of_another(home: Home, tmp_path: Path) -> None:
    app = Flask(__name__)
    make_release(home, "a"), make_release(home, "b")
    switch(home, "a")
    cache = ReleaseCache(home, str(tmp_path / "cache"))
    with app.test_request_context():
        cache.set("chart", "of a")
    with app.test_request_context():
        switch(home, "b")
        assert cache.get("chart") is None
        cache.set("chart", "of b")
    switch(home, "a")
    with app.test_request_context():
        assert cache.get("chart") == "of a"
        switch(home, "b")
        # Begun on a, written late: it must not stand under b.
        cache.set("chart", "late of a")
    with app.test_request_context():
        assert cache.get("chart") == "of b"


def test_the_cache_stays_below_its_threshold_over_releases(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    for number in range(6):
        make_release(home, f"r{number}")
        switch(home, f"r{number}")
        cache = ReleaseCache(home, str(folder), threshold=20)
        for key in range(10):
            cache.set(str(key), "value")
    assert len(list(folder.iterdir())) <= 25


def test_facts_come_from_the_release(home: Home) -> None:
    facts = facts_of(make_release(home, "a"), 30)
    assert facts.release_id == "a"
    assert facts.built_at == "2025-03-02 01:30 UTC"
    assert facts.sources == (
        SourceFacts("hotline", date(2025, 3, 1), date(2025, 3, 1), True),
        SourceFacts("bank", date(1999, 1, 1), date(1999, 2, 28), False),
    )


def test_a_page_opens_on_the_last_days_that_have_data() -> None:
    facts = ReleaseFacts("a", "now", (SourceFacts("bank", date(1999, 1, 1), date(1999, 2, 28), False),))
    assert facts.period == "1999-02-01 : 1999-03-01"
    assert ReleaseFacts("a", "now", ()).period == "No filter"


def test_marks_are_filled_as_json_and_simulated_data_is_labelled() -> None:
    simulated = ReleaseFacts("a", "now", (SourceFacts('my "own"', date(2025, 1, 1), date(2025, 1, 2), True),))
    filled = json.loads(simulated.fill(json.dumps({"code": "{{last_day}} {{simulated}}\n{{freshness}} {{other}}"})))
    assert "2025-01-02" in filled["code"]
    assert "Simulated data / 模拟数据" in filled["code"]
    assert '"own"' in filled["code"]
    assert "{{other}}" in filled["code"]
    real = ReleaseFacts("a", "now", (SourceFacts("bank", date(1999, 1, 1), date(1999, 1, 2), False),))
    assert json.loads(real.fill('{"code": "{{simulated}}"}')) == {"code": ""}


@pytest.mark.parametrize(
    "statement",
    [
        "attach '{elsewhere}' as elsewhere",
        "select * from read_csv('{file}')",
        "select * from read_text('{file}')",
        "select * from '{file}'",
        "select * from glob('/*')",
        "copy marts.operations_build to '{file}'",
        "export database '{file}'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set max_execution_time = 0",
        "set memory_limit = '100GB'",
        "create table marts.mine as select 1",
        "delete from marts.operations_build",
    ],
)
def test_a_locked_connection_refuses(statement: str, home: Home, tmp_path: Path) -> None:
    release = make_release(home, "a")
    elsewhere = tmp_path / "elsewhere.duckdb"
    duckdb.connect(str(elsewhere)).close()
    file = tmp_path / "file.csv"
    file.write_text("a\n1\n")
    path = str(release / "operations" / "operations.duckdb")
    with duckdb.connect(path, read_only=True, config=connection_settings()) as connection, pytest.raises(duckdb.Error):
        connection.execute(statement.format(elsewhere=elsewhere, file=file)).fetchall()
    assert file.read_text() == "a\n1\n"


def test_a_runaway_join_ends_at_the_time_limit(home: Home) -> None:
    path = str(make_release(home, "a") / "operations" / "operations.duckdb")
    with (
        duckdb.connect(path, read_only=True, config=connection_settings(0.5)) as connection,
        pytest.raises(duckdb.InterruptException, match="exceeded maximum execution time"),
    ):
        connection.execute("select count(*) from range(10000000) a, range(10000000) b where a.range + b.range > 5")


def test_a_sort_larger_than_memory_does_not_fill_the_disk(home: Home) -> None:
    path = str(make_release(home, "a") / "operations" / "operations.duckdb")
    settings = connection_settings() | {"memory_limit": "50MB"}
    with (
        duckdb.connect(path, read_only=True, config=settings) as connection,
        pytest.raises(duckdb.OutOfMemoryException),
    ):
        connection.execute("select r, md5(r::varchar) as h from range(5000000) t(r) order by h")
    assert [file.name for file in (home.releases / "a" / "operations").iterdir()] == ["operations.duckdb"]
