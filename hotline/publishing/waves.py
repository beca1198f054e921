"""What was published of a survey's wave stays as it was published.

A second publication of the same people, with one answer more, would tell that answer by the difference. So the figures
of a wave are written down when a release first shows them, and every later build reads them there: a late answer, a
corrected file or a changed formula no longer changes them. `docs/privacy.md` says what to do about a mistake.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

import duckdb

from hotline.home import PRIVATE, Home
from hotline.landing.quoting import literal, literals
from hotline.privacy import TOO_FEW, TOTAL

if TYPE_CHECKING:
    import pandas as pd

FIGURES = "intermediate.int_survey_figures"


def published_waves(home: Home) -> pd.DataFrame | None:
    """The figures of all waves that were published, one row per figure; None before the first."""
    files = sorted(home.waves.glob("*.parquet")) if home.waves.is_dir() else []
    if not files:
        return None
    with duckdb.connect() as connection:
        return connection.execute(f"from read_parquet([{literals(map(str, files))}], union_by_name = true)").df()


def keep_waves(home: Home) -> list[str]:
    """Write down the figures of waves that the build holds and that were not published before; gives their names.

    A wave that showed nothing, as too few answered or its questionnaire is missing, may still be published later.
    """
    home.waves.mkdir(mode=PRIVATE, exist_ok=True)
    kept = []
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        if not connection.execute(
            "select 1 from duckdb_tables() where schema_name || '.' || table_name = ?", [FIGURES]
        ).fetchone():
            return []
        waves = connection.execute(
            f"select source, survey_id, wave from {FIGURES} group by all having count(*) filter"
            " (part = 'table' and variable = ? and text is not distinct from ?) = 0 order by all",
            [TOTAL, TOO_FEW],
        ).fetchall()
        for wave in waves:
            file = home.waves / f"{hashlib.sha256(json.dumps(wave).encode()).hexdigest()[:24]}.parquet"
            if file.exists():
                continue
            half_made = file.with_suffix(".tmp")
            connection.execute(
                f"copy (from {FIGURES} where source = ? and survey_id = ? and wave = ?)"
                f" to {literal(str(half_made))} (format parquet)",
                list(wave),
            )
            with half_made.open("rb") as written:
                os.fsync(written.fileno())
            half_made.replace(file)
            kept.append(" ".join(wave))
    return kept
