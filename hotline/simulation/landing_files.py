"""The columns of the landing files, in the words of the contract."""

from __future__ import annotations

from hotline.simulation.customers import CREDITS, LISTS
from hotline.simulation.engine import DIRECTION, ENDER, OUTCOME, STATE
from hotline.simulation.roster import ACTIVITIES
from hotline.simulation.scenario import REASONS, Scenario
from hotline.simulation.tables import CENTS, DATE, IDENTIFIER, TIME, WORD, Column

_YES_NO = ("false", "true")
_CONTACT = Column("contact_id", IDENTIFIER, ("K",))


def _agent(agents: int) -> Column:
    return Column("agent_id", IDENTIFIER, ("A",), max(3, len(str(agents))))


def _customer(number: int) -> Column:
    return Column("customer_id", IDENTIFIER, ("C",), max(6, len(str(number))))


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


def customers(scenario: Scenario, number: int) -> list[Column]:
    """The columns of `customers`: customers.CUSTOMER."""
    return [
        _customer(number),
        Column("month", DATE),
        Column("arpu", CENTS),
        Column("joined_on", DATE),
        Column("left_on", DATE),
        Column("credit", WORD, CREDITS),
        Column("list", WORD, LISTS),
        Column("kind", WORD, ("resident", "company")),
        Column("is_important", WORD, _YES_NO),
        Column("segment", WORD, list(scenario.settings["customers"]["segments"])),
        Column("birth_year"),
        Column("gender", WORD, ("female", "male")),
        Column("company_name", IDENTIFIER, ("Company ",)),
        Column("phone_present", WORD, _YES_NO),
        Column("address_present", WORD, _YES_NO),
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
        _customer(customers),
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
        Column("priority", WORD, ("-1", "0", "1", "2")),
        Column("call_kind", WORD, scenario.call_kinds),
        Column("by_trainee", WORD, _YES_NO),
        Column("place", WORD, scenario.places),
        Column("is_simulated", WORD, _YES_NO),
    ]


EMPLOYEES = (
    "employee_id", "as_of", "name", "gender", "birth_on", "education", "marital_status", "hired_on", "left_on",
    "leave_kind", "leave_reason", "team", "site", "job", "grade", "contract", "monthly_pay", "market_pay", "manager_id",
    "agent_id", "independent_from", "confirmed_on",
)  # fmt: skip
WEATHER = ("place", "day", "max_celsius", "min_celsius", "rain_mm")
CALENDAR_EVENTS = ("day", "place", "event", "expected_factor")
