"""Comparisons against textbook cases and other routes, and their promise: 95 % of the intervals hold the truth."""

from __future__ import annotations

import math
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hotline.statistics import comparing
from hotline.statistics.comparing import Comparison, Shown, TooFew
from hotline.statistics.comparisons import COLUMNS, DeclarationError, compare_declared


def test_shares_as_newcombe_prints_them() -> None:
    """Newcombe (1998), table II, method 10: 56/70 and 48/80 differ by 0.2000, 0.0524 to 0.3339."""
    found = comparing.compare_shares(48, 80, 56, 70)
    assert found.difference == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.is_clear
    assert found.test == "score test"
    # Without correction the score test of two shares is the chi-squared test of the table.
    chi = stats.chi2_contingency([[48, 32], [56, 14]], correction=False)
    assert found.p_value == pytest.approx(chi.pvalue, rel=1e-6)
    assert found.effect == pytest.approx(2 * math.asin(math.sqrt(0.8)) - 2 * math.asin(math.sqrt(0.6)))


def test_few_cases_are_tested_exactly() -> None:
    found = comparing.compare_shares(1, 9, 4, 8)
    assert found.test == "Fisher's exact test"
    assert found.p_value == pytest.approx(stats.fisher_exact([[1, 8], [4, 4]]).pvalue)
    assert not comparing.compare_shares(0, 9, 0, 8).is_clear


def test_means_of_a_published_before_and_after() -> None:
    """124 patients before and 124 after, as a report prints them: mean and standard deviation."""
    found = comparing.compare_means_of((3.52, 0.61, 124), (3.78, 0.55, 124))
    other = stats.ttest_ind_from_stats(3.78, 0.55, 124, 3.52, 0.61, 124, equal_var=False)
    assert found.p_value == pytest.approx(other.pvalue)
    assert found.p_value < 0.01
    assert (found.low, found.high) == pytest.approx(tuple(other_interval(found, 0.61, 0.55)))
    assert found.effect == pytest.approx(0.26 / math.sqrt((0.61**2 + 0.55**2) / 2), rel=0.01)


def other_interval(found: Comparison, sd_1: float, sd_2: float) -> tuple[float, float]:
    """Large samples: close to the normal interval, by hand."""
    error = math.sqrt(sd_1**2 / found.cases_1 + sd_2**2 / found.cases_2)
    freedom = error**4 / ((sd_1**2 / 124) ** 2 / 123 + (sd_2**2 / 124) ** 2 / 123)
    reach = stats.t.ppf(0.975, freedom) * error
    return found.difference - reach, found.difference + reach


def test_means_of_values_are_scipys_welch_test() -> None:
    chance = np.random.default_rng(1)
    first, second = chance.normal(180, 60, 40), chance.normal(150, 90, 25)
    found = comparing.compare_means(first, second)
    other = stats.ttest_ind(second, first, equal_var=False)
    assert found.p_value == pytest.approx(other.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(other.confidence_interval()))


def test_rates_of_events() -> None:
    # Duplicates for which persons are responsible: 15 in a month, then 1.
    found = comparing.compare_rates(15, 1, 1, 1)
    assert (found.value_1, found.value_2, found.difference) == (15, 1, -14)
    assert found.is_clear
    assert found.p_value < 0.001
    assert found.effect == pytest.approx(1 / 15)
    assert not comparing.compare_rates(15, 30, 12, 28).is_clear


def test_equal_days_make_ratios_what_means_are() -> None:
    chance = np.random.default_rng(2)
    first, second = chance.normal(50, 5, 14), chance.normal(55, 8, 21)
    by_days = comparing.compare_ratios(first * 100, np.full(14, 100), second * 100, np.full(21, 100))
    by_means = comparing.compare_means(first, second)
    for name in ("difference", "low", "high", "p_value"):
        assert getattr(by_days, name) == pytest.approx(getattr(by_means, name))


def test_a_ratio_is_of_sums_and_not_the_mean_of_ratios() -> None:
    found = comparing.compare_ratios(
        [9, 1, 9, 1, 9], [10, 10, 10, 10, 10], [90, 1, 1, 1, 1, 7], [100, 10, 10, 10, 10, 0]
    )
    assert found.value_1 == pytest.approx(29 / 50)
    # A day without anything below the line is no day: its 7 above it do not count.
    assert (found.value_2, found.cases_2) == (pytest.approx(94 / 140), 5)


