"""What `explain` says can be checked: every number again from the visits, steps or tickets that it lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from hotline.explain import ExplainError, Explanation, explain, measures
from hotline.explain.expressions import evaluate
from hotline.home import Home
from tests.models.conftest import Centre

Row = Mapping[str, Any]
FLOW_OUTS = ("callback_requested", "voicemail", "overflow")
QUEUED = ("answered", "abandoned", *FLOW_OUTS)
SATISFIED = {"1-5": 4, "1-3": 3}


def inbound(row: Row) -> bool:
    return row["direction"] == "inbound" and row["outcome"] != "test" and row["call_kind"] not in ("silent", "nuisance")


def ended(row: Row, *outcomes: str) -> bool:
    return inbound(row) and row["outcome"] in outcomes


def within(row: Row, limit: str) -> bool:
    return row["wait_seconds"] <= row[limit]


def total(column: str, outcome: str) -> Callable[[list[Row]], float]:
    return lambda rows: sum(row[column] or 0 for row in rows if ended(row, outcome))


def known(column: str) -> Callable[[list[Row]], float]:
    return lambda rows: sum(row[column] is not None for row in rows if ended(row, "answered"))


def at_most(column: str, limit: int) -> Callable[[list[Row]], float]:
    return lambda rows: sum(row[column] is not None and row[column] <= limit for row in rows if ended(row, "answered"))


def where(condition: Callable[[Row], bool]) -> Callable[[list[Row]], float]:
    return lambda rows: sum(map(condition, rows))


# Each mart column counted from outcomes, waits and targets alone. It shares no flag and no expression with the models.
COUNTS: dict[str, Callable[[list[Row]], float]] = {
    "entered": where(lambda row: inbound(row) and row["visit_no"] == 1 and not ended(row, "busy", "failed")),
    "self_served": where(lambda row: ended(row, "self_served")),
    "busy": where(lambda row: ended(row, "busy")),
    "failed": where(lambda row: ended(row, "failed")),
    "offered": where(lambda row: ended(row, *QUEUED)),
    "answered": where(lambda row: ended(row, "answered")),
    "abandoned": where(lambda row: ended(row, "abandoned")),
    "flowed_out": where(lambda row: ended(row, *FLOW_OUTS)),
    "short_abandoned": where(lambda row: ended(row, "abandoned") and within(row, "short_abandon_seconds")),
    "answered_within_target": where(lambda row: ended(row, "answered") and within(row, "target_seconds")),
    "abandoned_within_target": where(lambda row: ended(row, "abandoned") and within(row, "target_seconds")),
    "outbound_attempts": where(lambda row: row["direction"] == "outbound"),
    "outbound_reached": where(lambda row: row["direction"] == "outbound" and row["outcome"] == "answered"),
    "wait_seconds_answered": total("wait_seconds", "answered"),
    "wait_seconds_abandoned": total("wait_seconds", "abandoned"),
    "ring_seconds": total("ring_seconds", "answered"),
    "ring_count": known("ring_seconds"),
    "talk_seconds": total("talk_seconds", "answered"),
    "talk_count": known("talk_seconds"),
    "wrap_up_seconds": total("wrap_up_seconds", "answered"),
    "wrap_up_count": known("wrap_up_seconds"),
    "handle_seconds": lambda rows: sum(
        row["talk_seconds"] + (row["hold_seconds"] or 0) + (row["wrap_up_seconds"] or 0)
        for row in rows
        if ended(row, "answered") and row["talk_seconds"] is not None
    ),
    "handle_count": known("talk_seconds"),
    "target_answers": lambda rows: sum(
        float(row["target_share"]) for row in rows if ended(row, "answered", "abandoned")
    ),
    # No record of HR in this centre: the calls alone tell who is a trainee.
    "answered_by_known": known("is_by_trainee"),
    "answered_by_trainees": where(lambda row: ended(row, "answered") and row["is_by_trainee"] is True),
    "rating_offered": where(lambda row: ended(row, "answered") and row["is_rating_offered"]),
    "ratings": where(lambda row: rated(row)),
    # The limits of the seed operating_targets.
    "rings_within_target": at_most("ring_seconds", 12),
    "talks_within_target": at_most("talk_seconds", 150),
    "wrap_ups_within_target": at_most("wrap_up_seconds", 60),
    "visits_held": where(lambda row: ended(row, "answered") and bool(row["number_of_holds"] or row["hold_seconds"])),
    "visits_held_over_limit": where(lambda row: ended(row, "answered") and longest_hold(row) > 120),
    "ratings_satisfied": where(lambda row: rated(row) and row["rating"] >= SATISFIED[row["rating_scale"]]),
}
# These need the other visits of the contact, which a list of one slice does not hold: recounted from flags only.
NEED_THE_WHOLE_CONTACT = {"contacts_answered", "contacts_transferred", "visits_transferred", "self_service_entered"}


def longest_hold(row: Row) -> int:
    return (row["hold_seconds"] if row["longest_hold_seconds"] is None else row["longest_hold_seconds"]) or 0


def rated(row: Row) -> bool:
    return ended(row, "answered") and row["rating"] is not None


def slices(centre: Centre) -> list[dict[str, Any]]:
    """A whole day, a queue on a day, a tier of a queue, and the fullest quarters of an hour."""
    intervals = centre.query(
        "select queue_id, tier, strftime(interval_start_local, '%Y-%m-%d %H:%M')"
        " from operations.marts.service_level_by_interval order by offered desc, queue_id, tier, 3 limit 2"
    )
    return [
        {"day": "2025-01-07"},
        {"day": date(2025, 1, 8), "queue": "faults", "source": "hotline"},
        {"queue": "hotline/billing", "tier": "high", "day": "2025-01-06"},
        *({"queue": queue, "tier": tier, "interval": interval} for queue, tier, interval in intervals),
    ]


@pytest.fixture(scope="module")
def fact(built_centre: Centre) -> dict[tuple, Row]:
    """All visits by their keys."""
    names = [
        name for (name,) in built_centre.query("select column_name from (describe operations.marts.fct_queue_visit)")
    ]
    rows = [dict(zip(names, row, strict=True)) for row in built_centre.query("from operations.marts.fct_queue_visit")]
    return {(row["source"], row["contact_id"], row["visit_no"]): row for row in rows}


def recounted(fact: dict[tuple, Row], answer: Explanation) -> float | None:
    """The measure from the listed visits, which are looked up in the fact by their keys."""
    keys = [(visit.values["source"], visit.values["contact_id"], visit.values["visit_no"]) for visit in answer.rows]
    assert len(set(keys)) == len(keys)
    rows = [fact[key] for key in keys]
    columns = {name: count(rows) for name, count in COUNTS.items()}
    numerator = evaluate(answer.kpi.numerator, columns)
    if answer.kpi.denominator is None:
        return numerator
    denominator = evaluate(answer.kpi.denominator, columns)
    return numerator / denominator if denominator else None


def test_every_offered_measure_is_recomputed_from_the_visits_that_it_lists(
    built_centre: Centre, fact: dict[tuple, Row]
) -> None:
    offered = measures(built_centre.home)
    by_interval = {
        kpi
        for (kpi,) in built_centre.query(
            "select kpi from operations.marts.kpi_catalogue where mart = 'service_level_by_interval'"
        )
    }
    assert len(by_interval & set(offered)) >= 30
    assert set(offered) - by_interval >= {"talk_within_target", "long_hold_rate", "transfer_rate_outside"}
    assert set(offered) >= set(OF_TICKETS)
    values = 0
    for measure in set(offered) - set(OF_TICKETS):
        by_day_only = measure not in by_interval
        for slice_ in slices(built_centre):
            if by_day_only and {"tier", "interval"} & slice_.keys():
                continue  # refused: see the test of questions that cannot be answered
            answer = explain(built_centre.home, measure, **slice_)
            assert answer.agrees, (measure, slice_)
            used = answer.kpi.numerator + (answer.kpi.denominator or "")
            if not any(name in used for name in NEED_THE_WHOLE_CONTACT):
                second = recounted(fact, answer)
                assert second == pytest.approx(answer.value) if second is not None else answer.value is None, measure
            values += answer.value is not None
    assert values > 3 * len(by_interval)


def judged(row: Row) -> bool:
    return row["state"] in ("in_time", "late", "running_late")


def share(rows: list[Row], condition: Callable[[Row], bool]) -> float | None:
    return sum(map(condition, rows)) / len(rows) if rows else None


def mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def led(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["is_lead"] and judged(row)]


def with_minutes(rows: list[Row]) -> list[float]:
    return [
        row["step_business_minutes"]
        for row in rows
        if row["is_lead"] and row["state"] != "unclear" and row["step_business_minutes"] is not None
    ]


def other(rows: list[Row]) -> list[Row]:
    return [row for row in rows if not row["is_lead"] and judged(row)]


# Each measure from the rows of the fact as they stand, and for stocks from the stretches of that evening.
OF_TICKETS: dict[str, Callable[[list[Row]], float | None]] = {
    "steps_due": lambda rows: len(led(rows)),
    "step_timeliness": lambda rows: share(led(rows), lambda row: row["state"] == "in_time"),
    "step_timeliness_other_document": lambda rows: share(other(rows), lambda row: row["state"] == "in_time"),
    "steps_running_late": lambda rows: sum(row["state"] == "running_late" for row in led(rows)),
    "step_business_hours": lambda rows: mean([minutes / 60 for minutes in with_minutes(rows)]),
    "open_tickets": len,
    "open_tickets_over_7_days": lambda rows: share(rows, lambda row: row["age_days"] > 7),
    "mean_age_of_open_tickets": lambda rows: mean([row["age_days"] for row in rows]),
}


@pytest.mark.parametrize("measure", OF_TICKETS)
def test_every_measure_of_tickets_is_recomputed_from_the_steps_or_tickets_that_it_lists(
    built_centre: Centre, measure: str
) -> None:
    values, noun = 0, "tickets" if "open" in measure else "steps"
    for day in ("2025-10-02", "2025-10-13", "2025-10-14", "2025-10-16", "2025-10-17"):
        for slice_ in ({}, {"department": "billing_office"}, {"kind": "inquiry", "source": "hotline"}):
            rows = everything_of(built_centre, noun, day, slice_)
            try:
                answer = explain(built_centre.home, measure, day=day, **slice_)
            except ExplainError:
                assert not rows
                continue
            assert answer.agrees, (measure, day, slice_)
            again = OF_TICKETS[measure](rows)
            assert again == (None if answer.value is None else pytest.approx(answer.value)), (measure, day, slice_)
            # Nothing is listed that nothing counts, and nothing twice.
            assert all(row.counted_in for row in answer.rows)
            assert len({tuple(row.values.items()) for row in answer.rows}) == len(answer.rows)
            values += bool(answer.value)
    assert values >= 1


def everything_of(centre: Centre, noun: str, day: str, slice_: Mapping[str, str]) -> list[Row]:
    """The steps due on a day, or the tickets of which the last stretch begun by its end is an open one."""
    if noun == "steps":
        sql = f"select * from operations.marts.fct_ticket_step where day_local = '{day}'"
    else:
        sql = (
            f"select *, date '{day}' - opened_on as age_days from operations.marts.fct_ticket_status"
            f" where entered_on <= '{day}'"
            " qualify row_number() over (partition by source, ticket_id order by stretch_no desc) = 1 and not is_closed"
        )
    names = [name for (name,) in centre.query(f"select column_name from (describe {sql})")]
    rows = [dict(zip(names, row, strict=True)) for row in centre.query(sql)]
    return [row for row in rows if all(row[name] == value for name, value in slice_.items())]


def test_the_text_of_a_measure_of_tickets_names_each_ticket_and_why(built_centre: Centre) -> None:
    text = explain(built_centre.home, "step_timeliness", day="2025-10-14", department="billing_office").text()
    assert "环节及时率" in text
    assert "(lead_in_time) / (lead_due)" in text
    assert "Steps (" in text
    assert "promise broken  inquiry, " not in text, "the centre itself answers for promises"
    open_ones = explain(built_centre.home, "open_tickets", kind="inquiry").text()
    assert "still running  inquiry, billing_office  open since 2025-10-16, 1 days, " in open_ones
    assert "counts in backlog" in open_ones


def test_what_an_agent_answered_on_a_day_is_explained_by_the_agents_visits(
    built_centre: Centre, fact: dict[tuple, Row]
) -> None:
    for measure in ("answered", "average_handle_time", "satisfaction_share", "visit_transfer_rate"):
        answer = explain(built_centre.home, measure, agent="a1", day="2025-01-07")
        assert answer.agrees
        assert answer.value is not None
        own = [
            row
            for row in fact.values()
            if row["agent_id"] == "hotline/a1" and row["arrival_on"] == date(2025, 1, 7) and ended(row, "answered")
        ]
        assert {visit.values["contact_id"] for visit in answer.rows} <= {row["contact_id"] for row in own}
        if measure in ("answered", "average_handle_time"):
            assert answer.value == pytest.approx(
                COUNTS["answered"](own)
                if measure == "answered"
                else COUNTS["handle_seconds"](own) / COUNTS["handle_count"](own)
            )
    last = explain(built_centre.home, "answered", agent="hotline/a1").slice
    assert last == {"agent_id": "hotline/a1", "day_local": date(2025, 1, 8)}


def test_a_listed_visit_stands_in_its_file_at_its_line(built_centre: Centre) -> None:
    answer = explain(built_centre.home, "offered", day="2025-01-07", queue="faults")
    assert len(answer.rows) > 10
    for visit in answer.rows:
        text = (built_centre.home.landing / visit.path).read_text(encoding="utf-8").splitlines()[visit.line - 1]
        assert text.startswith(f"{visit.values['contact_id']},{visit.values['visit_no']},")


def test_the_text_has_definition_names_formula_sql_and_visits(built_centre: Centre) -> None:
    answer = explain(built_centre.home, "service_level_abandons_counted", queue="faults", day="2025-01-07")
    text = answer.text(limit=3)
    assert "服务水平" in text
    assert "(answered_within_target) / (answered + abandoned)" in text
    assert "sum(answered_within_target) * 1.0 / nullif(sum(answered + abandoned), 0)" in text
    assert "queue_id = 'hotline/faults'" in text
    assert f"… and {len(answer.rows) - 3} more" in text
    assert built_centre.query(answer.sql.replace("marts.", "operations.marts."))[0][0] == answer.value


def test_without_a_time_the_last_landed_day_is_explained(built_centre: Centre) -> None:
    ((after,),) = built_centre.query("select max(day_local) from operations.marts.service_level_by_day")
    assert after == date(2025, 1, 9), "calls of the last minute joined a queue after midnight"
    assert explain(built_centre.home, "offered").slice == {"day_local": date(2025, 1, 8)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"measure": "happiness"}, r"happiness: no such measure; there are: abandoned, "),
        ({"queue": "lost"}, r"lost: no such queue; there are: hotline/advice, hotline/billing, hotline/faults"),
        ({"source": "lost"}, r"lost: no such source; there are: hotline"),
        ({"tier": "golden"}, r"golden: no such tier; there are: high, middle, ordinary, unknown"),
        ({"day": "2024-01-01"}, r"no visits in day_local 2024-01-01; .* has visits from 2025-01-0"),
        ({"day": "yesterday"}, r"yesterday: a day is written as 2025-01-31"),
        ({"interval": "09:15"}, r"09:15: on which day\?"),
        ({"interval": "2025-01-07 09:20"}, r"09:20:00: no interval starts then; .* starts at 09:15"),
        ({"measure": "long_hold_rate", "tier": "high"}, r"long_hold_rate is not counted by tier"),
        ({"measure": "long_hold_rate", "interval": "2025-01-07 09:15"}, r"long_hold_rate is counted by day"),
        ({"department": "repair"}, r"offered is not divided by department: ask without"),
        ({"measure": "open_tickets", "queue": "faults"}, r"open_tickets is not divided by queue: ask without"),
        ({"measure": "open_tickets", "kind": "wish"}, r"wish: no such kind; there are: application, complaint"),
        ({"measure": "open_tickets", "day": "2020-01-01"}, r"no tickets in day_local 2020-01-01; .* goes from 20"),
        ({"interval": "noon"}, r"noon: an interval is written as"),
        ({"agent": "nobody", "measure": "answered"}, r"nobody: no such agent; marts.dim_agent lists the \d+ there are"),
        ({"agent": "a1"}, r"offered: no such measure of an agent's visits; there are: answered, average_handle_time, "),
        ({"agent": "a1", "measure": "answered", "queue": "faults"}, r"an agent's day is not divided by queue"),
        (
            {"agent": "a1", "measure": "answered", "day": "2024-01-01"},
            r"agent_id hotline/a1 has visits from 2025-01-06",
        ),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_can(
    built_centre: Centre, arguments: dict[str, str], message: str
) -> None:
    with pytest.raises(ExplainError, match=message):
        explain(built_centre.home, **({"measure": "offered"} | arguments))


def test_nothing_built_yet_is_said_plainly(home: Home) -> None:
    with pytest.raises(ExplainError, match=r"nothing is built in .* yet"):
        explain(home, "offered")


@pytest.mark.parametrize(
    "expression", ["__import__('os')", "a.b", "a if b else c", "a ** b", "f(a)", "a ==", "'text'", "a in b"]
)
def test_nothing_but_names_numbers_and_arithmetic_is_evaluated(expression: str) -> None:
    with pytest.raises(ExplainError, match="not an expression"):
        evaluate(expression, {"a": 1, "b": 2, "c": 3, "f": 4})
