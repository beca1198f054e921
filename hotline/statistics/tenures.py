"""Which spells of employment `survival` looks at, and by which traits: HR's records, and a file of tenures."""

from __future__ import annotations

import pandas as pd

from hotline.statistics.survival import survival_of_source, typed

STAFF_GROUPS = ("site", "job", "team_id", "gender", "age_band", "contract", "education", "pay_band")
STAFF_TRAITS = ("tenths_under_market", "age_decades", "gender", "job", "site", "contract", "rehired")
FILE_GROUPS = ("gender", "head_gender", "wage", "way_to_work", "coach", "recruited_through")
FILE_TRAITS = (
    *("gender", "age_decades", "industry", "recruited_through", "coach", "head_gender", "wage", "way_to_work"),
    *("extraversion", "independence", "self_control", "anxiety", "novelty_seeking"),
)


def tenures_of_sources(staff: pd.DataFrame, files: pd.DataFrame) -> pd.DataFrame:
    """`survival_of_source` of each source: `staff` as int_tenures, `files` as stg_turnover_survival__tenures."""
    parts = [
        survival_of_source(str(source), persons, STAFF_GROUPS, STAFF_TRAITS)
        for source, persons in staff.groupby("source")
    ]
    for source, persons in files.groupby("source"):
        observed = persons.rename(columns={"tenure_months": "tenure"}).assign(
            entry=0.0, age_decades=persons["age_years"] / 10
        )
        parts.append(survival_of_source(str(source), observed, FILE_GROUPS, FILE_TRAITS))
    return typed(pd.concat(parts) if parts else pd.DataFrame())
