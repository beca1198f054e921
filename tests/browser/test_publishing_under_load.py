"""Ten publishes while charts are asked for: no request fails, none shows an old release, none mixes two."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import pytest

from hotline.publishing import new_build_id, publish
from tests.browser.running import Site

PUBLISHES = 10
READERS = 6
REQUESTS_BETWEEN = 8
FIRST_MARK = 1_000


@dataclass(frozen=True)
class Seen:
    """One answer: the newest mark published when it was asked for and when it came, and the marks in it."""

    asked_at_mark: int
    answered_at_mark: int
    status: int
    marks: tuple[float, ...]
    text: str


def publish_mark(site: Site, mark: int) -> None:
    """Publish a release in which every row of the marts says `mark`."""
    with duckdb.connect(str(site.home.operations)) as build:
        for mart in ("service_level_by_day", "service_level_by_interval"):
            build.execute(f"update marts.{mart} set offered = {mark}, answered = {mark}")
        build.execute(f"update marts.waits_by_day set entered_band = 1, abandoned = {mark}")
    publish(site.home, new_build_id())


def ask(site: Site, number: int, now: list[int], rows: dict[str, int]) -> Seen:
    """Ask for one of several charts; those of two queries would show two releases mixed in one request."""
    by_queue = {"columns": ["queue"], "metrics": ["offered", "answered"]}
    by_tier = {"columns": ["tier"], "metrics": ["offered", "answered"]}
    charts = {
        0: ("service_level_by_day", (by_queue, by_tier)),
        1: ("service_level_by_interval", (by_queue, by_tier)),
        2: ("waits_by_day", ({"columns": ["wait_band"], "metrics": ["abandonment_by_wait"]},)),
    }
    dataset, queries = charts[number % len(charts)]
    asked_at = now[0]
    answer = site.chart_data("executive", dataset, *queries)
    results = answer.json().get("result", []) if answer.status_code == 200 else []
    marks = []
    for result in results:
        assert result["rowcount"] > 0
        total = sum(row.get("offered", row.get("abandonment_by_wait")) for row in result["data"])
        count = rows[dataset] if "offered" in result["data"][0] else result["rowcount"]
        marks.append(total / count)
        if "answered" in result["data"][0]:
            marks.append(sum(row["answered"] for row in result["data"]) / count)
    return Seen(asked_at, now[0], answer.status_code, tuple(marks), answer.text[:300])


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not so within {seconds} s"
        time.sleep(0.05)


@pytest.fixture
def restored(site: Site):
    """The build as it was, published again afterwards: other tests read it."""
    before = {area: file.read_bytes() for area, file in (("o", site.home.operations), ("p", site.home.people))}
    yield
    site.home.operations.write_bytes(before["o"])
    site.home.people.write_bytes(before["p"])
    publish(site.home, new_build_id())


def test_no_chart_fails_or_is_stale_or_mixed_while_releases_change(site: Site, restored: None) -> None:
    with duckdb.connect(str(site.home.operations), read_only=True) as build:
        marts = ("service_level_by_day", "service_level_by_interval", "waits_by_day")
        rows = {mart: build.execute(f"select count(*) from marts.{mart}").fetchone()[0] for mart in marts}
        for mart in marts:
            site.id_of_dataset(mart)
    site.signed_in("executive")
    publish_mark(site, FIRST_MARK)
    now, seen, problems, over = [FIRST_MARK], [], [], threading.Event()

    def read(reader: int) -> None:
        number = reader
        try:
            while not over.is_set():
                seen.append(ask(site, number, now, rows))
                number += 1
        except Exception as problem:
            problems.append(problem)

    readers = [threading.Thread(target=read, args=(reader,)) for reader in range(READERS)]
    for reader in readers:
        reader.start()
    for step in range(1, PUBLISHES + 1):
        wait_for(lambda step=step: problems or len(seen) >= step * REQUESTS_BETWEEN)
        # Between the switch and the line after, an answer may already show the new mark, never a still newer one.
        publish_mark(site, FIRST_MARK + step)
        now[0] = FIRST_MARK + step
    wait_for(lambda: problems or len(seen) >= (PUBLISHES + 1) * REQUESTS_BETWEEN)
    over.set()
    for reader in readers:
        reader.join(timeout=60)
    assert problems == []
    assert [one for one in seen if one.status != 200] == []
    assert [one for one in seen if len(set(one.marks)) != 1] == [], "two releases in one request"
    late = [one for one in seen if not one.asked_at_mark <= one.marks[0] <= one.answered_at_mark + 1]
    assert late == [], "an old release shown"
    assert {one.marks[0] for one in seen} >= {FIRST_MARK, FIRST_MARK + PUBLISHES}
    print(f"{PUBLISHES} publishes, {len(seen)} requests")


def test_the_page_tells_of_the_release_it_shows(site: Site, restored: None) -> None:
    for _ in range(2):
        publish(site.home, new_build_id())
        answer = site.get("executive", "/api/v1/dashboard/service-level").json()["result"]
        assert site.home.current.readlink().name in answer["position_json"]
        assert "2025-03-10 : 2025-04-07" in answer["json_metadata"]
