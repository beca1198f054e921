"""Calls as they landed, one row per queue visit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import DAY, BatchRules, batch_suite

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

RULES = BatchRules(
    nulls=("visit_no", "business_type", "customer_id", "ended_by", "language", "priority"),
    # Only an answered call has an agent: among all calls these shares would follow the outcomes.
    nulls_where={
        "direction = 'inbound' and outcome in ('answered', 'abandoned')": ("queued_at", "wait_seconds"),
        "outcome = 'answered'": ("answered_at", "agent_id", "ring_seconds", "talk_seconds", "wrap_up_seconds"),
        "rating_offered": ("rating",),
    },
    values={
        "outcome": (
            "answered",
            "abandoned",
            "self_served",
            "left_in_self_service",
            "callback_requested",
            "voicemail",
            "overflow",
            "busy",
            "failed",
            "test",
        ),
        "direction": ("inbound", "outbound"),
    },
    # The centre calls back in waves: they must not shift the shares of those who call it.
    values_among={"outcome": "direction = 'inbound'"},
    ranges={
        "wait_seconds": (0, DAY),
        "ring_seconds": (0, 60 * 60),
        "talk_seconds": (0, DAY),
        "hold_seconds": (0, DAY),
        "wrap_up_seconds": (0, DAY),
        "visit_no": (1, 100),
    },
    not_in_future=("entered_at", "left_at"),
    is_daily=True,
    extremes=True,
)


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    return batch_suite("calls", RULES, settings)
