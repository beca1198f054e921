"""Who reaches what, asked of the running server: over REST, in SQL Lab, and with sign-ins old and new."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.browser.running import QUERY_SECONDS, REMOVED_CHART, Site, free_port

EMPLOYEES = {"columns": ["employee_id"]}
OFFERED = {"metrics": ["offered"]}
OTHERS = ("executive", "analyst")


@pytest.mark.parametrize("user", OTHERS)
def test_hr_data_is_refused_over_rest(user: str, site: Site) -> None:
    people = site.id_of("database", "database_name", "people")
    employees = site.id_of_dataset("dim_employee")
    assert site.chart_data(user, "dim_employee", EMPLOYEES).status_code == 403
    assert site.get(user, f"/api/v1/dataset/{employees}").status_code == 404
    assert site.get(user, f"/api/v1/database/{people}").status_code in (403, 404)
    assert site.get(user, f"/api/v1/database/{people}/tables/?q=(schema_name:marts)").status_code in (403, 404)
    assert "dim_employee" not in site.get(user, "/api/v1/dataset/").text


@pytest.mark.parametrize("user", OTHERS)
def test_hr_data_is_refused_in_sql_lab(user: str, site: Site) -> None:
    answer = site.sql(user, "people", "select * from marts.dim_employee")
    assert answer.status_code in (403, 500)
    assert "employee_id" not in answer.text


def test_hr_reads_its_own_data(site: Site) -> None:
    assert site.chart_data("hr", "dim_employee", EMPLOYEES).status_code == 200
    answer = site.sql("hr", "people", "select count(*) as people from marts.dim_employee")
    assert answer.status_code == 200, answer.text


def test_an_executive_reads_the_dashboards_data_and_has_no_sql_lab(site: Site) -> None:
    answer = site.chart_data("executive", "service_level_by_day", OFFERED)
    assert answer.status_code == 200
    assert answer.json()["result"][0]["data"][0]["offered"] > 10_000
    assert site.sql("executive", "operations", "select 1").status_code == 403
    assert site.get("executive", "/sqllab/").url.rstrip("/") != f"{site.address}/sqllab"


def test_an_executives_query_stays_in_its_dataset(site: Site) -> None:
    elsewhere = "(select count(*) from marts.fct_queue_visit)"
    metric = {"expressionType": "SQL", "sqlExpression": elsewhere, "label": "visits"}
    assert site.chart_data("executive", "service_level_by_day", {"metrics": [metric]}).status_code >= 400


@pytest.mark.parametrize("user", ["executive", "analyst", "hr"])
def test_nobody_but_the_administrator_changes_assets(user: str, site: Site) -> None:
    chart = site.get(user, "/api/v1/chart/").json()["result"][0]["id"]
    dashboard = site.get(user, "/api/v1/dashboard/").json()["result"][0]["id"]
    session = site.signed_in(user)
    changes = {f"chart/{chart}": {"slice_name": "x"}, f"dashboard/{dashboard}": {"dashboard_title": "x"}}
    for path, body in changes.items():
        assert session.put(f"{site.address}/api/v1/{path}", json=body, timeout=30).status_code in (403, 404)
        assert session.delete(f"{site.address}/api/v1/{path}", timeout=30).status_code in (403, 404)
    assert (
        site.post(user, "/api/v1/database/", {"database_name": "x", "sqlalchemy_uri": "duckdb://"}).status_code == 403
    )


def test_nobody_reads_without_signing_in(site: Site) -> None:
    for path in ("/api/v1/dashboard/", "/api/v1/chart/", "/api/v1/dataset/", "/api/v1/database/"):
        answer = requests.get(f"{site.address}{path}", timeout=30)
        assert answer.status_code == 401 or answer.json()["count"] == 0, path
    assert requests.get(f"{site.address}/superset/dashboard/service-level/", timeout=30).url.find("/login") > 0


def test_an_analyst_queries_the_marts(site: Site) -> None:
    answer = site.sql("analyst", "operations", "select sum(offered) as offered from marts.service_level_by_interval")
    assert answer.status_code == 200, answer.text
    shown = site.chart_data("executive", "service_level_by_day", OFFERED).json()["result"][0]["data"]
    assert answer.json()["data"] == shown


@pytest.mark.parametrize(
    "statement",
    [
        "attach '{people}' as people",
        "select * from read_csv('/etc/hostname')",
        "select * from read_text('/etc/hostname')",
        "select * from glob('{home}/**')",
        "select * from '{people}'",
        "copy marts.operations_build to '{home}/stolen.csv'",
        "copy (select 1) to '{home}/stolen.parquet'",
        "export database '{home}/stolen'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set max_execution_time = 0",
        "pragma memory_limit = '50GB'",
        "create table marts.mine as select 1 as one",
        "create or replace temp view seen as select 1 as one",
        "insert into marts.operations_build values ('x', now())",
        "update marts.operations_build set build_id = 'x'",
        "delete from marts.operations_build",
        "drop table marts.operations_build",
        "select 1; attach '{people}' as people",
    ],
)
def test_an_analysts_sql_stays_inside(statement: str, site: Site) -> None:
    people = site.home.current.resolve() / "people" / "people.duckdb"
    answer = site.sql("analyst", "operations", statement.format(people=people, home=site.home.root))
    assert answer.status_code >= 400, answer.text
    assert not list(site.home.root.glob("stolen*"))


def test_a_runaway_join_is_stopped_and_holds_up_nobody(site: Site) -> None:
    join = """
        select count(*) from marts.fct_queue_visit as one, marts.fct_queue_visit as two, marts.fct_queue_visit as three
        where one.wait_seconds + two.wait_seconds > three.wait_seconds
    """
    site.signed_in("analyst"), site.signed_in("executive")
    with ThreadPoolExecutor() as pool:
        start = time.monotonic()
        running = pool.submit(site.sql, "analyst", "operations", join)
        waits = []
        while not running.done():
            asked = time.monotonic()
            assert requests.get(f"{site.address}/health", timeout=30).status_code == 200
            waits.append(time.monotonic() - asked)
            time.sleep(0.2)
    assert QUERY_SECONDS <= time.monotonic() - start < QUERY_SECONDS + 8
    assert running.result().status_code >= 400
    assert "maximum execution time" in running.result().text
    assert max(waits) < QUERY_SECONDS / 2


def test_sql_lab_gives_at_most_the_row_limit(site: Site) -> None:
    answer = site.sql("analyst", "operations", "select * from range(1000000)")
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) <= 100_000


def test_what_the_bundle_no_longer_has_is_gone(site: Site) -> None:
    charts = site.get("administrator", "/api/v1/chart/?q=(page_size:100)").json()["result"]
    assert charts
    assert REMOVED_CHART not in [chart["slice_name"] for chart in charts]


def test_passwords_are_at_rest_as_hashes_only(site: Site) -> None:
    files = [file for file in site.home.superset.rglob("*") if file.is_file()]
    assert site.home.superset / "superset.db" in files
    for file in files:
        content = file.read_bytes()
        for password in site.passwords.values():
            assert password.encode() not in content, file
        assert file.stat().st_mode & 0o077 == 0 or site.home.superset.stat().st_mode & 0o077 == 0


def test_a_lost_password_is_replaced_and_the_old_one_ends(site: Site) -> None:
    hotline = str(Path(sys.executable).with_name("hotline"))
    done = subprocess.run(
        [hotline, "sign-in", "hr"], env=site.environment, capture_output=True, text=True, timeout=120, check=True
    )
    old, new = site.passwords["hr"], done.stdout.split()[-1]
    assert done.stdout == f"hr: {new}\n"
    assert site.try_sign_in("hr", old)[0].status_code == 401
    assert site.try_sign_in("hr", new)[0].status_code == 200
    site.passwords["hr"] = new


def test_a_second_start_shows_no_passwords(site: Site) -> None:
    port = free_port()
    hotline = str(Path(sys.executable).with_name("hotline"))
    start = time.monotonic()
    with subprocess.Popen(
        [hotline, "serve", "--port", str(port)], env=site.environment, stdout=subprocess.PIPE, text=True
    ) as second:
        said = second.stdout.readline()
        seconds = time.monotonic() - start
        second.terminate()
        rest = second.stdout.read()
        assert second.wait(timeout=30) == 0
    assert said == f"Dashboards: http://127.0.0.1:{port}/\n"
    assert rest == ""
    print(f"second start: {seconds:.1f} s")


def test_a_taken_address_is_named(site: Site) -> None:
    hotline = str(Path(sys.executable).with_name("hotline"))
    port = site.address.rpartition(":")[2]
    done = subprocess.run(
        [hotline, "serve", "--port", port], env=site.environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert f"cannot serve on 127.0.0.1:{port}: Address already in use; choose another --port" in done.stderr


def test_a_name_without_sign_in_is_answered_with_those_there_are(site: Site) -> None:
    hotline = str(Path(sys.executable).with_name("hotline"))
    done = subprocess.run(
        [hotline, "sign-in", "ceo"], env=site.environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode != 0
    assert "no sign-in 'ceo'; there are: administrator, analyst, executive, hr" in done.stderr
    assert "Traceback" not in done.stderr
