"""A person overrules a finding: that finding, in a name, until the day's content changes."""

from __future__ import annotations

import getpass
import json
from datetime import timedelta

import pytest
from hand_filled_line import Line, failed

import expectations
from expectations import CheckError, acceptance


def blocked(line: Line) -> tuple:
    """A day with half the volume and its check id."""
    day = line.history(30)
    line.land(day, 500)
    (check_id,) = failed(line.check(day))
    return day, check_id


def test_an_accepted_finding_no_longer_blocks_and_carries_the_name(line: Line) -> None:
    day, check_id = blocked(line)
    expectations.accept(line.home, check_id, "  the centre closed\nat noon ")
    assert not expectations.pending(line.home)
    found = line.check(day)[check_id]
    assert (found.status, found.success, found.blocks) == ("accepted", False, False)
    assert found.reason == "the centre closed at noon"
    assert found.accepted_by == getpass.getuser()
    assert "Accepted by" in found.message
    row = line.sql(f"select status, accepted_by, reason from raw.check_results where check_id = '{check_id}'")
    assert row == [("accepted", getpass.getuser(), "the centre closed at noon")]


def test_an_acceptance_is_kept_as_a_line_of_json(line: Line) -> None:
    _, check_id = blocked(line)
    expectations.accept(line.home, check_id, "snow")
    (kept,) = map(json.loads, (line.home.root / "accepted_checks.jsonl").read_text().splitlines())
    assert (kept["check_id"], kept["reason"], kept["observed"]) == (check_id, "snow", "500 rows")


def test_an_acceptance_lapses_when_the_content_of_the_day_changes(line: Line) -> None:
    day, check_id = blocked(line)
    expectations.accept(line.home, check_id, "snow")
    line.land(day, 480)
    assert failed(line.check(day)) == {check_id}


def test_an_acceptance_is_of_one_finding_only(line: Line) -> None:
    day, check_id = blocked(line)
    expectations.accept(line.home, check_id, "snow")
    line.publish()
    line.land(day + timedelta(days=1), 500)
    assert failed(line.check(day + timedelta(days=1))) == {f"calls.volume_by_weekday:hotline:{day + timedelta(days=1)}"}


def test_an_accepted_day_stays_in_the_results_after_it_is_published(line: Line) -> None:
    day, check_id = blocked(line)
    expectations.accept(line.home, check_id, "snow")
    line.check(day)
    line.publish()
    line.land(day + timedelta(days=1))
    assert not failed(line.check(day + timedelta(days=1)))
    assert line.sql(f"select status from raw.check_results where check_id = '{check_id}'") == [("accepted",)]


def test_an_accepted_stale_source_is_fresh_again_only_with_new_rows(line: Line) -> None:
    day = line.history(30) - timedelta(days=1)
    late = day + timedelta(days=5)
    (check_id,) = failed(line.check(late))
    expectations.accept(line.home, check_id, "the exporter is being moved")
    assert not failed(line.check(late + timedelta(days=3)))
    line.land(day + timedelta(days=1))
    assert failed(line.check(late + timedelta(days=3))) == {f"calls.freshness:hotline:{day + timedelta(days=1)}"}


def test_a_pattern_accepts_all_findings_of_a_day(line: Line) -> None:
    day = line.history(30)
    line.land(day, 500, customer_id="null", wait_seconds="-1")
    assert len(failed(line.check(day))) == 3
    accepted = expectations.accept(line.home, f"calls.*:hotline:{day}", "a test of the switch")
    assert len(accepted) == 3
    assert not failed(line.check(day))


def test_a_wrong_name_is_answered_with_near_ones(line: Line) -> None:
    day, check_id = blocked(line)
    with pytest.raises(CheckError, match=f"did you mean {check_id}"):
        expectations.accept(line.home, f"calls.volume_by_weekdays:hotline:{day}", "snow")
    with pytest.raises(CheckError, match=r"waiting to be accepted: calls\.volume_by_weekday"):
        expectations.accept(line.home, "xyz", "snow")
    assert not acceptance.path(line.home).exists()


def test_what_has_not_failed_cannot_be_accepted(line: Line) -> None:
    day, check_id = blocked(line)
    with pytest.raises(CheckError, match="has not failed: it passed"):
        expectations.accept(line.home, f"calls.range.wait_seconds:hotline:{day}", "snow")
    expectations.accept(line.home, check_id, "snow")
    with pytest.raises(CheckError, match="is accepted already"):
        expectations.accept(line.home, check_id, "snow")


def test_a_reason_is_needed(line: Line) -> None:
    _, check_id = blocked(line)
    with pytest.raises(CheckError, match="a reason is needed"):
        expectations.accept(line.home, check_id, "  ")


def test_nothing_is_known_before_the_first_run(home) -> None:
    assert expectations.pending(home) == []
    with pytest.raises(CheckError, match="none waits"):
        expectations.accept(home, "calls.volume_by_weekday:hotline:2026-01-01", "snow")


def test_a_line_cut_short_by_a_crash_accepts_nothing_and_spoils_nothing(line: Line) -> None:
    day, check_id = blocked(line)
    whole = json.dumps({"check_id": check_id, "content": "x"})
    acceptance.path(line.home).write_text(whole[:20])
    assert [found.check_id for found in expectations.pending(line.home)] == [check_id]
    expectations.accept(line.home, check_id, "snow")
    assert not failed(line.check(day))
