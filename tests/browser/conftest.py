"""One Superset for all tests here: simulated calls, published by the line, served as `hotline serve` serves them.

The dashboards are set up while the line runs, as `make run` does it, and with one chart more than the bundle has, so
that the start that follows has something to take away.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import requests
import yaml
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dashboards.serving import BUNDLE
from hotline.home import Home
from hotline.simulation import published_surveys, simulate
from tests.browser.running import QUERY_SECONDS, REMOVED_CHART, Site, free_port

# As many as the comparison of two months before with the last four weeks looks back.
FIRST_DAY, DAYS = date(2025, 1, 12), 85

SET_UP = """
import sys
from pathlib import Path
from dashboards import serving
from hotline.home import Home
serving.BUNDLE = Path(sys.argv[2])
serving.prepare(Home(Path(sys.argv[1])))
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def bundle_with_one_chart_more(folder: Path) -> Path:
    """A copy of the bundle with a chart that a later one no longer has."""
    shutil.copytree(BUNDLE, folder)
    chart = yaml.safe_load(next((folder / "charts").glob("*offered*")).read_text("utf-8"))
    chart |= {"slice_name": REMOVED_CHART, "uuid": "0d1b8c8e-53a9-5b07-9a0b-0f6f0ff0a001"}
    (folder / "charts" / "removed.yaml").write_text(yaml.safe_dump(chart, allow_unicode=True), "utf-8")
    return folder


def land_surveys(landing: Path) -> None:
    """Two surveys, and an answer off the scale, so that no chart of them is empty."""
    published_surveys.write(landing)
    (landing / "surveys" / "survey_responses_fault.csv").write_text(
        "survey_id,wave,response_id,submitted_at,item_id,answer\n"
        "stress,published,fault,2015-05-06T09:00:00+08:00,Q1,9\n"
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    home = Home(folder / "data").create()
    environment = os.environ | {"HOTLINE_DATA": str(home.root), "HOTLINE_QUERY_SECONDS": str(QUERY_SECONDS)}
    hotline = str(Path(sys.executable).with_name("hotline"))
    bundle = bundle_with_one_chart_more(folder / "bundle")
    set_up = [sys.executable, "-c", SET_UP, str(home.root), str(bundle)]
    with subprocess.Popen(set_up, env=environment) as preparing:
        simulate(home.landing, agents=20, days=DAYS, start=FIRST_DAY, seed=1)
        land_surveys(home.landing)
        subprocess.run([hotline, "run"], env=environment, check=True, timeout=550)
        assert preparing.wait(timeout=300) == 0
    port = free_port()
    output = folder / "served.txt"
    with output.open("w") as out:
        serving = [hotline, "serve", "--port", str(port)]
        server = subprocess.Popen(serving, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_healthy(address, server, output)
        yield Site(home, address, environment, printed_sign_ins(output))
    finally:
        server.terminate()
        server.wait(timeout=60)


def printed_sign_ins(output: Path) -> dict[str, str]:
    """The passwords that the server prints at its first start, and nothing else but its address."""
    lines = output.read_text().splitlines()
    assert re.fullmatch(r"Dashboards: http://127\.0\.0\.1:\d+/", lines[0])
    assert lines[1] == "Sign-ins, shown this once (a lost one: `hotline sign-in NAME`):"
    return dict(line.split() for line in lines[2:])


def wait_until_healthy(address: str, server: subprocess.Popen[bytes], output: Path, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.poll() is None, output.read_text()
        try:
            if requests.get(f"{address}/health", timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    pytest.fail(f"{address} did not answer within {seconds} s:\n{output.read_text()}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Browser, site: Site) -> Iterator[Page]:
    """A page in a browser of its own, not signed in."""
    context: BrowserContext = chromium.new_context(viewport={"width": 1440, "height": 1000})
    yield context.new_page()
    context.close()
