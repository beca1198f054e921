"""How much slower trainees are: what was drawn lies within the interval, whatever they answer, however few they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hotline.statistics.trainees import COLUMNS, trainee_effects

SLOWER = 1.28
MEANS = {"s/outage": 112.0, "s/bill": 136.0, "s/complaint": 276.0}


def sums(seed: int, trainees: int, agents: int = 30, calls: int = 300, shares=(0.5, 0.4, 0.1)) -> pd.DataFrame:
    """Talk of a centre as the simulator draws it: agents differ by 8 %; trainees are given the complaints of others."""
    draw = np.random.default_rng(seed)
    rows = []
    for agent in range(agents):
        is_trainee = agent < trainees
        speed = np.exp(0.08 * draw.standard_normal()) * (SLOWER if is_trainee else 1)
        for (business_type, mean), share in zip(MEANS.items(), shares[::-1] if is_trainee else shares, strict=True):
            talk = np.round(draw.lognormal(np.log(mean) - 0.15, 0.55, int(calls * share)) * speed)
            rows.append(
                {"source": "s", "measure": "average_talk_time", "agent_id": f"a{agent}", "is_by_trainee": is_trainee}
                | {"business_type_id": business_type, "cases": len(talk), "total": talk.sum()}
                | {
                    "squares": (talk**2).sum(),
                    "first_day": pd.Timestamp(2025, 1, 1),
                    "last_day": pd.Timestamp(2025, 4, 1),
                }
            )
    return pd.DataFrame(rows)


@pytest.mark.parametrize("trainees", [1, 2, 5])
def test_nineteen_of_twenty_intervals_hold_what_was_drawn_and_not_the_other_matters(trainees: int) -> None:
    found = pd.concat([trainee_effects(sums(seed, trainees)) for seed in range(100)])
    held = found["ratio_low"].le(SLOWER) & found["ratio_high"].ge(SLOWER)
    # Fewer than 87 of 100 happen by chance once in a thousand.
    assert 87 <= held.sum() < 100, held.sum()
    assert np.exp(np.log(found["ratio"]).mean()) == pytest.approx(SLOWER, rel=0.03)
    # Trainees were given more complaints: the means themselves differ by far more.
    assert (found["value_2"] / found["value_1"]).mean() > 1.7
    assert found["is_clear"].mean() > (0.9 if trainees == 5 else 0.5)


def test_of_one_business_type_the_ratio_is_that_of_the_means() -> None:
    table = sums(1, 4)
    table = table[table["business_type_id"] == "s/bill"]
    (row,) = trainee_effects(table).to_dict("records")
    assert row["ratio"] == pytest.approx(row["value_2"] / row["value_1"])
    assert (row["agents_1"], row["agents_2"], row["cases_1"], row["cases_2"]) == (26, 4, 26 * 120, 4 * 120)


def test_who_is_no_more_a_trainee_in_these_days_is_in_both_groups() -> None:
    table = sums(2, 3)
    later = sums(3, 0).head(3)
    (row,) = trainee_effects(pd.concat([table, later])).to_dict("records")
    assert (row["agents_1"], row["agents_2"]) == (28, 3)
    assert row["ratio_low"] < SLOWER < row["ratio_high"]


def test_no_trainees_and_too_few_are_said() -> None:
    assert trainee_effects(sums(1, 0))["status"].tolist() == ["no trainees"]
    assert trainee_effects(sums(1, 2, agents=5))["status"].tolist() == ["too few"]
    assert trainee_effects(sums(1, 2, calls=10))["status"].tolist() == ["too few"]
    empty = trainee_effects(pd.DataFrame(columns=["source", "measure"]))
    assert list(empty.columns) == list(COLUMNS)
    assert empty["agents_2"].dtype == "Int64"
