"""What the quality office writes once a month: how large it believes the risk of each defect to be."""

from __future__ import annotations

from datetime import date

import numpy as np

from hotline.simulation.scenario import Scenario

LEVELS = {"defect": (1, 3), "vulnerability": (1, 3), "control": (0, 10)}
"""Lowest and highest level of each kind."""


def risk_rows(scenario: Scenario, day: date, seed: int) -> list[tuple[str, ...]]:
    """Rows of `risk_assessments` as of `day`, per business type and defect; columns: landing_files.RISK_ASSESSMENTS.

    The scenario says what each defect is like; the share `mistaken` of the levels is taken for one higher or lower.
    """
    settings = scenario.settings["risk"]
    draw = np.random.default_rng([seed, 17, day.toordinal()])
    rows = []
    for business_type in scenario.business_types:
        for defect, levels in settings["defects"].items():
            written = []
            for kind, (lowest, highest) in LEVELS.items():
                off = draw.choice(
                    [-1, 0, 1], p=[settings["mistaken"] / 2, 1 - settings["mistaken"], settings["mistaken"] / 2]
                )
                written.append(str(min(highest, max(lowest, levels[kind] + int(off)))))
            rows.append(
                (day.isoformat(), business_type, defect, *written, settings["importance"].get(business_type, "L"))
            )
    return rows