@pytest.mark.parametrize("kind", ["shares", "rates", "ratios"])
def test_nineteen_of_twenty_intervals_hold_the_truth(kind: str) -> None:
    chance = np.random.default_rng(3)
    held = 0
    for _ in range(600):
        if kind == "shares":
            found = comparing.compare_shares(chance.binomial(80, 0.7), 80, chance.binomial(60, 0.8), 60)
            truth = 0.1
        elif kind == "rates":
            found = comparing.compare_rates(chance.poisson(40), 14, chance.poisson(60), 14)
            truth = 20 / 14
        else:
            # Days differ: some are bad for all of their calls.
            days = [chance.poisson(200, 14) for _ in range(2)]
            good = [chance.beta(mean * 40, (1 - mean) * 40, 14) for mean in (0.8, 0.75)]
            hits = [chance.binomial(calls, share) for calls, share in zip(days, good, strict=True)]
            found = comparing.compare_ratios(hits[0], days[0], hits[1], days[1])
            truth = -0.05
        held += found.low <= truth <= found.high
    assert 0.925 < held / 600 < 0.985


def test_days_that_hang_together_would_fool_a_test_of_cases() -> None:
    """No difference at all, but every day its own: by cases one comparison in twenty should be clear, and most are."""
    chance = np.random.default_rng(4)
    by_case = by_day = 0
    for _ in range(200):
        days = [chance.poisson(1_000, 14) for _ in range(2)]
        hits = [chance.binomial(calls, chance.beta(32, 8, 14)) for calls in days]
        by_case += comparing.compare_shares(hits[0].sum(), days[0].sum(), hits[1].sum(), days[1].sum()).is_clear
        by_day += comparing.compare_ratios(hits[0], days[0], hits[1], days[1]).is_clear
    assert by_case > 100
    assert by_day < 22


def test_two_groups_of_the_same_days_are_compared_day_by_day() -> None:
    """Busy days are busy for both: 19 of 20 intervals hold the difference, narrower than days apart would give."""
    held, narrower = 0, []
    for seed in range(200):
        draw = np.random.default_rng(seed)
        wait = draw.gamma(4, 10, 28)  # of a day
        number = draw.integers(50, 150, 28)
        ordinary = draw.gamma(number, wait), number
        high = draw.gamma(number / 2, 0.5 * wait), number / 2
        days = np.arange(28)
        together = comparing.compare_ratios(*ordinary, *high, days=(days, days))
        assert together.test == "paired t test over days"
        held += together.low <= -20 <= together.high
        apart = comparing.compare_ratios(*ordinary, *high)
        assert apart.difference == together.difference
        narrower.append((together.high - together.low) / (apart.high - apart.low))
    # Fewer than 179 of 200 happen by chance once in a thousand.
    assert held >= 179, held
    assert np.median(narrower) < 0.7


def test_a_day_of_one_group_only_counts_for_it_and_days_apart_are_as_before() -> None:
    first, second = np.arange(5, 12.0), np.arange(6, 13.0)
    whole = np.full(7, 20.0)
    apart = comparing.compare_ratios(first, whole, second, whole, days=(np.arange(7), np.arange(7, 14)))
    assert apart == comparing.compare_ratios(first, whole, second, whole)
    partly = comparing.compare_ratios(first, whole, second, whole, days=(np.arange(7), np.arange(1, 8)))
    assert (partly.cases_1, partly.cases_2, partly.test) == (7, 7, "paired t test over days")
    assert partly.low < partly.difference == apart.difference < partly.high


@pytest.mark.parametrize("are_the_same_agents", [True, False])
def test_cases_of_an_agent_hang_together_and_intervals_over_agents_hold_the_truth(are_the_same_agents: bool) -> None:
    """No difference but among agents: by case too many comparisons are clear where the groups are other people."""
    chance = np.random.default_rng(5)
    held = by_case = 0
    for _ in range(400):
        levels = [chance.beta(16, 4, 25)]
        levels.append(levels[0] if are_the_same_agents else chance.beta(16, 4, 25))
        cases = [chance.poisson(60, 25) for _ in range(2)]
        hits = [chance.binomial(number, level) for number, level in zip(cases, levels, strict=True)]
        if not are_the_same_agents:
            none = np.zeros(25)
            hits, of = ([np.concatenate([one[0], none]), np.concatenate([none, one[1]])] for one in (hits, cases))
        else:
            of = cases
        found = comparing.compare_clusters(hits[0], of[0], hits[1], of[1])
        assert (found.cases_1, found.cases_2) == (25, 25)
        held += not found.is_clear
        by_case += comparing.compare_shares(
            int(hits[0].sum()), int(of[0].sum()), int(hits[1].sum()), int(of[1].sum())
        ).is_clear
    assert 0.92 < held / 400 <= 0.99
    if not are_the_same_agents:
        assert by_case > 80


