"""The dashboard on screen: every chart drawn, in both languages, for those who may see it."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Locator, Page, Response

from dashboards.roles import SIGN_INS
from dashboards.spec import DASHBOARDS
from dashboards.spec.agents import AGENTS
from dashboards.spec.service_level import SERVICE_LEVEL
from tests.browser.running import Site, sign_in

HOLDER = "[data-test-viz-type]"
LOADING = "[data-test=loading-indicator]"
NONE_LISTED = "none listed: none stands out"


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for a condition. Playwright's own wait evaluates text in the page, which the page's policy forbids."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not so within {seconds} s"
        time.sleep(0.1)


def loaded(page: Page, charts: int) -> bool:
    drawn = page.locator(f"{HOLDER} [data-test=slice-container]").count()
    return drawn >= charts and page.locator(LOADING).count() == 0


def open_dashboard(page: Page, site: Site, slug: str, charts: int) -> list[Response]:
    """Open a dashboard, all of it in the window, and wait until nothing loads. Gives the answers to its charts."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if "/api/v1/chart/data" in answer.url else None)
    page.goto(f"{site.address}/superset/dashboard/{slug}/")
    until(lambda: page.locator(HOLDER).count() >= charts)
    height = page.evaluate("document.querySelector('.grid-container').scrollHeight")
    page.set_viewport_size({"width": 1440, "height": height + 400})
    until(lambda: loaded(page, charts))
    site.opened.add(slug)
    return answers


def assert_drawn(page: Page, answers: list[Response], titles: list[str]) -> None:
    """Every chart drawn: its holder has a slice without error and emptiness, and its data came with rows.

    A list of what stands out may be empty, where its title says that this means that nothing does.
    """
    holders = page.locator(HOLDER)
    assert holders.count() == len(titles)
    empty = 0
    for number in range(len(titles)):
        holder = holders.nth(number)
        assert holder.locator("[data-test=slice-container]").count() == 1, holder.inner_text()
        assert holder.locator(".ant-alert-error").count() == 0, holder.inner_text()
        if holder.locator(".ant-empty").count():
            assert NONE_LISTED in holder.inner_text()
            empty += 1
    shown = [title.inner_text() for title in page.locator("[data-test=editable-title]").all()]
    assert [title for title in titles if title not in shown] == []
    rows, without = {}, set()
    for answer in answers:
        assert answer.status == 200, answer.text()
        for result in answer.json()["result"]:
            if not result["rowcount"]:
                without.add(answer.request.post_data)
            rows[answer.request.post_data] = result["rowcount"]
    assert len(without) == empty, without
    assert len(rows) >= len(titles)


@pytest.mark.parametrize(
    ("dashboard", "user"),
    [
        pytest.param(dashboard, user, id=f"{dashboard.slug}-{user}")
        for dashboard in DASHBOARDS
        for user, role in SIGN_INS.items()
        # The first dashboard for every role that sees it; of the others, whose queries are the same for all, one.
        if role in {one.name for one in (dashboard.roles if dashboard is SERVICE_LEVEL else dashboard.roles[:1])}
    ],
)
def test_every_chart_is_drawn(dashboard, user: str, visitor: Page, site: Site) -> None:
    sign_in(visitor, site, user)
    titles = [chart.title for chart in dashboard.charts]
    answers = open_dashboard(visitor, site, dashboard.slug, len(titles))
    assert_drawn(visitor, answers, titles)


def test_the_page_opens_on_the_last_days_and_says_what_it_shows(visitor: Page, site: Site) -> None:
    sign_in(visitor, site, "executive")
    open_dashboard(visitor, site, SERVICE_LEVEL.slug, len(SERVICE_LEVEL.charts))
    text = visitor.locator(".grid-container").inner_text()
    assert "Data up to / 数据截至 2025-04-06" in text
    assert site.home.current.readlink().name in text
    assert "Simulated data / 模拟数据: hotline" in text
    assert "hotline: 2025-01-12 – 2025-04-06" in text
    assert "{{" not in text
    assert "2025-03-10 ≤ col < 2025-04-07" in visitor.locator("body").inner_text()


