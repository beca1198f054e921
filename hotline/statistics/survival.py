"""How long people stay: Kaplan–Meier curves, log-rank tests and Cox's regression, with right-censoring and late entry.

Who is still employed is censored on the last known day. Who was hired before records of leavers begin is observed only
from then on: of their year of hiring only those are known who had stayed, and counting them as at risk from their first
day would make everybody seem to stay (left truncation).

The regression is that of lifelines. Its curve refuses late entries with a gap, at which nobody is observed; its test of
curves and its residuals know no late entry at all. Those three are written out here, and equal lifelines' where it has
them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

MONTH = 365.25 / 12
"""Days in a month of tenure."""

_Z = 1.959963984540054

LEAST_PERSONS = 10
"""Fewer persons make no curve of their own."""

MOST_MEMBERS = 12
"""More groups than this are not compared: a test over a hundred teams says that they differ, and nothing else."""

LEAST_LEAVERS_PER_TERM = 10
"""Leavers needed per coefficient: on fewer a regression is not to be trusted (Peduzzi et al. 1995)."""

MOST_UNKNOWN = 0.2
"""A trait unknown of a larger share of the persons would leave too many of them out."""

COLUMNS = {
    **dict.fromkeys(("source", "part", "grouping_by", "member", "status"), "string"),
    **dict.fromkeys(("tenure_months", "persons", "leavers", "at_risk", "leavers_in_month", "groups"), "Int64"),
    **dict.fromkeys(("survival", "survival_low", "survival_high", "median_months", "statistic", "p_value"), "Float64"),
    "begins_at_months": "Float64",
    **dict.fromkeys(("coefficient", "standard_error", "hazard_ratio", "hazard_ratio_low"), "Float64"),
    **dict.fromkeys(("hazard_ratio_high", "proportionality_p_value", "concordance"), "Float64"),
}
"""Columns of `survival_of_source` with their types. `part`: curve, test or hazard."""


def curve(persons: pd.DataFrame) -> pd.DataFrame:
    """Kaplan–Meier at whole months of tenure, 0 to the longest.

    `persons`  one row each: `entry` and `tenure` in months, `has_left`; entry < tenure
    Returns `tenure_months`, `survival`, `survival_low`, `survival_high` (95 %, log-log), `at_risk` (observed at that
    tenure), `leavers_in_month` (since the month before), `median_months` (empty where more than half stay), and
    `begins_at_months`: with late entries, too few may be observed at short tenures to say anything (one leaver of one
    would end the curve at zero). Then it is the curve of those who stay so long, and 1 up to there. It ends before the
    longest tenure where nobody is observed in between.
    """
    begin = _least_tenure(persons)
    persons = persons[persons["tenure"] > begin].assign(entry=lambda rows: rows["entry"].clip(lower=begin))
    end = _last_tenure(persons)
    left = np.sort(persons.loc[persons["has_left"] & (persons["tenure"] <= end), "tenure"].to_numpy())
    times, gone = np.unique(left, return_counts=True)
    at_risk = _at_risk(persons, times)
    share = np.cumprod(1 - gone / at_risk)
    # Greenwood's variance on the scale of log(−log): the interval stays between 0 and 1. Where all are gone: empty.
    with np.errstate(divide="ignore", invalid="ignore"):
        width = _Z * np.sqrt(np.cumsum(gone / (at_risk * (at_risk - gone)))) / np.log(share)
        low, high = (np.where(share > 0, share ** np.exp(sign * width), share) for sign in (-1, 1))
    months = np.arange(int(np.floor(end)) + 1)
    until = np.searchsorted(left, months, side="right")
    place = np.searchsorted(times, months, side="right")
    entries, ends = np.sort(persons["entry"].to_numpy()), np.sort(persons["tenure"].to_numpy())
    halved = times[share <= 0.5]
    return pd.DataFrame(
        {
            "tenure_months": months,
            "survival": np.append(1.0, share)[place],
            "survival_low": np.append(1.0, low)[place],
            "survival_high": np.append(1.0, high)[place],
            "at_risk": np.searchsorted(entries, months, side="right") - np.searchsorted(ends, months, side="left"),
            "leavers_in_month": np.diff(until, prepend=0),
            "median_months": halved[0] if len(halved) else np.nan,
            "begins_at_months": begin,
        }
    )


def _last_tenure(persons: pd.DataFrame) -> float:
    """The tenure after which, for a first time, nobody is observed: of what comes later the curve can tell nothing."""
    ends = np.unique(persons["tenure"].to_numpy())
    entries, exits = np.sort(persons["entry"].to_numpy()), np.sort(persons["tenure"].to_numpy())
    remaining = np.searchsorted(entries, ends, side="right") - np.searchsorted(exits, ends, side="right")
    return float(ends[np.flatnonzero(remaining == 0)[0]])


def _least_tenure(persons: pd.DataFrame) -> float:
    """The tenure from which on enough are observed; 0 where everybody enters at zero."""
    if not (persons["entry"] > 0).any():
        return 0.0
    # Also where somebody is observed no longer without having left: a curve ends where nobody is observed.
    times = np.unique(persons["tenure"].to_numpy())
    at_risk = _at_risk(persons, times)
    most = int(np.argmax(at_risk))
    scarce = np.flatnonzero(at_risk[:most] < min(LEAST_PERSONS, at_risk[most]))
    return float(times[scarce[-1]]) if len(scarce) else 0.0


def _at_risk(persons: pd.DataFrame, times: np.ndarray) -> np.ndarray:
    """At each tenure, how many have entry < time ≤ tenure."""
    entries, ends = np.sort(persons["entry"].to_numpy()), np.sort(persons["tenure"].to_numpy())
    return np.searchsorted(entries, times, side="left") - np.searchsorted(ends, times, side="left")


def logrank(persons: pd.DataFrame, groups: pd.Series) -> tuple[float, int, float]:
    """Log-rank test of equal curves: χ², degrees of freedom, p. `persons` as for `curve`, `groups` beside them.

    At each tenure t at which somebody leaves, those at risk have entry < t ≤ tenure (Mantel 1966; with late entry as in
    Andersen et al. 1993, V.2).
    """
    from scipy.stats import chi2

    codes, names = pd.factorize(groups, sort=True)
    times, at_time = np.unique(persons.loc[persons["has_left"], "tenure"].to_numpy(), return_inverse=True)
    left_codes = codes[persons["has_left"].to_numpy()]
    leavers = np.zeros((len(times), len(names)))
    np.add.at(leavers, (at_time, left_codes), 1)
    at_risk = np.empty_like(leavers)
    for code in range(len(names)):
        at_risk[:, code] = _at_risk(persons[codes == code], times)
    everyone, gone = at_risk.sum(axis=1), leavers.sum(axis=1)
    shares = at_risk / everyone[:, None]
    difference = (leavers - gone[:, None] * shares).sum(axis=0)[:-1]
    weight = gone * np.where(everyone > 1, (everyone - gone) / np.maximum(everyone - 1, 1), 0)
    spread = np.diag(weight @ shares) - (shares * weight[:, None]).T @ shares
    statistic = float(difference @ np.linalg.pinv(spread[:-1, :-1]) @ difference)
    freedom = len(names) - 1
    return statistic, freedom, float(chi2.sf(statistic, freedom))


def hazards(persons: pd.DataFrame, traits: Sequence[str]) -> pd.DataFrame:
    """Cox's regression of leaving on `traits`, each hazard ratio with all others alike; association, not cause.

    Of a trait in words, each value is held against the most frequent one; values with fewer than ten leavers join it.
    Left out are traits that do not vary or are unknown of more than a fifth, and then persons of whom one is unknown.
    Returns one row per term with
    `coefficient`, `standard_error`, `hazard_ratio` and its 95 % interval, `p_value`, `proportionality_p_value`
    (Grambsch & Therneau on ranks: small where the ratio changes with tenure), `persons`, `leavers`, `concordance`.
    Empty where there are fewer than ten leavers per term.
    """
    traits = [trait for trait in traits if persons[trait].isna().mean() <= MOST_UNKNOWN]
    known = persons.dropna(subset=traits)
    design, terms = _design(known, traits)
    if not terms or known["has_left"].sum() < LEAST_LEAVERS_PER_TERM * len(terms):
        return pd.DataFrame()
    # It takes a second to import, and a small staff has too few leavers to need it.
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    table = design.assign(tenure=known["tenure"], has_left=known["has_left"], entry=known["entry"])
    try:
        fitted = CoxPHFitter().fit(table, "tenure", "has_left", entry_col="entry")
    except ConvergenceError:
        return pd.DataFrame()
    summary = fitted.summary
    changing = proportionality(known, design, summary["coef"].to_numpy(), fitted.variance_matrix_.to_numpy())
    return pd.DataFrame(
        {
            "grouping_by": [trait for trait, _ in terms],
            "member": [value for _, value in terms],
            "coefficient": summary["coef"].to_numpy(),
            "standard_error": summary["se(coef)"].to_numpy(),
            "hazard_ratio": summary["exp(coef)"].to_numpy(),
            "hazard_ratio_low": summary["exp(coef) lower 95%"].to_numpy(),
            "hazard_ratio_high": summary["exp(coef) upper 95%"].to_numpy(),
            "p_value": summary["p"].to_numpy(),
            "proportionality_p_value": changing,
            "persons": len(known),
            "leavers": int(known["has_left"].sum()),
            "concordance": fitted.concordance_index_,
        }
    )


def proportionality(
    persons: pd.DataFrame, design: pd.DataFrame, coefficients: np.ndarray, covariance: np.ndarray
) -> np.ndarray:
    """p of each term that its hazard ratio is the same at every tenure (Grambsch & Therneau 1994, on ranks)."""
    from scipy.stats import chi2, rankdata

    tenure = persons.loc[persons["has_left"], "tenure"].to_numpy()
    scaled = len(tenure) * schoenfeld_residuals(persons, design, coefficients) @ covariance
    ranks = rankdata(tenure, method="average")
    ranks = ranks - ranks.mean()
    statistic = (ranks @ scaled) ** 2 / (len(tenure) * np.diag(covariance) * (ranks**2).sum())
    return chi2.sf(statistic, 1)


def schoenfeld_residuals(persons: pd.DataFrame, design: pd.DataFrame, coefficients: np.ndarray) -> np.ndarray:
    """Of each leaver, in the order of `persons`: the terms less their mean over those at risk, with Efron's ties.

    lifelines has none for late entries, and needs a time that grows with the square of the persons.
    """
    values, left = design.to_numpy(float), persons["has_left"].to_numpy()
    tenure, entry = persons["tenure"].to_numpy(), persons["entry"].to_numpy()
    weights = np.exp((values - values.mean(axis=0)) @ coefficients)[:, None]
    weighted = np.hstack([weights, weights * values])
    times, at_time = np.unique(tenure[left], return_inverse=True)
    # Those at risk at t have entry < t ≤ tenure: all who are there at t or later, less those who enter only then.
    at_risk = _sum_from(tenure, weighted, times) - _sum_from(entry, weighted, times)
    tied = np.zeros((len(times), weighted.shape[1]))
    np.add.at(tied, at_time, weighted[left])
    ties = np.bincount(at_time)
    # Efron: of d who leave together, the first goes with all d at risk, the next with d − 1 of them, on average.
    first = np.repeat(np.arange(len(times)), ties)
    place = np.arange(len(first)) - np.repeat(np.cumsum(ties) - ties, ties)
    sums = at_risk[first] - (place / ties[first])[:, None] * tied[first]
    means = np.zeros((len(times), values.shape[1]))
    np.add.at(means, first, sums[:, 1:] / (sums[:, :1] * ties[first][:, None]))
    return values[left] - means[at_time]


def _sum_from(moments: np.ndarray, values: np.ndarray, times: np.ndarray) -> np.ndarray:
    """At each of `times`, the sum of the rows whose moment is that time or later."""
    order = np.argsort(moments, kind="stable")
    sums = np.vstack([np.cumsum(values[order][::-1], axis=0)[::-1], np.zeros(values.shape[1])])
    return sums[np.searchsorted(moments[order], times, side="left")]


def _design(persons: pd.DataFrame, traits: Sequence[str]) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """The regression's columns t0, t1, …, and what each is: (trait, value), the value empty for numbers."""
    columns: dict[str, pd.Series] = {}
    terms: list[tuple[str, str]] = []
    for trait in traits:
        values = persons[trait]
        if pd.api.types.is_numeric_dtype(values):
            if values.std() > 0:
                columns[f"t{len(terms)}"] = values.astype(float)
                terms.append((trait, ""))
            continue
        reference = values.mode().iloc[0] if len(values) else None
        for value, of_value in persons.groupby(values, sort=True):
            if value != reference and of_value["has_left"].sum() >= LEAST_LEAVERS_PER_TERM:
                columns[f"t{len(terms)}"] = (values == value).astype(float)
                terms.append((trait, str(value)))
    return pd.DataFrame(columns, index=persons.index), terms