def test_an_agent_of_both_periods_is_compared_with_himself() -> None:
    """Everybody better by a tenth: as certain as can be, however different agents are."""
    before = np.array([10, 30, 50, 70, 80], dtype=float)
    found = comparing.compare_clusters(before, np.full(5, 100), before + 10, np.full(5, 100))
    assert (found.difference, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))
    apart = comparing.compare_ratios(before, np.full(5, 100), before + 10, np.full(5, 100), over="agents")
    assert not apart.is_clear
    assert apart.test == "Welch's t test over agents"


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_turned_round_everything_turns_its_sign(cases_1: int, cases_2: int, data: st.DataObject) -> None:
    hits_1, hits_2 = data.draw(st.integers(0, cases_1)), data.draw(st.integers(0, cases_2))
    there = comparing.compare_shares(hits_1, cases_1, hits_2, cases_2)
    back = comparing.compare_shares(hits_2, cases_2, hits_1, cases_1)
    assert there.low <= there.difference <= there.high
    assert (back.difference, back.low, back.high) == pytest.approx((-there.difference, -there.high, -there.low))
    assert back.p_value == pytest.approx(there.p_value, abs=1e-9)


def test_words_say_what_the_interval_says() -> None:
    clear = comparing.compare_shares(430, 1000, 680, 1000)
    english, chinese = comparing.in_words(clear, "share")
    assert english == (
        "Higher by 25.0 points: 43.0 → 68.0 %, difference +25.0 "
        "(95 % interval +20.7 to +29.1, p < 0.001; Cohen's h 0.51; n = 1,000 · 1,000)."
    )
    assert chinese == (
        "上升25.0个百分点：43.0 → 68.0%，差 +25.0（95% 区间 +20.7 至 +29.1，p < 0.001；效应量 Cohen's h 0.51；"
        "n = 1,000 · 1,000）。"
    )
    assert comparing.shown(clear, "share") == Shown(
        "43.0 %", "68.0 %", "+25.0 pp", "+20.7 … +29.1 pp", "p < 0.001", "Cohen's h 0.51"
    )
    unclear = comparing.compare_means_of((185, 60, 20), (180, 60, 20))
    english, chinese = comparing.in_words(unclear, "seconds")
    assert english.startswith("No clear difference: 185.0 → 180.0 s, difference −5.0")
    assert chinese.startswith("无明显差异：")
    # A few a month are not none a day, and nothing is a multiple of none.
    rare = comparing.shown(comparing.compare_rates(15, 30, 1, 30), "count")
    assert (rare.value_1, rare.value_2, rare.effect) == ("0.50 a day", "0.03 a day", "ratio 0.07")
    assert comparing.shown(comparing.compare_rates(0, 30, 4, 30), "count").effect == ""


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: comparing.compare_shares(0, 0, 1, 5), "0 and 5 cases"),
        (lambda: comparing.compare_means([1], [1, 2]), "1 and 2 cases"),
        (lambda: comparing.compare_rates(0, 5, 0, 5), "0 and 0 events"),
        (
            lambda: comparing.compare_clusters([1] * 9, [1] * 9, [1] * 9, [1] * 4 + [0] * 5),
            "9 and 4 agents, at least 5",
        ),
        (lambda: comparing.compare_ratios([1] * 4, [1] * 4, [1] * 9, [1] * 9), "4 and 9 days, at least 5 each"),
    ],
)
def test_too_few_cases_say_so(call, message: str) -> None:
    with pytest.raises(TooFew, match=message):
        call()


