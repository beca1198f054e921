"""The suites themselves, and Great Expectations as the runner uses it."""

from __future__ import annotations

import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hand_filled_line import Line, failed

from expectations import judging, settings
from expectations.measures import Measurement
from expectations.suites import any_entity
from hotline.home import PROJECT

MODULES = sorted(file.stem for file in (PROJECT / "expectations" / "suites").glob("[a-z]*.py"))


@pytest.mark.parametrize("module", [name for name in MODULES if name != "any_entity"])
def test_a_suite_module_returns_a_pure_suite_in_words(module: str) -> None:
    from great_expectations import ExpectationSuite

    suite = import_module(f"expectations.suites.{module}").suite(settings.load())
    assert isinstance(suite, ExpectationSuite)
    assert suite.name == module
    assert suite.expectations
    assert all(expectation.description for expectation in suite.expectations)


def test_the_suite_of_any_entity_bears_the_name_of_its_table() -> None:
    assert any_entity.suite("tickets", ["kind"], settings.load()).name == "tickets"


@pytest.mark.parametrize(
    "entity", ["calls", "quality_reviews", "claims", "employees", "attendance", "orders", "campaign_contacts"]
)
def test_what_a_suite_watches_stands_in_the_contract(entity: str) -> None:
    contract = yaml.safe_load((PROJECT / "hotline" / "landing" / "contract.yml").read_text(encoding="utf-8"))
    _watched_columns_exist(import_module(f"expectations.suites.{entity}").RULES, contract[entity]["columns"])


def test_what_the_suite_of_the_bank_watches_stands_in_its_source() -> None:
    source = yaml.safe_load((PROJECT / "hotline/landing/sources/bank_1999.yml").read_text(encoding="utf-8"))
    rules = import_module("expectations.suites.bank_1999_calls").RULES
    _watched_columns_exist(rules, source["entities"]["bank_1999_calls"]["own_columns"])


def _watched_columns_exist(rules, columns: dict) -> None:
    watched = {*rules.nulls, *rules.values, *rules.ranges, *rules.not_in_future}
    watched.update(column for listed in rules.nulls_where.values() for column in listed)
    assert watched <= columns.keys()
    for column, values in rules.values.items():
        assert set(values) == set(columns[column]["allowed"])


def test_a_measurement_without_expectation_is_an_error_not_a_pass() -> None:
    suite = any_entity.suite("tickets", [], settings.load())
    with pytest.raises(RuntimeError, match="no expectation for mood"):
        judging.judge(suite, [Measurement("mood", "hotline", None, 1.0, "", "")])


def test_an_expectation_that_cannot_be_evaluated_is_an_error_not_a_pass() -> None:
    suite = any_entity.suite("tickets", [], settings.load())
    suite.expectations[0].column = "a column that the frame lacks"
    with pytest.raises(RuntimeError, match="could not be evaluated"):
        judging._broken(suite, pd.DataFrame({"volume_by_weekday": [1.0], "nulls": [1.0]}))


def test_limits_hold_on_the_border_and_break_beyond_it() -> None:
    limits = settings.load()
    suite = any_entity.suite("tickets", [], limits)
    border = limits["volume"]["limit"]
    measured = [
        Measurement("volume_by_weekday", "hotline", None, value, "", "")
        for value in (border, -border, border + 1e-6, -border - 1e-6, None)
    ]
    assert [holds for _, _, holds in judging.judge(suite, measured)] == [True, True, False, False, None]


def test_no_connection_is_opened(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the checks talk to nobody")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    day = line.history(30)
    line.land(day, 500)
    assert failed(line.check(day))


def test_nothing_is_shown_but_what_the_line_says(line: Line, capfd: pytest.CaptureFixture) -> None:
    line.history(30)
    assert capfd.readouterr() == ("", "")


def test_nothing_slow_is_imported_before_something_is_judged(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from hotline.home import Home; import expectations;"
        f"expectations.pending(Home(Path({str(tmp_path)!r})));"
        "assert not sys.modules.keys() & {'great_expectations', 'pandas', 'numpy'}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PROJECT)
