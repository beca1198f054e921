"""The checks behind the real loader: on a simulated centre, and on a real bank."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import expectations
from hotline.home import Home
from hotline.landing import load, mark_built, mark_published, prepare
from hotline.simulation import simulate

CHECK = "calls.volume_by_weekday:hotline:"


@pytest.fixture
def centre(home: Home) -> Home:
    """Ten landed weeks of a small centre that have been checked and published."""
    simulate(home.landing, agents=30, days=70, seed=3)
    run(home)
    mark_built(home)
    mark_published(home)
    return home


def run(home: Home) -> set[str]:
    """Load, prepare and check; ids of what blocks."""
    load(home)
    prepare(home)
    return {found.check_id for found in expectations.run_batch(home) if found.blocks}


def newest(home: Home) -> Path:
    return max(home.landing.glob("calls/*.csv"))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_simulated_centre_raises_no_alarm(home: Home, seed: int) -> None:
    simulate(home.landing, agents=15 * seed, days=90, seed=seed, dirt=seed == 2)
    assert run(home) == set()


def test_the_bank_raises_no_alarm(home: Home, real_data: Path) -> None:
    load(home, roots={"bank_1999": real_data / "bank_1999"})
    prepare(home)
    outcomes = expectations.run_batch(home)
    statuses = Counter(found.status for found in outcomes)
    assert set(statuses) == {"passed", "warming_up"}
    assert statuses["passed"] > 400
    assert not any("freshness" in found.check_id for found in outcomes)


def test_half_a_file_blocks_until_the_whole_one_comes(centre: Home) -> None:
    file = newest(centre)
    whole = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(whole[: len(whole) // 2]), encoding="utf-8")
    (check_id,) = run(centre)
    assert check_id == f"{CHECK}{file.stem.removeprefix('calls_')}"
    assert run(centre) == {check_id}
    file.write_text("".join(whole), encoding="utf-8")
    assert run(centre) == set()


def test_a_file_with_a_header_only_blocks(centre: Home) -> None:
    file = newest(centre)
    with file.open(encoding="utf-8") as lines:
        header = lines.readline()
    file.write_text(header, encoding="utf-8")
    assert run(centre) == {f"{CHECK}{file.stem.removeprefix('calls_')}"}


def test_a_file_in_which_most_rows_break_the_contract_blocks(centre: Home) -> None:
    file = newest(centre)
    file.write_text(file.read_text(encoding="utf-8").replace(",answered,", ",connected,"), encoding="utf-8")
    day = file.stem.removeprefix("calls_")
    assert {f"calls.rejected:hotline:{day}", f"calls.outcome.answered:hotline:{day}"} <= run(centre)
