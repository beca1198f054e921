"""Survival against lifelines run by hand, R's published figures, and curves whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.datasets import load_rossi, load_waltons
from lifelines.statistics import multivariate_logrank_test, proportional_hazard_test

from hotline.statistics import survival


def people(tenure, has_left, entry=0.0, **traits) -> pd.DataFrame:
    table = pd.DataFrame({"tenure": np.asarray(tenure, float), "has_left": np.asarray(has_left, bool)} | traits)
    return table.assign(entry=entry)


def test_a_curve_counted_by_hand() -> None:
    # Of five, one leaves after 1 month, one after 3; one is still there after 2, two after 5.
    found = survival.curve(people([1, 2, 3, 5, 5], [1, 0, 1, 0, 0])).set_index("tenure_months")
    assert found["survival"].tolist() == pytest.approx([1, 4 / 5, 4 / 5, 4 / 5 * 2 / 3, 4 / 5 * 2 / 3, 4 / 5 * 2 / 3])
    assert found["at_risk"].tolist() == [5, 5, 4, 3, 2, 2]
    assert found["leavers_in_month"].tolist() == [0, 1, 0, 1, 0, 0]
    # Greenwood's 1/(5·4) at one month; log-log limits: S^exp(±1.96·√V/ln S).
    width = 1.959964 * np.sqrt(1 / 20) / np.log(0.8)
    assert found.loc[1, ["survival_low", "survival_high"]].tolist() == pytest.approx(
        [0.8 ** np.exp(-width), 0.8 ** np.exp(width)], abs=1e-6
    )


def test_who_enters_late_is_at_risk_only_then() -> None:
    # Twenty known from hiring, one of whom leaves at 2; eight known from month 3, one of whom leaves at 4.
    table = people([2, *[6] * 19, 4, *[6] * 7], [1, *[0] * 19, 1, *[0] * 7], entry=[*[0] * 20, *[3] * 8])
    found = survival.curve(table).set_index("tenure_months")["survival"]
    assert (found[2], found[4]) == pytest.approx((19 / 20, 19 / 20 * 26 / 27))


def test_few_who_enter_early_do_not_end_the_curve() -> None:
    # One of one known from hiring leaves at once; of twelve known from month 3 a third leaves at month 4.
    table = people([0.5, *[4] * 4, *[9] * 8], [1, *[1] * 4, *[0] * 8], entry=[0, *[3] * 12])
    found = survival.curve(table).set_index("tenure_months")
    assert found["survival"][[0, 2, 4, 9]].tolist() == pytest.approx([1, 1, 2 / 3, 2 / 3])
    assert set(found["begins_at_months"]) == {0.5}


def test_a_curve_ends_where_nobody_is_observed() -> None:
    # Twenty from hiring to month 5, half of whom leave at 2; twenty others only from month 8 on.
    table = people([*[2] * 10, *[5] * 10, *[12] * 20], [*[1] * 10, *[0] * 30], entry=[*[0] * 20, *[8] * 20])
    found = survival.curve(table).set_index("tenure_months")["survival"]
    assert found.to_dict() == {0: 1, 1: 1, 2: 0.5, 3: 0.5, 4: 0.5, 5: 0.5}


def test_late_entries_without_a_gap_are_those_of_lifelines() -> None:
    chance = np.random.default_rng(8)
    entry = np.where(np.arange(500) < 200, 0, chance.uniform(0, 20, 500))
    tenure = entry + chance.exponential(15, 500)
    table = people(tenure, chance.random(500) < 0.7, entry)
    found = survival.curve(table)
    fitted = KaplanMeierFitter().fit(tenure, table["has_left"], entry=entry)
    months = found["tenure_months"]
    assert found["survival"].to_numpy() == pytest.approx(fitted.predict(months).to_numpy(), abs=1e-12)
    limits = fitted.confidence_interval_
    place = np.searchsorted(limits.index, months, side="right") - 1
    for name, column in zip(("survival_low", "survival_high"), limits.to_numpy().T, strict=True):
        assert found[name].to_numpy() == pytest.approx(np.nan_to_num(column[place], nan=1.0), abs=1e-9)


def test_curves_and_test_are_those_of_lifelines() -> None:
    data = load_waltons()
    table = people(data["T"], data["E"])
    found = survival.curve(table)
    fitted = KaplanMeierFitter().fit(data["T"], data["E"])
    assert found["survival"].to_numpy() == pytest.approx(fitted.predict(found["tenure_months"]).to_numpy(), abs=1e-12)
    assert found["median_months"][0] == fitted.median_survival_time_
    statistic, freedom, p_value = survival.logrank(table, data["group"])
    reference = multivariate_logrank_test(data["T"], data["group"], data["E"])
    assert (statistic, freedom) == (pytest.approx(reference.test_statistic, rel=1e-9), 1)
    assert p_value == pytest.approx(reference.p_value, rel=1e-9)


def test_the_log_rank_test_of_three_groups_with_ties_is_that_of_lifelines() -> None:
    chance = np.random.default_rng(3)
    groups = pd.Series(chance.choice(["a", "b", "c"], 400))
    tenure = np.ceil(chance.exponential(np.where(groups == "c", 9, 14)))
    has_left = chance.random(400) < 0.7
    found = survival.logrank(people(tenure, has_left), groups)
    reference = multivariate_logrank_test(tenure, groups, has_left)
    assert found == pytest.approx((reference.test_statistic, 2, reference.p_value), rel=1e-9)


def test_the_log_rank_test_with_late_entry_is_coxs_score_test() -> None:
    # Without ties the score test of a regression on one trait is the log-rank test; written out from the risk sets.
    chance = np.random.default_rng(4)
    groups = pd.Series(chance.choice(["a", "b"], 300))
    entry = chance.uniform(0, 10, 300)
    tenure = entry + chance.exponential(10, 300)
    has_left = chance.random(300) < 0.8
    score = information = 0.0
    for time in tenure[has_left]:
        at_risk = (entry < time) & (tenure >= time)
        share = (groups[at_risk] == "b").mean()
        score += float(groups[np.flatnonzero(tenure == time)[0]] == "b") - share
        information += share * (1 - share)
    statistic, *_ = survival.logrank(people(tenure, has_left, entry), groups)
    assert statistic == pytest.approx(score**2 / information, rel=1e-9)


def test_truncation_left_out_would_flatter_the_curve() -> None:
    # Half leave within ten months in truth; records begin when the earlier ones had been there for up to twenty.
    chance = np.random.default_rng(5)
    tenure = chance.exponential(10 / np.log(2), 20_000)
    entry = chance.choice([0.0, 20.0], 20_000) * chance.random(20_000)
    seen = tenure > entry
    table = people(tenure[seen], np.ones(seen.sum()), entry[seen])
    right = survival.curve(table).set_index("tenure_months")["survival"][10]
    flattered = survival.curve(table.assign(entry=0.0)).set_index("tenure_months")["survival"][10]
    assert right == pytest.approx(0.5, abs=0.015)
    assert flattered > 0.58


def test_hazard_ratios_are_those_of_lifelines_and_of_the_published_example() -> None:
    # Rossi's recidivism data; Fox's appendix on Cox regression prints fin −0.379 (0.191), age −0.057, prio 0.091.
    data = load_rossi()
    traits = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
    found = survival.hazards(people(data["week"], data["arrest"], **data[traits]), traits).set_index("grouping_by")
    assert found.loc["fin", ["coefficient", "standard_error"]].tolist() == pytest.approx([-0.379, 0.191], abs=5e-4)
    assert found["coefficient"][["age", "prio"]].tolist() == pytest.approx([-0.057, 0.091], abs=5e-4)
    fitted = CoxPHFitter().fit(data, "week", "arrest")
    for trait in traits:
        assert found.loc[trait, "hazard_ratio_high"] == pytest.approx(fitted.summary.loc[trait, "exp(coef) upper 95%"])


def test_the_test_of_proportionality_is_that_of_lifelines() -> None:
    data = load_rossi()
    traits = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
    # lifelines ranks leavers of one day as they happen to be sorted: no two are to leave on the same.
    data["week"] += np.random.default_rng(1).random(len(data)) / 10
    found = survival.hazards(people(data["week"], data["arrest"], **data[traits]), traits).set_index("grouping_by")
    checked = proportional_hazard_test(CoxPHFitter().fit(data, "week", "arrest"), data, time_transform="rank").summary
    for trait in traits:
        assert found.loc[trait, "proportionality_p_value"] == pytest.approx(checked.loc[trait, "p"], rel=1e-6)


def test_residuals_with_ties_are_those_of_lifelines() -> None:
    data = load_rossi()[["week", "arrest", "fin", "age"]]
    fitted = CoxPHFitter().fit(data, "week", "arrest")
    table = people(data["week"], data["arrest"], fin=data["fin"], age=data["age"])
    found = survival.schoenfeld_residuals(table, data[["fin", "age"]], fitted.params_.to_numpy())
    expected = fitted.compute_residuals(data, "schoenfeld").loc[data.index[data["arrest"] == 1]]
    assert found == pytest.approx(expected.to_numpy(), abs=1e-9)


def test_a_hazard_that_changes_with_tenure_is_found_out_also_with_late_entry() -> None:
    # In truth the trait matters in the first half year only.
    chance = np.random.default_rng(7)
    trait = chance.integers(0, 2, 6_000).astype(float)
    early = chance.exponential(10 / np.exp(trait))
    tenure = np.where(early < 6, early, 6 + chance.exponential(10, 6_000))
    entry = np.where(chance.random(6_000) < 0.5, 0, chance.uniform(0, 12, 6_000))
    seen = tenure > entry
    table = people(tenure, True, entry, trait=trait, other=chance.random(6_000))[seen]
    found = survival.hazards(table, ["trait", "other"]).set_index("grouping_by")["proportionality_p_value"]
    assert found["trait"] < 1e-6
    assert found["other"] > 0.01


def test_too_few_leavers_give_curves_and_no_regression() -> None:
    chance = np.random.default_rng(6)
    table = people(chance.uniform(1, 30, 40), np.arange(40) < 8, pay=chance.random(40), team=["x"] * 20 + ["y"] * 20)
    found = survival.survival_of_source("s", table, ["team"], ["pay", "team"])
    assert found.loc[found["part"] == "hazard", "status"].tolist() == ["too few"]
    assert set(found.loc[found["part"] == "curve", "member"]) == {"all", "x", "y"}
    assert (found["part"] == "test").sum() == 1
    assert list(survival.survival_of_source("s", table.iloc[:0], ["team"], ["pay"])) == list(survival.COLUMNS)


def test_a_trait_that_hardly_anybody_has_a_value_of_is_left_out() -> None:
    chance = np.random.default_rng(9)
    table = people(chance.exponential(10, 400), True, pay=chance.random(400), age=chance.random(400), score=np.nan)
    table.loc[:300, "pay"] = np.nan
    table.loc[:20, "age"] = np.nan
    found = survival.hazards(table, ["pay", "age", "score"])
    assert found[["grouping_by", "persons"]].to_numpy().tolist() == [["age", 379]]
