"""The whole table of the service risk model, against the figures of its description."""

from __future__ import annotations

from fractions import Fraction

from tests.models.conftest import Centre

# C by defect level (rows) and vulnerability level (columns), as the model defines it.
DAMAGE = {1: (1, 2, 3), 2: (2, 3, 4), 3: (3, 4, 5)}
# I by importance and C, written out: coefficient 10, 5, 2 × damage coefficient 0.2 … 1.0.
IMPACT = {
    "H": ("2", "4", "6", "8", "10"),
    "M": ("1", "2", "3", "4", "5"),
    "L": ("0.4", "0.8", "1.2", "1.6", "2"),
}
# P by control level 0 … 10 and vulnerability level 1, 2, 3.
PROBABILITY = (
    *((1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 6), (5, 6, 7), (6, 7, 8)),
    *((7, 8, 9), (8, 9, 10), (9, 10, 10), (10, 10, 10), (10, 10, 10)),
)


def test_damage_impact_probability_and_risk_over_all_combinations_of_levels(built_centre: Centre) -> None:
    found = {
        row[:4]: row[4:]
        for row in built_centre.query(
            "select importance, defect_level, vulnerability_level, control_level, damage_level, impact, probability,"
            " risk, zone from operations.marts.risk_matrix"
        )
    }
    assert len(found) == 3 * 3 * 3 * 11
    for importance, impacts in IMPACT.items():
        for defect, damages in DAMAGE.items():
            for vulnerability, damage in enumerate(damages, start=1):
                for control, probabilities in enumerate(PROBABILITY):
                    impact, probability = Fraction(impacts[damage - 1]), probabilities[vulnerability - 1]
                    risk = impact * probability
                    zone = "high" if risk >= 40 else "medium" if risk >= 15 else "low"
                    row = found[importance, defect, vulnerability, control]
                    assert row[0] == damage
                    assert (Fraction(row[1]), row[2], Fraction(row[3])) == (impact, probability, risk)
                    assert row[4] == zone
    risks = [row[3] for row in found.values()]
    assert float(min(risks)) == 0.4
    assert float(max(risks)) == 100
