"""What goes with dissatisfaction: odds of it, and points of the rating, over rated contacts. Association, not cause.

Who waited long had, perhaps, also the more annoying matter; who rates at all is not everybody. The regressions hold the
other circumstances and the business type alike, and no more than that. Contacts of one day wait for the same agents,
and those of an agent have the agent in common, so standard errors allow for both (`clusters`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from hotline.statistics.clusters import freedom_of, reach, variances_of
from hotline.statistics.rating import NoEstimate, effects_on_rating

TERMS = (*("wait_minutes", "is_transferred", "is_repeat", "comes_again", "handle_minutes", "is_held", "is_by_trainee"),)
"""Circumstances: minutes, or whether."""

LEAST_PER_TERM = 10
"""Ratings on either side needed per coefficient: on fewer a logistic regression is not to be trusted."""

LEAST_DAYS = 10
"""Days with ratings below which errors clustered by day would be too small."""

COLUMNS = (
    *("source", "term", "status", "first_day", "last_day", "ratings", "dissatisfied", "days", "mean_value"),
    *("coefficient", "standard_error", "p_value", "odds_ratio", "odds_ratio_low", "odds_ratio_high", "points"),
    *("is_clear", "rating_status", "rating_change", "rating_change_low", "rating_change_high"),
)
_INTEGERS = ("ratings", "dissatisfied", "days")
_TEXTS = ("source", "term", "status", "rating_status")


def drivers_of_sources(
    last_days: Mapping[str, date],
    rules: Mapping[tuple[str, date], tuple[int, int]],
    rated: Callable[[str, date, date], pd.DataFrame],
    repeats: Callable[[str, date, date, int], list[tuple[str, str]]],
) -> pd.DataFrame:
    """`drivers` of every source with ratings, as a table of `COLUMNS`.

    `last_days`  source → its last loaded day
    `rules`      (source, day) → days to look at, days within which a further contact is a repeat
    `rated`      (source, first, last) → its rated contacts with `contact_id`, as for `drivers` and `rating_changes`
                 but for repeats
    `repeats`    (source, first, last, days) → pairs of contact ids, the earlier one and the one that repeats it

    The last `repeat days` are left out: of them nobody knows yet who comes again.
    """
    parts = []
    for source, last in sorted(last_days.items()):
        if (source, last) not in rules:
            continue
        length, repeat_days = rules[source, last]
        last_known = last - timedelta(days=repeat_days)
        first = last_known - timedelta(days=length - 1)
        contacts = rated(source, first, last_known)
        if len(contacts):
            pairs = repeats(source, first, last_known, repeat_days)
            contacts["comes_again"] = contacts["contact_id"].isin({earlier for earlier, _ in pairs})
            contacts["is_repeat"] = contacts["contact_id"].isin({later for _, later in pairs})
            found = drivers(contacts).merge(rating_changes(contacts), on="term")
            parts.append(found.assign(source=source, first_day=first, last_day=last_known))
    return _typed(pd.concat(parts) if parts else pd.DataFrame(columns=list(COLUMNS)))


def drivers(contacts: pd.DataFrame) -> pd.DataFrame:
    """One row per circumstance of `TERMS`: what it does to the odds of dissatisfaction, all others alike.

    `contacts`: one row per rated contact with `day`, `agent_id`, `is_dissatisfied`, `business_type_id` and the columns
    of `TERMS`.
    A circumstance that all contacts share is 'not varied'; with too few ratings on either side all are 'too few'.
    """
    # Not statsmodels.api, which takes seconds to import.
    from scipy import stats
    from statsmodels.discrete.discrete_model import Logit

    dissatisfied = contacts["is_dissatisfied"].to_numpy(float)
    values = contacts[list(TERMS)].astype(float)
    rows = pd.DataFrame({"term": TERMS, "mean_value": values.mean().to_numpy(), "status": "not varied"})
    rows = rows.assign(
        ratings=len(contacts), dissatisfied=int(dissatisfied.sum()), days=contacts["day"].nunique(), is_clear=False
    )
    varied = [term for term in TERMS if values[term].std() > 0]
    types = pd.get_dummies(contacts["business_type_id"], drop_first=True, dtype=float)
    # A business type of which all are satisfied, or none, has no finite coefficient: it joins the first.
    types = types.loc[:, [0 < dissatisfied[types[name] > 0].mean() < 1 for name in types]]
    least = LEAST_PER_TERM * (len(varied) + types.shape[1] + 1)
    rarer = min(dissatisfied.sum(), len(dissatisfied) - dissatisfied.sum())
    if rarer < least or contacts["day"].nunique() < LEAST_DAYS:
        return rows.assign(status="too few")
    design = pd.concat([values[varied], types], axis=1).assign(constant=1.0)
    fitted = Logit(dissatisfied, design).fit(disp=0)
    predicted = np.asarray(fitted.predict(design))
    weights, cases = predicted * (1 - predicted), design.to_numpy()
    slope = float(weights.mean())
    groups = _groups_of(contacts)
    errors = np.sqrt(
        variances_of(
            cases * (dissatisfied - predicted)[:, None],
            lambda chosen: cases[chosen].T @ (cases[chosen] * weights[chosen, None]),
            cases.shape[1] - 1,
            groups,
        )
    )
    far, freedom = reach(groups), freedom_of(groups)
    for number, term in enumerate(varied):
        place = rows.index[rows["term"] == term][0]
        coefficient, error = float(fitted.params[term]), float(errors[number])
        low, high = coefficient - far * error, coefficient + far * error
        rows.loc[place, "status"] = "estimated"
        rows.loc[place, ["coefficient", "standard_error", "p_value", "points"]] = (
            coefficient, error, 2 * float(stats.t.sf(abs(coefficient) / error, freedom)), 100 * slope * coefficient,
        )  # fmt: skip
        rows.loc[place, ["odds_ratio", "odds_ratio_low", "odds_ratio_high"]] = [
            math.exp(min(value, 50)) for value in (coefficient, low, high)
        ]
        rows.loc[place, "is_clear"] = low > 0 or high < 0
    return rows


def rating_changes(contacts: pd.DataFrame) -> pd.DataFrame:
    """One row per circumstance of `TERMS`: by how many points the rating changes with one unit more, all others alike.

    `contacts` as for `drivers`, with `rating`, and `lowest` and `highest` of its scale, empty where steps
    are not equally wide. Looked at is the scale of most ratings; if it is none of equal steps, all are 'no even scale'.
    What can't be estimated is 'not varied', 'too few' or 'not told apart'.
    """
    lowest, highest = contacts[["lowest", "highest"]].value_counts(dropna=False).index[0]
    rows = pd.DataFrame({"term": TERMS, "rating_status": "not varied"})
    if pd.isna(lowest) or pd.isna(highest):
        return rows.assign(rating_status="no even scale")
    contacts = contacts[(contacts["lowest"] == lowest) & (contacts["highest"] == highest)]
    ratings, values = contacts["rating"].to_numpy(float), contacts[list(TERMS)].astype(float)
    varied = [term for term in TERMS if values[term].std() > 0]
    types = pd.get_dummies(contacts["business_type_id"], drop_first=True, dtype=float)
    design = pd.concat([values[varied], types], axis=1).assign(constant=1.0).to_numpy()
    others = len(ratings) - np.unique(ratings, return_counts=True)[1].max()
    if others < LEAST_PER_TERM * design.shape[1] or contacts["day"].nunique() < LEAST_DAYS:
        return rows.assign(rating_status="too few")
    try:
        found = effects_on_rating(ratings, design, (int(lowest), int(highest)), _groups_of(contacts))
    except NoEstimate:
        return rows.assign(rating_status="not told apart")
    places = rows["term"].isin(varied)
    rows.loc[places, "rating_status"] = "estimated"
    for name, bound in (("", found.points), ("_low", found.low), ("_high", found.high)):
        rows.loc[places, f"rating_change{name}"] = bound[: len(varied)]
    return rows


def _groups_of(contacts: pd.DataFrame) -> list[np.ndarray]:
    """What the contacts of a day have in common, and those of an agent: a number for each group, one per contact."""
    groups = [pd.factorize(contacts["day"])[0], pd.factorize(contacts["agent_id"], use_na_sentinel=False)[0]]
    # Without agents in the files, or with one, nothing is known of how they differ.
    return [group for group in groups if group.max() > 0]


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """An empty column has its type too: the warehouse reads types from the table."""
    table = table.reindex(columns=list(COLUMNS)).reset_index(drop=True)
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
