"""Quality reviews as they landed, one row per review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import BatchRules, batch_suite

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

RULES = BatchRules(
    nulls=("contact_id", "agent_id", "form", "business_kind", "score"),
    # Only what was not passed has an error: among all reviews these shares would follow the pass rate.
    nulls_where={"not passed": ("error_kind", "defect")},
    ranges={"score": (0, 100)},
    not_in_future=("reviewed_at",),
)


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    return batch_suite("quality_reviews", RULES, settings)
