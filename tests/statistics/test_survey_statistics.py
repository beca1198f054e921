"""Every statistic of surveys equals a reference package, or a published worked example, to six digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.statistics import surveys

SIX = {"abs": 5e-7, "rel": 5e-7}
SCALES = {
    "agree": (["A1", "A2", "A3", "A4", "A5"], ["A1"], 0.70),
    "conscientious": (["C1", "C2", "C3", "C4", "C5"], ["C4", "C5"], 0.73),
    "extraversion": (["E1", "E2", "E3", "E4", "E5"], ["E1", "E2"], 0.76),
    "neuroticism": (["N1", "N2", "N3", "N4", "N5"], [], 0.81),
    "openness": (["O1", "O2", "O3", "O4", "O5"], ["O2", "O5"], 0.60),
}


@pytest.fixture(scope="module")
def bfi(real_data: Path) -> pd.DataFrame:
    return pd.read_csv(real_data / "bfi_survey" / "bfi.csv").drop(columns=["rownames"])


@pytest.fixture(scope="module")
def attitude(real_data: Path) -> pd.DataFrame:
    return pd.read_csv(real_data / "attitude_survey" / "attitude.csv").drop(columns=["rownames"])


def scale(bfi: pd.DataFrame, name: str) -> np.ndarray:
    items, is_reversed, _ = SCALES[name]
    flags = [item in is_reversed for item in items]
    return surveys.turned(bfi[items].to_numpy(float), flags, [1] * len(items), [6] * len(items))


@pytest.mark.parametrize("name", SCALES)
def test_alpha_and_its_interval_equal_pingouin_and_what_is_published(bfi: pd.DataFrame, name: str) -> None:
    import pingouin

    answers = scale(bfi, name)
    found = surveys.reliability(answers)
    frame = pd.DataFrame(answers).dropna(how="all")
    expected, (low, high) = pingouin.cronbach_alpha(frame)
    # pingouin rounds its interval to three digits.
    assert (found.alpha, found.people) == (pytest.approx(expected, **SIX), len(frame))
    assert (found.alpha_low, found.alpha_high) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))
    assert round(found.alpha, 2) == SCALES[name][2]
    for item in range(5):
        without = pingouin.cronbach_alpha(frame.drop(columns=[item]))[0]
        assert found.alpha_if_deleted[item] == pytest.approx(without, **SIX)


def test_feldts_interval_equals_a_worked_example() -> None:
    """Feldt, Woodruff & Salih (1987): (1 − α) F bounds it, with 4 and 8 degrees for 5 people and 3 items."""
    from scipy.stats import f

    answers = np.array([[1, 2, 2], [3, 3, 5], [2, 4, 3], [5, 3, 4], [4, 4, 5]], dtype=float)
    found = surveys.reliability(answers)
    assert found.alpha_low == pytest.approx(1 - (1 - found.alpha) * f.ppf(0.975, 4, 8), **SIX)
    assert found.alpha_high == pytest.approx(1 - (1 - found.alpha) * f.ppf(0.025, 4, 8), **SIX)


def test_item_total_correlations_are_those_of_each_item_with_the_sum_of_the_others(bfi: pd.DataFrame) -> None:
    answers = surveys.complete(scale(bfi, "neuroticism"))
    found = surveys.reliability(answers).item_total
    for item in range(5):
        others = np.delete(answers, item, axis=1).sum(axis=1)
        assert found[item] == pytest.approx(np.corrcoef(answers[:, item], others)[0, 1], **SIX)


@pytest.mark.parametrize("name", SCALES)
def test_omega_equals_one_factor_by_maximum_likelihood(bfi: pd.DataFrame, name: str) -> None:
    from statsmodels.multivariate.factor import Factor

    answers = surveys.complete(scale(bfi, name))
    correlation = np.corrcoef(answers, rowvar=False)
    fitted = Factor(corr=correlation, n_factor=1, method="ml", nobs=len(answers)).fit(tol=1e-14, maxiter=2000)
    deviations = answers.std(axis=0, ddof=1)
    common = abs(float((fitted.loadings[:, 0] * deviations).sum())) ** 2
    expected = common / (common + float((fitted.uniqueness * deviations**2).sum()))
    assert surveys.omega(answers) == pytest.approx(expected, abs=2e-6)
    loadings, unique = surveys.one_factor(correlation)
    assert np.abs(loadings) == pytest.approx(np.abs(fitted.loadings[:, 0]), abs=5e-6)
    assert unique == pytest.approx(fitted.uniqueness, abs=5e-6)


def test_omega_of_items_that_are_built_of_one_factor_is_the_share_of_that_factor() -> None:
    loadings, unique = np.array([0.8, 0.7, 0.6, 0.5]), np.array([0.36, 0.51, 0.64, 0.75])
    found, uniqueness = surveys.one_factor(np.outer(loadings, loadings) + np.diag(unique))
    assert found == pytest.approx(loadings, **SIX)
    assert uniqueness == pytest.approx(unique, **SIX)


def test_kmo_and_bartlett_equal_factor_analyzer_and_what_is_published(bfi: pd.DataFrame) -> None:
    from factor_analyzer.factor_analyzer import calculate_bartlett_sphericity, calculate_kmo

    items = [item for names, _, _ in SCALES.values() for item in names]
    answers = bfi[items].dropna()
    found = surveys.suitability(bfi[items].to_numpy(float))
    of_items, overall = calculate_kmo(answers)
    chi_square, p = calculate_bartlett_sphericity(answers)
    assert found.people == 2436
    assert found.kmo == pytest.approx(overall, **SIX)
    assert found.kmo_of_items == pytest.approx(of_items, **SIX)
    assert (found.chi_square, found.p) == (pytest.approx(chi_square, **SIX), pytest.approx(p, abs=1e-300))
    # As every tutorial of this data prints them.
    assert round(found.kmo, 4) == 0.8486
    assert found.chi_square == pytest.approx(18146.065577, abs=1e-6)


def test_two_groups_equal_pingouin(bfi: pd.DataFrame) -> None:
    import pingouin

    score = np.nanmean(scale(bfi, "neuroticism"), axis=1)
    first, second = (score[(bfi["gender"] == gender).to_numpy()] for gender in (1, 2))
    first, second = first[~np.isnan(first)], second[~np.isnan(second)]
    found = surveys.difference([first, second])
    assert found is not None
    classic = pingouin.ttest(first, second, correction=False).iloc[0]
    welch = pingouin.ttest(first, second, correction=True).iloc[0]
    assert (found.classic, found.classic_p) == (pytest.approx(classic["T"], **SIX), pytest.approx(classic["p_val"]))
    assert (found.welch, found.degrees_2) == (pytest.approx(welch["T"], **SIX), pytest.approx(welch["dof"], **SIX))
    assert found.welch_p == pytest.approx(welch["p_val"], rel=1e-6)
    assert found.effect == pytest.approx(pingouin.compute_effsize(first, second, eftype="hedges"), **SIX)
    assert [found.difference_low, found.difference_high] == pytest.approx(list(welch["CI95"]), abs=5e-3)


def test_several_groups_equal_pingouin_and_hays(bfi: pd.DataFrame) -> None:
    import pingouin

    score = np.nanmean(scale(bfi, "openness"), axis=1)
    frame = pd.DataFrame({"score": score, "education": bfi["education"]}).dropna()
    groups = [part["score"].to_numpy() for _, part in frame.groupby("education")]
    found = surveys.difference(groups)
    assert found is not None
    classic = pingouin.anova(frame, dv="score", between="education", detailed=True)
    welch = pingouin.welch_anova(frame, dv="score", between="education").iloc[0]
    row, within = classic.iloc[0], classic.iloc[1]
    assert (found.classic, found.classic_p) == (pytest.approx(row["F"], **SIX), pytest.approx(row["p_unc"], rel=1e-6))
    assert (found.welch, found.welch_p) == (pytest.approx(welch["F"], **SIX), pytest.approx(welch["p_unc"], rel=1e-6))
    assert (found.degrees_1, found.degrees_2) == (welch["ddof1"], pytest.approx(welch["ddof2"], **SIX))
    hays = (row["SS"] - row["DF"] * within["MS"]) / (row["SS"] + within["SS"] + within["MS"])
    assert found.effect == pytest.approx(hays, **SIX)


def test_groups_that_cannot_be_tested_give_nothing() -> None:
    assert surveys.difference([np.array([1.0, 2.0]), np.array([3.0])]) is None
    assert surveys.difference([np.array([1.0, 2.0]), np.array([3.0, 3.0])]) is None
    assert surveys.difference([np.array([1.0, 2.0])]) is None


def test_holm_equals_statsmodels_and_passes_over_what_is_unknown() -> None:
    from statsmodels.stats.multitest import multipletests

    values = [0.01, 0.04, 0.03, 0.005, 0.04]
    assert list(surveys.holm(values)) == pytest.approx(list(multipletests(values, method="holm")[1]), **SIX)
    assert list(surveys.holm([0.02, np.nan, 0.04])) == pytest.approx([0.04, np.nan, 0.04], nan_ok=True)
    assert len(surveys.holm([])) == 0


def test_the_regression_of_every_textbook(attitude: pd.DataFrame) -> None:
    """Chatterjee & Price: R² 0.7326, complaints 0.613, critical 0.038; alpha of the seven columns 0.84."""
    import pingouin

    terms = [name for name in attitude.columns if name != "rating"]
    found = surveys.regression(attitude[terms].to_numpy(float), attitude["rating"].to_numpy(float))
    assert found is not None
    assert (round(found.r_squared, 3), round(found.coefficient[0], 3)) == (0.733, 0.613)
    assert list(found.coefficient) == pytest.approx([0.61319, -0.07305, 0.32033, 0.08173, 0.03838, -0.21706], abs=5e-6)
    assert found.intercept == pytest.approx(10.78708, abs=5e-6)
    expected = pingouin.linear_regression(attitude[terms], attitude["rating"])
    assert list(found.coefficient) == pytest.approx(list(expected["coef"][1:]), **SIX)
    assert list(found.p_values) == pytest.approx(list(expected["pval"][1:]), **SIX)
    assert list(found.low) == pytest.approx(list(expected["CI2.5"][1:]), **SIX)
    assert list(found.high) == pytest.approx(list(expected["CI97.5"][1:]), **SIX)
    assert found.adjusted == pytest.approx(expected["adj_r2"][0], **SIX)
    standard = (attitude - attitude.mean()) / attitude.std()
    betas = pingouin.linear_regression(standard[terms], standard["rating"])
    assert list(found.beta) == pytest.approx(list(betas["coef"][1:]), **SIX)
    assert list(found.beta_low) == pytest.approx(list(betas["CI2.5"][1:]), **SIX)
    assert round(surveys.reliability(attitude.to_numpy(float)).alpha, 2) == 0.84


def test_variance_inflation_equals_statsmodels(attitude: pd.DataFrame) -> None:
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    terms = attitude.drop(columns=["rating"]).to_numpy(float)
    found = surveys.regression(terms, attitude["rating"].to_numpy(float))
    design = np.column_stack([np.ones(len(terms)), terms])
    assert found is not None
    assert list(found.vif) == pytest.approx([variance_inflation_factor(design, i) for i in range(1, 7)], **SIX)


def test_stepwise_takes_complaints_and_stops(attitude: pd.DataFrame) -> None:
    """Learning enters at p = 0.06 only: with entry below 0.05 complaints stay alone (R² 0.681)."""
    terms = [name for name in attitude.columns if name != "rating"]
    found = surveys.regression(attitude[terms].to_numpy(float), attitude["rating"].to_numpy(float))
    assert found is not None
    assert list(found.step) == [1, 0, 0, 0, 0, 0]
    assert found.step_r_squared[0] == pytest.approx(0.681314, abs=5e-7)


def test_correlation_equals_pingouin(attitude: pd.DataFrame) -> None:
    import pingouin

    found = surveys.correlation(attitude["rating"].to_numpy(float), attitude["learning"].to_numpy(float))
    expected = pingouin.corr(attitude["rating"], attitude["learning"]).iloc[0]
    assert (found.people, found.r) == (30, pytest.approx(expected["r"], **SIX))
    assert found.p == pytest.approx(expected["p_val"], rel=1e-6)
    assert [found.low, found.high] == pytest.approx(list(expected["CI95"]), abs=5e-3)


def test_what_cannot_be_computed_is_unknown_and_no_error() -> None:
    nobody, alike = np.full((4, 3), np.nan), np.full((4, 3), 2.0)
    for answers in (nobody, alike, np.zeros((0, 3)), np.array([[1.0, 2.0, 3.0]]), np.ones((5, 1))):
        found = surveys.reliability(answers)
        assert np.isnan(found.alpha), answers
        assert np.isnan(found.omega)
        assert np.isnan(surveys.suitability(answers).kmo)
    assert surveys.regression(np.ones((30, 2)), np.arange(30.0)) is None
    assert surveys.regression(np.random.default_rng(1).random((6, 3)), np.arange(6.0)) is None
    # Two terms that say the same.
    line = np.arange(30.0)
    assert surveys.regression(np.column_stack([line, 2 * line]), line) is None
    assert np.isnan(surveys.correlation(line, np.ones(30)).r)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 8), st.integers(12, 60), st.integers(0, 10_000))
def test_pairwise_covariances_equal_pandas(items: int, people: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    answers = draw.integers(1, 6, (people, items)).astype(float)
    answers[draw.random(answers.shape) < 0.2] = np.nan
    found, counts = surveys.covariances(answers)
    expected = pd.DataFrame(answers).cov().to_numpy()
    assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)
    known = ~np.isnan(answers)
    assert (counts == known.T.astype(int) @ known.astype(int)).all()
