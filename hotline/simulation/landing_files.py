"""The columns of the landing files, in the words of the contract."""

from __future__ import annotations

from hotline.simulation.engine import DIRECTION, ENDER, OUTCOME, STATE
from hotline.simulation.roster import ACTIVITIES
from hotline.simulation.scenario import REASONS, Scenario
from hotline.simulation.tables import IDENTIFIER, TIME, WORD, Column

_YES_NO = ("false", "true")
_CONTACT = Column("contact_id", IDENTIFIER, ("K",))


def _agent(agents: int) -> Column:
    return Column("agent_id", IDENTIFIER, ("A",), max(3, len(str(agents))))


def agent_events(agents: int) -> list[Column]:
    """The columns of `agent_events`: engine.AGENT_EVENT."""
    return [
        _agent(agents),
        Column("occurred_at", TIME),
        Column("state", WORD, STATE._fields),
        Column("reason", WORD, REASONS),
        Column("seat", IDENTIFIER, ("S",), max(3, len(str(agents)))),
        _CONTACT,
    ]


def agent_schedules(scenario: Scenario, agents: int) -> list[Column]:
    """The columns of `agent_schedules`: roster.SCHEDULE."""
    return [
        _agent(agents),
        Column("starts_at", TIME),
        Column("ends_at", TIME),
        Column("activity", WORD, ACTIVITIES),
        Column("shift_pattern", WORD, list(scenario.settings["shift_patterns"])),
    ]


def calls(scenario: Scenario, agents: int, customers: int) -> list[Column]:
    """The columns of `calls`: engine.VISIT, but for the last fields of it."""
    return [
        _CONTACT,
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
        _agent(agents),
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
