"""Names and pay never leave people.duckdb: not into what Superset keeps on the disk either."""

from __future__ import annotations

import gzip
import json
import pickle
import zlib
from pathlib import Path

import pandas as pd
import pytest
from cachelib.file import FileSystemCache
from playwright.sync_api import Page

from dashboards.roles import SIGN_INS
from dashboards.spec import DASHBOARDS
from tests.browser.running import Site, sign_in
from tests.browser.searching import Search
from tests.browser.test_dashboard import open_dashboard

OF_PERSONS = {"columns": ["name", "monthly_pay"]}


@pytest.fixture
def all_opened(visitor: Page, site: Site) -> None:
    """Every dashboard has been opened by one of those who see it: HR and the executives among them."""
    users = {role: user for user, role in SIGN_INS.items()}
    missing = [dashboard for dashboard in DASHBOARDS if dashboard.slug not in site.opened]
    for role in {dashboard.roles[0].name for dashboard in missing}:
        visitor.context.clear_cookies()
        sign_in(visitor, site, users[role])
        for dashboard in missing:
            if dashboard.roles[0].name == role:
                open_dashboard(visitor, site, dashboard.slug, len(dashboard.charts))


def test_superset_keeps_no_name_and_no_pay(all_opened: None, site: Site) -> None:
    search = Search.of_landed(site.home.landing)
    assert len(search.names) > 10
    assert len(search.pays) > 10
    # HR may chart persons, though no dashboard does: then they are in the answer, and still in no file.
    answer = site.chart_data("hr", "dim_employee", OF_PERSONS).json()["result"][0]
    assert {row["name"] for row in answer["data"]} & search.names
    assert not answer["is_cached"]
    assert not site.chart_data("hr", "dim_employee", OF_PERSONS).json()["result"][0]["is_cached"]
    files = {path.relative_to(site.home.superset).parts[0] for path in site.home.superset.rglob("*") if path.is_file()}
    assert {"superset.db", "superset.log", "cache"} <= files
    assert search.in_folder(site.home.superset) == {}


def test_what_is_for_all_is_kept_and_found_where_it_is_kept(all_opened: None, site: Site) -> None:
    query = {"columns": ["queue"], "metrics": ["average_speed_of_answer"]}
    (row, *_) = site.chart_data("executive", "service_level_by_day", query).json()["result"][0]["data"]
    known = Search(frozenset({row["queue"]}), frozenset({repr(row["average_speed_of_answer"])}))
    assert set().union(*known.in_folder(site.home.superset / "cache").values()) == known.names | known.pays


def test_the_search_finds_what_is_packed(tmp_path: Path) -> None:
    search = Search(frozenset({"高佳霞"}), frozenset({"6195.60"}))
    person = {"name": "高佳霞", "pay": 6195.6}
    both = {"高佳霞", "6195.60"}
    FileSystemCache(str(tmp_path / "cache")).set("key", {"df": pd.DataFrame([person]), "query": "select 1"})
    (held,) = search.in_folder(tmp_path / "cache").values()
    assert held == both
    for name, content in {
        "plain": str(person).encode(),
        "json": json.dumps(person).encode(),
        "zlib": zlib.compress(pickle.dumps(person)),
        "gzip": gzip.compress(json.dumps(person).encode()),
        "pickled twice": pickle.dumps([zlib.compress(pickle.dumps(person))]),
    }.items():
        (tmp_path / name).write_bytes(content)
        assert search.in_file(tmp_path / name) == both, name
    (tmp_path / "other").write_bytes(b"16195.60 6195.601 6195")
    assert search.in_file(tmp_path / "other") == set()
