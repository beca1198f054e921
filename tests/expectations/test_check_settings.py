"""Thresholds: one file, with single values overridden by the installation."""

from __future__ import annotations

from pathlib import Path

import pytest
from hand_filled_line import Line, failed

from expectations import CheckError, holidays, settings
from hotline.home import Home


def override(home: Home, text: str) -> Path:
    file = home.root / "expectations.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_single_values_are_overridden_and_the_others_kept(home: Home) -> None:
    shipped = settings.load()
    override(home, "volume: {limit: 9, spread_below: [0.1, 0.2]}\nholiday_country: {north: DE}")
    own = settings.load(home)
    assert (own["volume"]["limit"], own["volume"]["spread_below"]) == (9, [0.1, 0.2])
    assert own["volume"]["warm_up"] == shipped["volume"]["warm_up"]
    assert own["holiday_country"] == {"north": "DE"}


def test_an_overridden_limit_is_the_one_that_judges(line: Line) -> None:
    override(line.home, "volume: {limit: 40}")
    day = line.history(30)
    line.land(day, 500)
    assert not failed(line.check(day))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("volume: {limits: 3}", "unknown setting 'volume.limits'; did you mean 'volume.limit'?"),
        ("volumes: {limit: 3}", "unknown setting 'volumes'; did you mean 'volume'?"),
        ("volume: {limit: often}", "volume.limit must be like 4.0, found 'often'"),
        ("volume: {limit: true}", "volume.limit must be like 4.0, found True"),
        ("volume: {spread_below: 0.1}", "volume.spread_below must be like"),
        ("volume: {spread_below: [0.2, 0.1]}", "must be the lowest and the highest value"),
        ("volume: 3", "section 'volume' must hold settings"),
        ("- volume", "expected sections such as 'volume:'"),
        ("volume: {", "cannot be read as YAML"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(home: Home, text: str, reason: str) -> None:
    file = override(home, text)
    with pytest.raises(CheckError) as caught:
        settings.load(home)
    assert str(file) in str(caught.value)
    assert reason in str(caught.value)


def test_the_country_comes_from_the_settings_or_the_time_zone() -> None:
    assert holidays.country_of("Asia/Shanghai") == "CN"
    assert holidays.country_of("Europe/Berlin") == "DE"
    assert holidays.country_of("UTC") is None
    assert holidays.country_of(None) is None
