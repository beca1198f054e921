"""The columns of the landing files, in the words of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline.simulation import campaigns as of_campaigns
from hotline.simulation import tickets as of_tickets
from hotline.simulation.customers import CREDITS, LISTS, id_width
from hotline.simulation.engine import DIRECTION, ENDER, OUTCOME, STATE
from hotline.simulation.hr import ABSENCES, EXCEPTIONS
from hotline.simulation.roster import ACTIVITIES
from hotline.simulation.scenario import REASONS, Scenario
from hotline.simulation.tables import CENTS, DATE, IDENTIFIER, TIME, WORD, Column

if TYPE_CHECKING:
    from hotline.simulation.centre import Centre

_YES_NO = ("false", "true")
_CONTACT = Column("contact_id", IDENTIFIER, ("K",))
_TICKET = Column("ticket_id", IDENTIFIER, ("T",))
_OUTAGE = Column("outage_id", IDENTIFIER, ("O",))
_CAMPAIGN = (Column("campaign_id", IDENTIFIER, ("M",)), Column("list_id", WORD, of_campaigns.LISTS))


def _agent(agents: int) -> Column:
    return Column("agent_id", IDENTIFIER, ("A",), max(3, len(str(agents))))


def _customer(number: int) -> Column:
    return Column("customer_id", IDENTIFIER, ("C",), id_width(number))


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


def campaign_list(customers: int) -> list[Column]:
    """The columns of `campaign_list`: campaigns.ENTRY."""
    return [*_CAMPAIGN, _customer(customers), Column("extracted_at", TIME)]


def campaign_contacts(scenario: Scenario, customers: int) -> list[Column]:
    """The columns of `campaign_contacts`: campaigns.ATTEMPT."""
    return [
        *_CAMPAIGN,
        _customer(customers),
        Column("attempt_no"),
        Column("occurred_at", TIME),
        Column("agent_id", IDENTIFIER, ("B",), 3),
        Column("result", WORD, of_campaigns.RESULTS),
        Column("reason", WORD, of_campaigns.reasons(scenario)),
        Column("satisfaction", WORD, of_campaigns.SATISFACTIONS),
        Column("record_complete", WORD, _YES_NO),
        Column("sold", WORD, _YES_NO),
        Column("amount", CENTS),
    ]


def attendance() -> list[Column]:
    """The columns of `attendance`: hr.ATTENDANCE."""
    return [
        Column("employee_id", IDENTIFIER, ("E",), 5),
        Column("day", DATE),
        Column("scheduled_minutes"),
        Column("worked_minutes"),
        Column("overtime_minutes"),
        Column("absence_kind", WORD, ABSENCES),
        Column("exception", WORD, EXCEPTIONS),
    ]


def tickets(scenario: Scenario, agents: int, customers: int) -> list[Column]:
    """The columns of `tickets`: tickets.TICKET."""
    settings = scenario.settings["tickets"]
    agent = _agent(agents)
    return [
        _TICKET,
        _CONTACT,
        Column("opened_at", TIME),
        Column("kind", WORD, list(settings["kinds"])),
        Column("business_type", WORD, scenario.business_types),
        _customer(customers),
        Column("opened_by", IDENTIFIER, agent.words, agent.width),
        Column("department", WORD, list(settings["departments"])),
        Column("priority", WORD, of_tickets.PRIORITIES),
        Column("area", WORD, of_tickets.AREAS),
        Column("duplicate_of", IDENTIFIER, ("T",)),
        Column("duplicate_cause", WORD, of_tickets.DUPLICATE_CAUSES),
        Column("promised_at", TIME),
        Column("promised_by_customer_wish", WORD, _YES_NO),
        Column("product", WORD, list(settings["products"])),
        Column("cause", WORD, list(settings["causes"])),
        Column("defect", WORD, list(settings["defects"])),
        Column("founded", WORD, _YES_NO),
        Column("owner", IDENTIFIER, ("owner ",)),
        Column("compensation_amount", CENTS),
        Column("corrective_action_at", TIME),
        Column("is_anonymous", WORD, _YES_NO),
        _OUTAGE,
        Column("supply_class", WORD, of_tickets.SUPPLY_CLASSES),
        Column("sources_of_supply"),
        Column("fields_correct", WORD, _YES_NO),
        Column("key_fields_correct", WORD, _YES_NO),
    ]


def ticket_events(scenario: Scenario) -> list[Column]:
    """The columns of `ticket_events`: tickets.TICKET_EVENT."""
    return [
        _TICKET,
        Column("occurred_at", TIME),
        Column("event", WORD, of_tickets.EVENTS),
        Column("actor", WORD, of_tickets.ACTORS),
        Column("department", WORD, list(scenario.settings["tickets"]["departments"])),
        Column("outcome", WORD, of_tickets.EVENT_OUTCOMES),
        Column("satisfaction", WORD, of_tickets.SATISFACTIONS),
        Column("reason", WORD, ("wrong_department",)),
    ]


def quality_reviews(scenario: Scenario, agents: int) -> list[Column]:
    """The columns of `quality_reviews`: tickets.REVIEW."""
    defects = list(scenario.settings["quality"]["defects"])
    return [
        Column("review_id", IDENTIFIER, ("Q",)),
        Column("reviewed_at", TIME),
        _CONTACT,
        _TICKET,
        _agent(agents),
        Column("reviewer_id", IDENTIFIER, ("R",), 2),
        Column("form", WORD, of_tickets.FORMS),
        Column("business_kind", WORD, scenario.business_types),
        Column("passed", WORD, _YES_NO),
        Column("score", CENTS),
        Column("error_kind", WORD, of_tickets.ERROR_KINDS),
        Column("error_cause", WORD, defects),
        Column("defect", WORD, defects),
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
        _TICKET,
        _OUTAGE,
        Column("place", WORD, scenario.places),
        Column("is_simulated", WORD, _YES_NO),
    ]


def tables_of(centre: Centre) -> dict[str, list[Column]]:
    """The columns of every entity that is written from records."""
    scenario, agents, number = centre.scenario, centre.agents, centre.customers.number
    return {
        "calls": calls(scenario, agents, number),
        "agent_events": agent_events(agents),
        "agent_schedules": agent_schedules(scenario, agents),
        "tickets": tickets(scenario, agents, number),
        "ticket_events": ticket_events(scenario),
        "quality_reviews": quality_reviews(scenario, agents),
        "attendance": attendance(),
        "customers": customers(scenario, number),
        "campaign_list": campaign_list(number),
        "campaign_contacts": campaign_contacts(scenario, number),
    }


EMPLOYEES = (
    "employee_id", "as_of", "name", "gender", "birth_on", "education", "marital_status", "hired_on", "left_on",
    "leave_kind", "leave_reason", "team", "site", "job", "grade", "contract", "monthly_pay", "market_pay", "manager_id",
    "agent_id", "independent_from", "confirmed_on",
)  # fmt: skip
WEATHER = ("place", "day", "max_celsius", "min_celsius", "rain_mm")
TRAINING = ("employee_id", "occurred_at", "course", "kind", "invited", "attended", "passed", "score")
PERFORMANCE = ("employee_id", "team", "month", "kpi", "target", "passed", "award")
SURVEY_ITEMS = (
    "survey_id", "item_id", "dimension", "is_reversed", "scale_min", "scale_max", "text_en", "text_zh",
)  # fmt: skip
SURVEY_INVITATIONS = ("survey_id", "wave", "invitation_id", "sent_at", "group")
SURVEY_RESPONSES = (
    "survey_id", "wave", "response_id", "submitted_at", "item_id", "answer", "is_valid", "gender", "age_band",
    "education", "marital_status", "tenure_band", "group",
)  # fmt: skip
OUTAGES = (
    "outage_id", "area", "planned", "approved_at", "copied_at", "announced_at", "starts_at", "ends_at",
    "customers_affected", "information_correct",
)  # fmt: skip
OUTAGE_NOTICES = ("outage_id", "customer_id", "channel", "sent_at", "confirmed_at")
SYSTEM_INCIDENTS = ("incident_id", "started_at", "ended_at", "system", "severity", "defect")
RISK_ASSESSMENTS = (
    "as_of", "business_type", "defect", "defect_level", "vulnerability_level", "control_level", "importance",
)  # fmt: skip
CLAIMS = (
    "claim_id", "opened_at", "settled_at", "product", "premium_amount", "reserved_amount", "paid_amount", "injury",
    "examined", "fraud", "recovered_amount", "refused_amount", "price_reduction", "injury_reduction",
)  # fmt: skip
CAMPAIGNS = ("campaign_id", "starts_on", "ends_on", "target", "purpose")
ORDERS = ("order_id", "ordered_at", "promised_on", "delivered_on", "quantity", "delivered_quantity")
STOCK = ("item", "day", "on_hand")
CALENDAR_EVENTS = ("day", "place", "event", "expected_factor")

TEXTS = {
    "employees": EMPLOYEES,
    "weather": WEATHER,
    "calendar_events": CALENDAR_EVENTS,
    "outages": OUTAGES,
    "outage_notices": OUTAGE_NOTICES,
    "system_incidents": SYSTEM_INCIDENTS,
    "risk_assessments": RISK_ASSESSMENTS,
    "claims": CLAIMS,
    "campaigns": CAMPAIGNS,
    "orders": ORDERS,
    "stock": STOCK,
    "training": TRAINING,
    "performance": PERFORMANCE,
    "survey_items": SURVEY_ITEMS,
    "survey_invitations": SURVEY_INVITATIONS,
    "survey_responses": SURVEY_RESPONSES,
}
"""Small entities, written row by row."""
FOLDERS = {
    **dict.fromkeys(("employees", "attendance", "training", "performance"), "people"),
    **dict.fromkeys(("survey_items", "survey_invitations", "survey_responses"), "surveys"),
}
"""Where files lie that do not have a folder of the entity's name."""
