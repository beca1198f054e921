"""The page with all results: readable without a network, and free of personal values."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

from hand_filled_line import FIRST, Line

import expectations


class Balanced(HTMLParser):
    """Fails at the first tag that is closed out of order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(line: Line) -> str:
    return (line.home.data_docs / "index.html").read_text(encoding="utf-8")


def test_the_page_shows_findings_with_the_command_and_acceptances_with_the_name(line: Line) -> None:
    day = line.history(30)
    line.land(day, 500)
    line.check(day)
    check_id = f"calls.volume_by_weekday:hotline:{day}"
    assert f"<code>hotline accept {check_id} --reason" in page_of(line)
    assert "Something is not as expected" in page_of(line)
    expectations.accept(line.home, check_id, "<b>snow</b> & ice")
    line.check(day)
    assert "&lt;b&gt;snow&lt;/b&gt; &amp; ice" in page_of(line)
    assert "Nothing stands against publishing" in page_of(line)


def test_the_page_is_whole_and_needs_nothing_from_outside(line: Line) -> None:
    day = line.history(30)
    line.land(day, 500)
    line.check(day)
    page = page_of(line)
    parser = Balanced()
    parser.feed(page)
    assert not parser.open
    assert not re.search(r"https?:|//[a-z]|@import|url\(|<script|<link|<img|<iframe| src=", page)


def test_the_page_does_not_grow_with_history(line: Line) -> None:
    line.land_many({FIRST + timedelta(days=number): 20 for number in range(40)})
    line.check(FIRST + timedelta(days=39))
    short = len(page_of(line))
    line.land_many({FIRST + timedelta(days=number): 20 for number in range(200)})
    line.check(FIRST + timedelta(days=199))
    assert len(page_of(line)) < short + 10_000  # the bars of twenty more days


def test_names_of_files_and_sources_are_escaped(line: Line) -> None:
    line.add_source("<script>alert(1)</script>")
    line.land(FIRST, source="<script>alert(1)</script>")
    line.check(FIRST)
    assert "<script>" not in page_of(line)
