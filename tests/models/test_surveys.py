"""Surveys through the whole line: published results, bad input, what is published once, and what is never published."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from hotline import building, landing, publishing
from hotline.home import Home
from hotline.simulation import published_surveys
from tests.models.published_surveys import land_published_surveys

MODELS = ("+path:models/marts/people/surveys",)
ANSWER_COLUMNS = (
    *("survey_id", "wave", "response_id", "submitted_at", "item_id", "answer", "is_valid", "gender", "group"),
)
SECRET = "respondent-of-the-hand-made-wave"
TOLD = "remark-that-is-nobodys-business"


def answers(
    wave: str,
    count: int,
    first: int = 0,
    day: str = "2025-03-04",
    survey: str = "hand",
    shift: int = 0,
    name: str = SECRET,
) -> list[dict[str, Any]]:
    """Three items of 1 to 5 from each of `count` people: a third women, groups A and B, and two people of group C."""
    return [
        {
            "survey_id": survey,
            "wave": wave,
            "response_id": f"{name}-{wave}-{number}",
            "submitted_at": f"{day}T{8 + number % 10:02d}:{number % 60:02d}:00+08:00",
            "item_id": f"H{item}",
            "answer": str(1 + (number * 7 + item * 3 + shift + number // 5) % 5),
            "is_valid": "true",
            "gender": "female" if number % 3 == 0 else "male",
            "group": "C" if number in (3, 4) else "AB"[number % 2],
        }
        for number in range(first, first + count)
        for item in range(1, 4)
    ]


def land(home: Home, name: str, rows: list[dict[str, Any]], columns: tuple[str, ...] = ANSWER_COLUMNS) -> None:
    folder = home.landing / "surveys"
    folder.mkdir(exist_ok=True)
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)


def build(home: Home, tests: bool) -> None:
    landing.load(home)
    with pytest.MonkeyPatch.context() as patch:
        if not tests:
            patch.setenv("DBT_INDIRECT_SELECTION", "empty")
        result = building.build(home, select=MODELS)
    # Tests that look at other marts too have nothing to look at here.
    failed = [node for node in result.nodes if node.failed and "survey" in f"{node.name} {node.file}"]
    assert not failed, result.report()


def query(home: Home, sql: str) -> list[tuple]:
    with duckdb.connect(str(home.people), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def marts(home: Home, but: str = "") -> dict[str, list[tuple]]:
    tables = [row[0] for row in query(home, "select table_name from duckdb_tables() where table_name like 'survey_%'")]
    return {name: query(home, f"from marts.{name} {but} order by all") for name in tables if name != "survey_problems"}


@pytest.fixture(scope="session")
def surveyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The simulated published surveys, a hand-made one with faults, and one that is still open."""
    home = Home(tmp_path_factory.mktemp("surveys") / "data").create()
    published_surveys.write(home.landing)
    items = [
        {"survey_id": "hand", "item_id": f"H{item}", "dimension": "one", "scale_min": 1, "scale_max": 5}
        for item in range(1, 4)
    ]  # fmt: skip
    land(home, "survey_items_hand", items, tuple(items[0]))
    rows = answers("w1", 30)
    rows += [
        rows[0] | {"item_id": "H9"},
        rows[3] | {"item_id": "H1", "response_id": "x", "answer": "7"},
        rows[3] | {"item_id": "H2", "response_id": "x", "answer": TOLD},
        rows[4] | {"answer": "5" if rows[4]["answer"] != "5" else "4"},
        rows[6],
        rows[8] | {"item_id": "H2", "response_id": "y", "submitted_at": "noon"},
    ]
    land(home, "survey_responses_hand", rows)
    land(home, "survey_responses_open", answers("open", 20, day=f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}"))
    land(home, "survey_responses_unknown", answers("w1", 210, survey="nobody-described-it", name="stranger"))
    build(home, tests=True)
    yield home


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Home:
    """The two published data sets, as they came."""
    home = Home(tmp_path_factory.mktemp("published") / "data").create()
    land_published_surveys(home, real_data)
    build(home, tests=False)
    return home


# ---- published results


def test_alphas_of_the_big_five_are_those_of_the_manual(published: Home) -> None:
    found = query(
        published,
        "select scale, round(alpha, 2), people, items from marts.survey_reliability"
        " where survey_id = 'bfi' and item_id = 'all' and scale <> 'all' order by scale_order",
    )
    assert found == [
        ("agreeableness", 0.70, 2800, 5),
        ("conscientiousness", 0.73, 2800, 5),
        ("extraversion", 0.76, 2800, 5),
        ("neuroticism", 0.81, 2800, 5),
        ("openness", 0.60, 2800, 5),
    ]


def test_kmo_and_bartlett_of_the_big_five_are_those_of_factor_analyzer(published: Home) -> None:
    (found,) = query(
        published,
        "select kmo, bartlett_chi_square, complete_people, kmo_reading_en from marts.survey_reliability"
        " where survey_id = 'bfi' and scale = 'all' and item_id = 'all'",
    )
    assert found == (pytest.approx(0.848645231, abs=1e-8), pytest.approx(18146.065577, abs=1e-5), 2436, "suitable")


def test_attitude_survey_gives_the_regression_of_every_textbook(published: Home) -> None:
    assert query(
        published,
        "select round(alpha, 2), items, people from marts.survey_reliability"
        " where survey_id = 'attitude' and scale = 'all' and item_id = 'all'",
    ) == [(0.84, 7, 30)]
    found = query(
        published,
        "select scale, round(coefficient, 3), round(r_squared, 3), step from marts.survey_drivers"
        " where survey_id = 'attitude' order by abs(beta) desc",
    )
    assert found[0] == ("complaints", 0.613, 0.733, 1)
    assert [row[0] for row in found] == ["complaints", "learning", "advance", "privileges", "raises", "critical"]


def test_every_answer_of_the_published_files_is_accounted_for(published: Home) -> None:
    with duckdb.connect(str(published.warehouse), read_only=True) as connection:
        found = connection.execute(
            "select path, rows_read, rows_kept from raw.load_ledger where entity = 'survey_responses' order by path"
        ).fetchall()
    # 2,800 × 25 cells, of which 508 are NA.
    assert found == [("attitude.csv", 210, 210), ("bfi.csv", 69_492, 69_492)]


def test_employee_survey_shows_its_published_figures(surveyed: Home) -> None:
    assert query(
        surveyed,
        "select sent, returned, valid_responses from marts.survey_response_rate where survey_id = 'satisfaction'",
    ) == [(241, 234, 221)]
    found = query(
        surveyed,
        "select dimensions.scale_label_zh, round(mean_score, 4), standard_deviation, pearson_r"
        " from marts.survey_dimensions as dimensions join marts.survey_drivers using (source, survey_id, wave, scale)"
        " where survey_id = 'satisfaction' and variable = 'all' order by mean_score desc",
    )
    expected = [
        ("整体环境", 3.7896, 0.61232, 0.551),
        ("主要领导", 3.7157, 0.47172, 0.389),
        ("部门协作", 3.5525, 0.57171, 0.641),
        ("开发提升", 3.5199, 0.50901, 0.531),
        ("生涯激励", 3.3375, 0.61132, 0.681),
        ("绩效管理", 3.2771, 0.73445, 0.651),
        ("工作本身", 3.2282, 0.52534, 0.491),
    ]
    for row, (label, mean, deviation, along) in zip(found, expected, strict=True):
        assert row == (label, mean, pytest.approx(deviation, abs=1e-4), pytest.approx(along, abs=5e-4))
    items = query(
        surveyed,
        "select item_id, best_rank, worst_rank, largest_spread_rank, smallest_spread_rank from marts.survey_items"
        " where survey_id = 'satisfaction' and item_id <> 'T0'",
    )
    for column, names in ((1, "A7 A6 A4 G5 A3"), (2, "A8 D4 D3 D7 C2"), (3, "B6 C6 C4 E3 B3"), (4, "F3 F2 G2 D6 A7")):
        assert {row[0] for row in items if row[column] <= 5} == set(names.split())


def test_overall_satisfaction_is_3_41_and_its_score_out_of_100_is_not_67_2(surveyed: Home) -> None:
    (found,) = query(
        surveyed,
        "select round(mean_score, 2), round(score_of_100, 1) from marts.survey_dimensions"
        " where survey_id = 'satisfaction' and variable = 'all' and scale = 'overall'",
    )
    assert found == (3.41, 68.2)


def test_the_published_equation_is_not_that_of_least_squares(surveyed: Home) -> None:
    """At the means it gives 3.095, where every least-squares fit gives the mean of the outcome."""
    rows = query(
        surveyed,
        "select coefficient, mean_score, intercept from marts.survey_drivers join marts.survey_dimensions"
        " using (source, survey_id, wave, scale) where survey_id = 'satisfaction' and variable = 'all'",
    )
    assert sum(row[0] * row[1] for row in rows) + rows[0][2] == pytest.approx(3.41, abs=0.01)
    at_the_means = -0.338 + 0.361 * 3.3375 + 0.347 * 3.2771 + 0.338 * 3.2282
    assert at_the_means == pytest.approx(3.095, abs=1e-3)


def test_stress_survey_has_the_published_design_and_effects(surveyed: Home) -> None:
    rates = query(
        surveyed,
        "select member, sent, returned from marts.survey_response_rate where survey_id = 'stress' order by member",
    )
    assert rates == [("A", 40, 37), ("B", 40, 36), ("C", 80, 73), ("all", 160, 146)]
    p_values = dict(
        query(
            surveyed,
            "select variable, classic_p_value from marts.survey_group_tests"
            " where survey_id = 'stress' and scale = 'all'",
        )
    )
    assert p_values == {
        "gender": pytest.approx(0.036, abs=1e-3),
        "tenure_band": pytest.approx(0.011, abs=1e-3),
        "group": pytest.approx(0.030, abs=1e-3),
    }
    means = dict(
        query(
            surveyed,
            "select variable || ' ' || member, mean_score from marts.survey_dimensions"
            " where survey_id = 'stress' and scale = 'all'",
        )
    )
    assert means["gender male"] > means["gender female"]
    assert max((key for key in means if key.startswith("tenure")), key=means.__getitem__) == "tenure_band 6-12 months"
    assert min(means["group A"], means["group B"]) > means["group C"]
    alphas = query(
        surveyed,
        "select round(max(alpha), 3), round(max(alpha_if_deleted) filter (item_id = 'Q3'), 3),"
        " arg_max(item_id, alpha_gain_if_deleted), round(max(alpha_gain_if_deleted), 3) from marts.survey_reliability"
        " where survey_id = 'stress' and scale = 'all'",
    )
    assert alphas == [(0.547, 0.628, "Q3", 0.081)]


def test_stressors_are_manifest_and_latent_as_published(surveyed: Home) -> None:
    found = query(
        surveyed,
        "select scale_label_zh, stressor from marts.survey_dimensions"
        " where survey_id = 'stress' and variable = 'all' and scale <> 'all' order by scale_order",
    )
    manifest, latent = "manifest", "latent"
    assert found == [
        ("工作特征", manifest),
        ("角色压力", latent),
        ("组织与氛围", latent),
        ("事业发展", manifest),
        ("家庭与个人", manifest),
    ]


# ---- bad input


def test_answers_that_cannot_be_used_are_listed_with_file_line_and_item(surveyed: Home) -> None:
    found = query(
        surveyed,
        "select path, line, item_id, problem, answers from marts.survey_problems where survey_id = 'hand'"
        " order by line",
    )
    path = "surveys/survey_responses_hand.csv"
    assert found == [
        (path, 92, "H9", "the item is unknown", 1),
        (path, 93, "H1", "the answer is off the scale of 1 to 5", 1),
        (path, 94, "H2", "the answer is no number", 1),
    ]


def test_a_survey_without_a_questionnaire_is_told_and_does_not_flood_the_list(surveyed: Home) -> None:
    found = query(
        surveyed,
        "select item_id, count(line), sum(answers), max(problem) from marts.survey_problems"
        " where survey_id = 'nobody-described-it' group by item_id order by item_id",
    )
    assert found == [(f"H{item}", 200, 210, "the item is unknown") for item in range(1, 4)]


def test_who_answers_twice_counts_once_and_is_told_by_line(surveyed: Home) -> None:
    with duckdb.connect(str(surveyed.warehouse), read_only=True) as connection:
        rejected = connection.execute(
            "select line, column_name, regexp_replace(reason, '.*(is not a valid)', '\\1'), raw_text"
            " from raw.rejected_rows where entity = 'survey_responses'"
            " order by line"
        ).fetchall()
        (ledger,) = connection.execute(
            "select rows_read, rows_kept, rows_rejected, rows_duplicate from raw.load_ledger"
            " where path = 'surveys/survey_responses_hand.csv'"
        ).fetchall()
    assert rejected == [
        (6, "survey_id", "the key stands again, with other values, on line 95, which is kept", None),
        (97, "submitted_at", "is not a valid TIMESTAMPTZ", None),
    ]
    assert ledger == (96, 93, 2, 1)
    # 30 people, and x who gave no usable answer.
    assert query(
        surveyed,
        "select returned, valid_responses from marts.survey_response_rate"
        " where survey_id = 'hand' and variable = 'all'",
    ) == [(31, 30)]


def test_a_group_of_two_is_merged_and_no_score_rests_on_fewer_than_five(surveyed: Home) -> None:
    members = query(
        surveyed,
        "select distinct member, people from marts.survey_dimensions where survey_id = 'hand' and variable = 'group'"
        " and scale = 'one' order by member",
    )
    assert members == [("B", 14), ("other", 16)]
    for name in ("survey_items", "survey_dimensions", "survey_group_tests"):
        assert query(surveyed, f"select min(people) >= 5 from marts.{name}") == [(True,)]


def test_a_wave_that_is_open_is_not_published(surveyed: Home) -> None:
    found = query(surveyed, "select distinct wave from marts.survey_tables where survey_id = 'hand'")
    assert found == [("w1",)]
    for rows in marts(surveyed).values():
        assert not [row for row in rows if "open" in row]


# ---- published once


def test_what_was_published_stays_whatever_comes_later(surveyed: Home, tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    shutil.copytree(surveyed.root, home.root)
    before = marts(home)
    assert publishing.keep_waves(home) == [
        "hotline hand w1",
        "hotline satisfaction published",
        "hotline stress published",
    ]
    assert {path.stat().st_mode & 0o777 for path in (home.waves,)} == {0o700}
    # One answer more, one corrected, the whole wave once more under another name, and a new wave.
    land(home, "survey_responses_late", answers("w1", 1, first=40))
    land(home, "survey_responses_correction", [row | {"answer": "1"} for row in answers("w1", 3)])
    land(home, "survey_responses_again", [row | {"wave": "w1-again"} for row in answers("w1", 30)])
    land(home, "survey_responses_next", answers("w2", 30, day="2025-09-04", shift=1))
    build(home, tests=False)
    assert publishing.keep_waves(home) == ["hotline hand w1-again", "hotline hand w2"]
    later = "where wave in ('published', 'w1')"
    for name, rows in marts(home, later).items():
        known = set(before[name])
        changed = [row for row in rows if row not in known]
        if name == "survey_response_rate":
            # That something came later is told; what it was is not.
            assert [row[-1] for row in changed if row[-1] is not None] == [1], changed
        else:
            # Only which wave is the latest.
            flags = {tuple(value for value in row if not isinstance(value, bool)) for row in before[name]}
            assert all(tuple(value for value in row if not isinstance(value, bool)) in flags for row in changed), name
    reasons = query(home, "select reason, is_published from marts.survey_tables where wave = 'w1-again'")
    assert reasons == [("repeats answers of wave w1", False)]
    assert query(home, "select count(*) from marts.survey_dimensions where wave = 'w1-again'") == [(0,)]
    (change,) = query(
        home,
        "select mean_score - mean_score_before, change_of_mean,"
        " change_low < change_of_mean and change_of_mean < change_high"
        " from marts.survey_dimensions where wave = 'w2' and variable = 'all' and scale = 'one'",
    )
    assert change[0] == pytest.approx(change[1]) and change[2]


# ---- never published


def test_answers_of_people_are_in_no_file_but_landing_raw_and_quarantine(surveyed: Home, tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    shutil.copytree(surveyed.root, home.root)
    publishing.keep_waves(home)
    holding = set()
    for path in home.root.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            holding |= {
                (path.relative_to(home.root).parts[0], word)
                for word in (SECRET, TOLD, "satisfaction-0001", "stress-0001")
                if word.encode() in content
            }
    assert {place for place, _ in holding} <= {"landing", "raw", "quarantine"}, holding
    # The search can find: what landed is there.
    assert ("landing", SECRET) in holding
    assert ("landing", TOLD) in holding


def test_no_table_that_is_kept_has_a_row_per_respondent(surveyed: Home) -> None:
    with duckdb.connect(str(surveyed.warehouse), read_only=True) as connection:
        columns = connection.execute(
            "select distinct table_name from duckdb_columns() where column_name = 'response_id'"
            " intersect select table_name from duckdb_tables()"
        ).fetchall()
    assert columns == []
    assert query(surveyed, "select count(*) from duckdb_columns() where column_name in ('response_id', 'answer')") == [
        (0,)
    ]