def test_days_all_alike_differ_for_certain_or_not_at_all() -> None:
    same = comparing.compare_ratios([5] * 7, [10] * 7, [5] * 7, [10] * 7)
    assert (same.is_clear, same.p_value) == (False, 1.0)
    other = comparing.compare_ratios([5] * 7, [10] * 7, [6] * 7, [10] * 7)
    assert (other.is_clear, other.p_value) == (True, 0.0)


# ---- declared comparisons

KPIS = pd.DataFrame(
    [
        {"mart": "m", "kpi": "level", "numerator": "good", "denominator": "all_", "unit": "share"},
        {"mart": "m", "kpi": "calls", "numerator": "all_", "denominator": None, "unit": "count"},
        {"mart": "m", "kpi": "score", "numerator": "points", "denominator": "scored", "unit": "ratio"},
        {"mart": "months", "kpi": "level", "numerator": "good", "denominator": "all_", "unit": "share"},
        {"mart": "timeless", "kpi": "level", "numerator": "good", "denominator": "all_", "unit": "share"},
    ]
)
LAST = date(2025, 3, 30)
DELIVERED = [LAST - timedelta(days=number) for number in range(60)]


def declared(**values: str) -> pd.DataFrame:
    entry = {
        "comparison_id": "c", "label_en": "Level", "label_zh": "水平", "mart": "m", "measure": "level", "source": "*",
        "unit_of_analysis": "day", "group_1": "before / 前", "first_1": "-13", "last_1": "-7", "column_1": None,
        "values_1": None, "group_2": "after / 后", "first_2": "-6", "last_2": "0", "column_2": None, "values_2": None,
        "report": "trial",
    }  # fmt: skip
    return pd.DataFrame([entry | values])


def rows() -> list[tuple]:
    """Rows of the mart: three agents a day, of whom the third came in the last week; a day without any."""
    chance = np.random.default_rng(1)
    found = []
    for day in DELIVERED:
        is_late = day > LAST - timedelta(days=7)
        for agent in range(6 if is_late else 5):
            points = 50 + 4 * agent + 6 * is_late + chance.integers(5)
            if day != LAST - timedelta(days=3):
                found.append(("s", day, f"a{agent}", 12 + 2 * is_late + day.day % 3, 20, float(points), 1))
    return found


def run(entry: pd.DataFrame, more: tuple[tuple, ...] = ()) -> tuple[pd.DataFrame, list[str]]:
    """The table, and what was asked of which mart."""
    asked = []
    with duckdb.connect() as connection:
        for mart, period in (("m", "day_local"), ("months", "month_start_on"), ("timeless", "as_of")):
            connection.execute(
                f"create table {mart} (source text, {period} date, agent_id text, good int, all_ int, points double,"
                " scored int, tier text default 'high')"
            )
        connection.executemany("insert into m values (?, ?, ?, ?, ?, ?, ?, 'high')", [*rows(), *more])
        connection.execute("insert into months select * from m")

        def columns_of(mart: str) -> list[str] | None:
            return connection.table(mart).columns if mart in ("m", "months", "timeless") else None

        def ask(mart: str, columns: str, condition: str) -> pd.DataFrame:
            asked.append(f"{mart}: {columns} where {condition}")
            return connection.table(mart).filter(condition).aggregate(columns).df()

        return compare_declared(entry, KPIS, {"s": DELIVERED}, columns_of, ask), asked


def test_a_declared_comparison_counts_days_back_from_the_last_one() -> None:
    found, asked = run(declared())
    sums = "day_local as unit, sum(good) as numerator, sum(all_) as denominator"
    assert asked == [
        f"m: {sums} where source = 's' and day_local between date '2025-03-17' and date '2025-03-23'",
        f"m: {sums} where source = 's' and day_local between date '2025-03-24' and date '2025-03-30'",
    ]
    (row,) = found.to_dict("records")
    assert list(found.columns) == list(COLUMNS)
    # On one of the days there was nothing to divide by.
    assert (row["cases_1"], row["cases_2"], row["test"]) == (7, 6, "Welch's t test over days")
    assert row["difference"] == pytest.approx(0.1, abs=0.02)
    assert row["words_en"].startswith("Higher by")
    assert (row["report"], row["value_1_shown"], row["effect_shown"][:5]) == ("trial", "65.7 %", "ratio")