def survival_of_source(
    source: str, persons: pd.DataFrame, groupings: Sequence[str], traits: Sequence[str]
) -> pd.DataFrame:
    """Curves of all persons and of each group, a test for each way of grouping, a regression: rows of `COLUMNS`.

    `persons`    one row each: `entry` and `tenure` in months, `has_left`, and the columns of `groupings` and `traits`
    `groupings`  columns of words by which curves are drawn and tested
    `traits`     columns of the regression, numbers or words
    """
    persons = persons[persons["tenure"] > persons["entry"]].reset_index(drop=True)
    if not len(persons):
        return typed(pd.DataFrame())
    parts = [_curve_of(persons, "all", "all")]
    for grouping in groupings:
        groups = persons[grouping]
        sizes = groups.value_counts()
        members = sorted(sizes[sizes >= LEAST_PERSONS].index)
        if not 2 <= len(members) <= MOST_MEMBERS:
            continue
        parts += [_curve_of(persons[groups == member], grouping, member) for member in members]
        compared = persons[groups.isin(members)]
        if compared["has_left"].any():
            statistic, freedom, p_value = logrank(compared, groups[compared.index])
            tested = {"statistic": statistic, "groups": freedom + 1, "p_value": p_value}
            counted = {"persons": len(compared), "leavers": int(compared["has_left"].sum())}
            parts.append(
                pd.DataFrame([{"part": "test", "grouping_by": grouping, "status": "tested"} | tested | counted])
            )
    found = hazards(persons, traits)
    if len(found):
        parts.append(found.assign(part="hazard", status="estimated"))
    else:
        counted = {"persons": len(persons), "leavers": int(persons["has_left"].sum())}
        parts.append(
            pd.DataFrame([{"part": "hazard", "grouping_by": "all", "member": "", "status": "too few"} | counted])
        )
    return typed(pd.concat([part.astype(object) for part in parts]).assign(source=source))


def _curve_of(persons: pd.DataFrame, grouping: str, member: str) -> pd.DataFrame:
    counted = {"persons": len(persons), "leavers": int(persons["has_left"].sum())}
    return curve(persons).assign(part="curve", grouping_by=grouping, member=member, status="estimated", **counted)


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with all of `COLUMNS` in their types; an empty column has its type too."""
    return table.reindex(columns=list(COLUMNS)).astype(COLUMNS).reset_index(drop=True)
