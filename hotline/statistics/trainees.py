"""How much slower are trainees, on the same matters? Ratios of means with an interval that knows how agents differ.

A trainee who gets more of the long matters is not slower for that: the mean of a business type is that of the others on
it, times one ratio for all types (Poisson regression with a logarithmic link, by pseudo maximum likelihood: Gourieroux,
Monfort & Trognon 1984; it asks only that means be right). And three trainees are three people, each with a speed of his
own, however many calls they take: errors are those of agents (`clusters`), not of calls or days.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hotline.statistics.clusters import reach, variances_of

DAYS = 91
"""Days up to the last loaded one that are looked at: thirteen whole weeks, since trainees are few at any time."""

LEAST_AGENTS = 5
"""Experienced agents, at least, who tell how much agents differ."""

LEAST_CASES = 30
"""Cases of trainees below which nothing is said."""

MEASURES = ("average_talk_time", "average_wrap_up_time", "average_handle_time", "transfer_rate")
"""KPIs of `handling_by_day`."""

COLUMNS = (
    *("source", "measure", "status", "first_day", "last_day", "agents_1", "agents_2", "cases_1", "cases_2"),
    *("value_1", "value_2", "ratio", "ratio_low", "ratio_high", "is_clear"),
)
_INTEGERS = ("agents_1", "agents_2", "cases_1", "cases_2")
_TEXTS = ("source", "measure", "status")


def trainee_effects(sums: pd.DataFrame) -> pd.DataFrame:
    """One row per source and measure; a table of `COLUMNS`, of which 1 are the experienced agents and 2 the trainees.

    `sums`: one row per source, measure, agent, business type and whether a trainee, with `cases`, the `total` of the
    measure over them, the total of its `squares`, and `first_day` and `last_day` of the source. An agent may be both.
    """
    rows = [
        {
            "source": source,
            "measure": measure,
            "first_day": group["first_day"].iloc[0],
            "last_day": group["last_day"].iloc[0],
        }
        | _effect(group)
        for (source, measure), group in sums.groupby(["source", "measure"])
    ]
    return _typed(pd.DataFrame(rows, columns=list(COLUMNS)))


def _effect(sums: pd.DataFrame) -> dict[str, object]:
    # Only matters that both had, and that happened, can be compared.
    sums = sums.assign(is_by_trainee=sums["is_by_trainee"].astype(bool))
    found: dict[str, object] = {"is_clear": False}
    for number, of_trainees in ((1, False), (2, True)):
        part = sums[sums["is_by_trainee"] == of_trainees]
        cases = int(part["cases"].sum())
        found |= {f"agents_{number}": part["agent_id"].nunique(), f"cases_{number}": cases}
        found[f"value_{number}"] = float(part["total"].sum()) / cases if cases else np.nan
    both = sums.groupby("business_type_id")["is_by_trainee"].transform("nunique") == 2
    happened = sums.groupby("business_type_id")["total"].transform("sum") > 0
    sums = sums[both & happened]
    of_trainees = sums["is_by_trainee"]
    if not found["cases_2"]:
        return found | {"status": "no trainees"}
    if (
        sums[~of_trainees]["agent_id"].nunique() < LEAST_AGENTS
        or min(sums[of_trainees]["cases"].sum(), sums[of_trainees]["total"].sum()) < LEAST_CASES
    ):
        return found | {"status": "too few"}
    types = pd.get_dummies(sums["business_type_id"], drop_first=True, dtype=float)
    design = np.column_stack([of_trainees.to_numpy(float), types.to_numpy(), np.ones(len(sums))])
    cases, totals, squares = (sums[name].to_numpy(float) for name in ("cases", "total", "squares"))
    within = np.maximum(squares - totals**2 / cases, 0) * cases / np.maximum(cases - 1, 1)
    agents = pd.factorize(sums["agent_id"])[0]
    logarithm, error = _log_ratio(cases, totals, within, design, agents)
    far = reach([agents]) * error
    low, high = np.exp(logarithm - far), np.exp(logarithm + far)
    return found | {
        "status": "estimated",
        "ratio": float(np.exp(logarithm)),
        "ratio_low": float(low),
        "ratio_high": float(high),
        "is_clear": bool(low > 1 or high < 1),
    }


def _log_ratio(
    cases: np.ndarray, totals: np.ndarray, within: np.ndarray, design: np.ndarray, agents: np.ndarray
) -> tuple[float, float]:
    """Logarithm of the ratio (first column of the design) and its standard error."""
    parameters = np.zeros(design.shape[1])
    parameters[-1] = np.log(totals.sum() / cases.sum())
    for _ in range(100):
        expected = cases * np.exp(design @ parameters)
        step = np.linalg.solve(design.T @ (design * expected[:, None]), design.T @ (totals - expected))
        parameters = parameters + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-10:
            break
    expected = cases * np.exp(design @ parameters)

    def information(rows: np.ndarray) -> np.ndarray:
        return design[rows].T @ (design[rows] * expected[rows, None])

    variances = variances_of(
        design * (totals - expected)[:, None],
        information,
        design.shape[1] - 1,
        [agents],
        by_themselves=design.T @ (design * within[:, None]),
    )
    return float(parameters[0]), float(np.sqrt(variances[0]))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """An empty column has its type too: the warehouse reads types from the table."""
    for name in COLUMNS:
        if name in _TEXTS:
            table[name] = table[name].astype("string")
        elif name in _INTEGERS:
            table[name] = table[name].astype("Int64")
        elif name in ("first_day", "last_day"):
            table[name] = pd.to_datetime(table[name])
        elif name == "is_clear":
            table[name] = table[name].astype(bool)
        else:
            table[name] = table[name].astype(float)
    return table