def test_dates_and_groups_can_be_named() -> None:
    _, asked = run(declared(first_1="2025-03-01", last_1="2025-03-20", column_2="tier", values_2="high|it's"))
    assert "between date '2025-03-01' and date '2025-03-20'" in asked[0]
    assert asked[1].endswith("and cast(tier as varchar) in ('high', 'it''s')")


def test_counts_are_compared_by_day_and_a_day_without_any_is_one_of_none() -> None:
    (row,) = run(declared(measure="calls"))[0].to_dict("records")
    assert (row["value_1"], row["cases_1"]) == (100, 7)
    assert (row["value_2"], row["cases_2"]) == (pytest.approx(120 * 6 / 7), 7)
    assert " a day" in row["words_en"]


def test_rates_are_events_by_the_days_delivered() -> None:
    (row,) = run(declared(measure="calls", unit_of_analysis="rate"))[0].to_dict("records")
    assert (row["value_1"], row["value_2"]) == (100, pytest.approx(120 * 6 / 7))
    assert (row["cases_1"], row["cases_2"], row["test"]) == (700, 720, "score test of Poisson rates")
    # Nothing in one of the groups is a rate of none; nothing at all is nothing to compare.
    none = declared(measure="calls", unit_of_analysis="rate", column_2="tier", values_2="low")
    (row,) = run(none)[0].to_dict("records")
    assert (row["value_2"], row["is_clear"]) == (0, True)
    assert len(run(none.assign(column_1="tier", values_1="low"))[0]) == 0


def test_means_take_each_row_as_a_case() -> None:
    (row,) = run(declared(measure="score", unit_of_analysis="mean"))[0].to_dict("records")
    groups = [[], []]
    for _, day, _, _, _, points, _ in rows():
        if day > LAST - timedelta(days=14):
            groups[day > LAST - timedelta(days=7)].append(points)
    other = stats.ttest_ind(groups[1], groups[0], equal_var=False)
    assert (row["cases_1"], row["cases_2"], row["effect_name"]) == (35, 36, "Hedges' g")
    assert row["p_value"] == pytest.approx(other.pvalue)
    several = (("s", LAST, "a9", 1, 1, 100.0, 2),)
    with pytest.raises(DeclarationError, match="comparison c: rows of m are no cases, but sums of several"):
        run(declared(measure="score", unit_of_analysis="mean"), several)


def test_agents_are_compared_with_themselves_and_one_of_the_second_period_alone_counts_there() -> None:
    (row,) = run(declared(unit_of_analysis="agent"))[0].to_dict("records")
    assert (row["cases_1"], row["cases_2"], row["test"]) == (5, 6, "cluster-robust t test over agents")
    assert row["difference"] == pytest.approx(0.1, abs=0.02)
    assert row["is_clear"]


def test_months_are_compared_where_a_mart_counts_by_month() -> None:
    _, asked = run(declared(mart="months", unit_of_analysis="month"))
    assert asked[0].startswith("months: month_start_on as unit")


def test_too_few_days_are_said_in_words() -> None:
    (row,) = run(declared(first_2="-2"))[0].to_dict("records")
    assert row["words_en"] == "Too few to compare: 7 and 3 days, at least 5 each are needed."
    assert not row["is_clear"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"measure": "mood"}, "comparison c: m declares no measure mood"),
        ({"mart": "elsewhere"}, "comparison c: elsewhere is not among the marts that are compared; add it in int_com"),
        ({"mart": "timeless"}, "comparison c: timeless has none of day_local, week_start_on, month_start_on"),
        ({"mart": "months"}, "comparison c: months counts by month, not by day"),
        (
            {"unit_of_analysis": "year"},
            "unit of analysis is one of case, mean, rate, day, week, month, agent, not year",
        ),
        (
            {"unit_of_analysis": "case", "measure": "calls"},
            "a measure in count is compared by rate, day, week, month, not by case",
        ),
        ({"first_1": "last Monday"}, "first_1 is 'last Monday', neither a date nor a number of days"),
        ({"column_1": "1=1; --", "values_1": "x"}, "is no column"),
    ],
)
def test_a_wrong_declaration_is_refused_by_name(values: dict[str, str], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        run(declared(**values))


def test_nothing_declared_is_a_table_without_rows() -> None:
    found, _ = run(declared().iloc[:0])
    assert len(found) == 0
    assert str(found["first_day_1"].dtype).startswith("datetime64")
