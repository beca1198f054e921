"""Points of a rating: against statsmodels, against least squares, and against what was drawn; two trainees included."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from hotline.statistics.clusters import variances_of
from hotline.statistics.dissatisfaction import TERMS, rating_changes
from hotline.statistics.rating import NoEstimate, effects_between, effects_on_rating

DRAWN = np.array([-0.42, -0.18, -0.45, 4.75])
"""A minute of waiting, a trainee, handed on, and who has none of it."""
AGENTS, DAYS = 30, 28


def drawn(seed: int, number: int, trainees: int = 3, care: float = 0.12, of_days: float = 0.1):
    """Opinions as the simulator draws them, with something of its own for each agent and day; design and groups."""
    draw = np.random.default_rng(seed)
    agents, days = draw.integers(0, AGENTS, number), draw.integers(0, DAYS, number)
    busy = 0.3 + 2 * draw.random(DAYS) ** 3
    design = np.column_stack(
        [
            draw.exponential(0.3 * busy[days]),
            agents < trainees,
            draw.random(number) < 0.04,
            np.ones(number),
        ]
    ).astype(float)
    own = care * draw.standard_normal(AGENTS)[agents] + of_days * draw.standard_normal(DAYS)[days]
    return design @ DRAWN + own + 0.75 * draw.standard_normal(number), design, [days, agents]


def rated(opinions: np.ndarray) -> np.ndarray:
    return np.clip(np.floor(opinions + 0.5), 1, 5)


@pytest.mark.parametrize("trainees", [1, 2, 5])
def test_nineteen_of_twenty_intervals_hold_what_was_drawn(trainees: int) -> None:
    """Also of a circumstance that two agents have and no other."""
    samples = 100
    held = np.zeros(3)
    for seed in range(samples):
        opinions, design, groups = drawn(seed, 3_000, trainees)
        found = effects_on_rating(rated(opinions), design, (1, 5), groups)
        held += ((found.low <= DRAWN) & (found.high >= DRAWN))[:3]
    # Of 100 that hold with 95 %, fewer than 87 do by chance once in a thousand; and all would be too wide.
    assert held.min() >= 87, held
    assert held.sum() < 3 * samples, held


def test_an_interval_is_no_wider_than_the_estimates_scatter() -> None:
    found = [
        effects_on_rating(rated(opinions), design, (1, 5), groups)
        for opinions, design, groups in (drawn(seed, 3_000, 5) for seed in range(60))
    ]
    scatter = np.std([effects.points[:3] for effects in found], axis=0)
    told = np.median([effects.errors[:3] for effects in found], axis=0)
    assert (told / scatter < 1.4).all() and (told / scatter > 0.75).all(), told / scatter
    assert np.mean([effects.points for effects in found], axis=0) == pytest.approx(DRAWN, abs=0.05)
    assert np.mean([effects.noise for effects in found]) == pytest.approx(0.765, abs=0.01)


def test_it_is_statsmodels_ordered_probit_where_that_finds_equal_steps() -> None:
    """OrderedModel has thresholds to estimate and a noise of 1: its effects times the width of a step are points."""
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    opinions, design, groups = drawn(1, 20_000, care=0, of_days=0)
    ratings = rated(opinions)
    ours = effects_on_rating(ratings, design, (1, 5), groups)
    other = OrderedModel(ratings, design[:, :3], distr="probit").fit(method="bfgs", disp=0)
    thresholds = other.model.transform_threshold_params(other.params[3:])[1:-1]
    step = 1 / np.diff(thresholds[-3:]).mean()
    assert other.params[:3] * step == pytest.approx(ours.points[:3], abs=0.02)
    assert ours.noise == pytest.approx(step, rel=0.04)


def test_with_nothing_rounded_it_is_least_squares() -> None:
    opinions, design, groups = drawn(2, 4_000)
    width = 1e-4
    found = effects_between(opinions - width / 2, opinions + width / 2, design, groups)
    least, squares, *_ = np.linalg.lstsq(design, opinions, rcond=None)
    assert found.points == pytest.approx(least, abs=1e-5)
    assert found.noise == pytest.approx(np.sqrt(squares[0] / len(opinions)), rel=1e-4)


def test_least_squares_of_the_ratings_themselves_would_find_too_little() -> None:
    opinions, design, groups = drawn(3, 100_000, care=0, of_days=0)
    ratings = rated(opinions)
    naive = np.linalg.lstsq(design, ratings, rcond=None)[0]
    assert abs(naive[0] - DRAWN[0]) > 0.05
    assert effects_on_rating(ratings, design, (1, 5), groups).points[:3] == pytest.approx(DRAWN[:3], abs=0.03)


def test_errors_of_a_mean_are_those_of_the_means_of_groups() -> None:
    """Closed case: the variance of a mean of equal groups is that of their means, over their number."""
    draw = np.random.default_rng(4)
    groups = np.repeat(np.arange(20), 50)
    values = draw.standard_normal(20)[groups] + draw.standard_normal(1000)
    scores = (values - values.mean())[:, None]
    (variance,) = variances_of(scores, lambda rows: np.array([[float(len(rows))]]), 0, [groups])
    means = values.reshape(20, 50).mean(axis=1)
    assert variance == pytest.approx(means.var(ddof=1) / 20, rel=0.15)


def test_what_cannot_be_estimated_is_refused() -> None:
    opinions, design, groups = drawn(5, 2_000)
    with pytest.raises(NoEstimate, match="come together"):
        effects_on_rating(rated(opinions), np.column_stack([design[:, 1], design]), (1, 5), groups)
    with pytest.raises(ValueError, match="on a scale of 1 to 5"):
        effects_on_rating(rated(opinions) + 1, design, (1, 5), groups)
    with pytest.raises(NoEstimate):
        effects_on_rating(np.full(2_000, 5.0), design, (1, 5), groups)


# ---- as circumstances of contacts


def contacts(number: int = 8_000, **columns) -> pd.DataFrame:
    opinions, design, (days, agents) = drawn(6, number)
    table = pd.DataFrame(
        {
            "day": [date(2025, 3, 3) + timedelta(days=int(day)) for day in days],
            "agent_id": [f"a{agent}" for agent in agents],
            "business_type_id": np.where(np.arange(number) % 2, "s/bill", "s/outage"),
            "rating": rated(opinions), "lowest": 1, "highest": 5,
            "wait_minutes": design[:, 0], "is_by_trainee": design[:, 1] > 0, "is_transferred": design[:, 2] > 0,
            "is_repeat": False, "comes_again": False, "handle_minutes": 3.0, "is_held": False,
        }
    )  # fmt: skip
    return table.assign(**columns)


def test_each_circumstance_has_its_points_or_says_why_not() -> None:
    found = rating_changes(contacts()).set_index("term")
    assert list(found.index) == list(TERMS)
    estimated = ["wait_minutes", "is_by_trainee", "is_transferred"]
    assert (found.loc[estimated, "rating_status"] == "estimated").all()
    assert (found.drop(estimated)["rating_status"] == "not varied").all()
    assert found.drop(estimated)["rating_change"].isna().all()
    for term, effect in zip(estimated, DRAWN, strict=False):
        assert found.loc[term, "rating_change_low"] < effect < found.loc[term, "rating_change_high"], term


def test_a_scale_whose_steps_are_not_even_few_ratings_and_twins_have_no_points() -> None:
    assert set(rating_changes(contacts(lowest=None, highest=None))["rating_status"]) == {"no even scale"}
    assert set(rating_changes(contacts(60))["rating_status"]) == {"too few"}
    twins = contacts()
    assert set(rating_changes(twins.assign(is_held=twins["is_by_trainee"]))["rating_status"]) == {"not told apart"}
    # Nothing is known of agents: errors by day only.
    nameless = rating_changes(contacts(agent_id=None)).set_index("term")
    assert nameless.loc["wait_minutes", "rating_status"] == "estimated"