def test_signing_in_leads_to_the_first_dashboard(visitor: Page, site: Site) -> None:
    sign_in(visitor, site, "executive")
    until(lambda: loaded(visitor, 6))
    assert "今日与历史服务水平" in visitor.title()


def test_a_filter_narrows_every_chart(visitor: Page, site: Site) -> None:
    sign_in(visitor, site, "executive")
    open_dashboard(visitor, site, SERVICE_LEVEL.slug, len(SERVICE_LEVEL.charts))
    table = visitor.locator(f"{HOLDER[:-1]}=table]").first
    assert "billing" in table.inner_text()
    answers: list[Response] = []
    visitor.on("response", lambda answer: answers.append(answer) if "/api/v1/chart/data" in answer.url else None)
    visitor.get_by_role("combobox").first.click()
    visitor.keyboard.type("faults")
    visitor.keyboard.press("Enter")
    visitor.get_by_role("button", name="Apply").click()
    until(lambda: "billing" not in table.inner_text() and loaded(visitor, len(SERVICE_LEVEL.charts)))
    assert "faults" in table.inner_text()
    asked = [answer.request.post_data_json for answer in answers if "form_data" in answer.url]
    assert len(asked) >= len(SERVICE_LEVEL.charts)
    for body in asked:
        filters = body["queries"][0]["filters"]
        assert {"col": "queue", "op": "IN", "val": ["faults"]} in filters, body["form_data"]["slice_id"]


def test_a_click_on_an_agent_leads_to_the_contacts_behind_the_numbers(visitor: Page, site: Site) -> None:
    sign_in(visitor, site, "executive")
    open_dashboard(visitor, site, AGENTS.slug, len(AGENTS.charts))

    def table(title: str) -> Locator:
        return visitor.locator(f"{HOLDER[:-1]}=table]").filter(has_text=title)

    agents, contacts = table("Agents / 坐席"), table("The contacts behind the numbers")
    agent = agents.locator("tbody tr").first.locator("td").first.inner_text()
    shown = contacts.locator("tbody tr td:nth-child(2)")
    assert len(set(shown.all_inner_texts())) > 1
    agents.locator("tbody tr td").get_by_text(agent, exact=True).first.click()
    until(lambda: set(shown.all_inner_texts()) == {agent} and loaded(visitor, len(AGENTS.charts)))
    assert shown.count() > 1


def test_it_speaks_chinese(visitor: Page, site: Site) -> None:
    sign_in(visitor, site, "executive")
    titles = [chart.title for chart in SERVICE_LEVEL.charts]
    open_dashboard(visitor, site, SERVICE_LEVEL.slug, len(titles))
    assert "Dashboards" in visitor.locator("nav, header, #main-menu").first.inner_text()
    visitor.goto(f"{site.address}/lang/zh")
    answers = open_dashboard(visitor, site, SERVICE_LEVEL.slug, len(titles))
    assert_drawn(visitor, answers, titles)
    assert "看板" in visitor.locator("nav, header, #main-menu").first.inner_text()
    assert "今日与历史服务水平" in visitor.title()


def test_nothing_leaves_the_machine(visitor: Page, site: Site) -> None:
    outside: list[str] = []
    ours = urlparse(site.address).netloc

    def note(url: str) -> None:
        if urlparse(url).scheme in ("http", "https") and urlparse(url).netloc != ours:
            outside.append(url)

    visitor.on("response", lambda answer: note(answer.url))
    visitor.on("requestfinished", lambda request: note(request.url))
    sign_in(visitor, site, "executive")
    open_dashboard(visitor, site, SERVICE_LEVEL.slug, len(SERVICE_LEVEL.charts))
    assert outside == []
