"""The columns of the landing files, in the words of the contract."""

from __future__ import annotations

from hotline.simulation.engine import DIRECTION, ENDER, OUTCOME
from hotline.simulation.scenario import Scenario
from hotline.simulation.tables import IDENTIFIER, TIME, WORD, Column

_YES_NO = ("false", "true")


def calls(scenario: Scenario, agents: int, customers: int) -> list[Column]:
    """The columns of `calls`, as `engine` counts them."""
    agent_width = max(3, len(str(agents)))
    return [
        Column("contact_id", IDENTIFIER, ("K",)),
        Column("visit_no"),
        Column("channel", WORD, ("phone",)),
        Column("direction", WORD, DIRECTION._fields),
        Column("queue", WORD, scenario.queues),
        Column("business_type", WORD, scenario.business_types),
        Column("customer_id", IDENTIFIER, ("C",), max(6, len(str(customers)))),
        Column("entered_at", TIME),
        Column("queued_at", TIME),
        Column("answered_at", TIME),
        Column("left_at", TIME),
        Column("wait_seconds"),
        Column("ring_seconds"),
        Column("talk_seconds"),
        Column("hold_seconds"),
        Column("hold_count"),
        Column("longest_hold_seconds"),
        Column("wrap_up_seconds"),
        Column("agent_id", IDENTIFIER, ("A",), agent_width),
        Column("outcome", WORD, OUTCOME._fields),
        Column("ended_by", WORD, ENDER._fields),
        Column("transferred_to", WORD, [*scenario.queues, "external"]),
        Column("rating_offered", WORD, _YES_NO),
        Column("rating"),
        Column("rating_scale", WORD, ("1-5",)),
        Column("language", WORD, ("zh", "en")),
        Column("priority"),
        Column("call_kind", WORD, scenario.call_kinds),
        Column("by_trainee", WORD, _YES_NO),
        Column("place", WORD, scenario.places),
        Column("is_simulated", WORD, _YES_NO),
    ]
