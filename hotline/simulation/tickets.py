"""What follows a call: tickets and what departments do with them, and reviews of what agents did."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import numpy as np

from hotline.simulation.engine import DIRECTION, OUTCOME
from hotline.simulation.scenario import DAY, Scenario, seconds_of_day
from hotline.simulation.tables import Clock, joined

TICKET = np.dtype(
    [
        (name, np.int64)
        for name in (
            "ticket", "contact", "opened", "kind", "business_type", "customer", "opened_by", "department", "priority",
            "area", "duplicate_of", "duplicate_cause", "promised", "promised_by_wish", "product", "cause", "defect",
            "founded", "owner", "compensation", "corrective_action", "is_anonymous", "outage", "supply_class",
            "sources_of_supply", "fields_correct", "key_fields_correct",
        )
    ]
)  # fmt: skip
TICKET_EVENT = np.dtype(
    [(name, np.int64) for name in ("ticket", "at", "event", "actor", "department", "outcome", "satisfaction", "reason")]
)
REVIEW = np.dtype(
    [
        (name, np.int64)
        for name in (
            "review", "at", "contact", "ticket", "agent", "reviewer", "form", "business_kind", "passed", "score",
            "error_kind", "error_cause", "defect",
        )
    ]
)  # fmt: skip
EVENTS = (
    "received", "dispatched", "accepted", "arrived", "feedback", "restored", "result", "replied", "callback_attempted",
    "called_back", "interim_reply", "solution_proposed", "solution_approved", "solution_accepted", "plan_answered",
    "design_submitted", "design_reviewed", "inspected", "contracted", "powered_on", "expert_asked", "expert_answered",
    "handed_back", "expedited", "escalated", "reopened", "merged", "closed",
)  # fmt: skip
_E = {name: number for number, name in enumerate(EVENTS)}
ACTORS = ("centre", "department", "crew", "expert_group", "customer")
_CENTRE, _DEPARTMENT, _CREW, _EXPERTS, _CUSTOMER = range(len(ACTORS))
AREAS = ("urban", "suburban", "remote", "very_remote")
SATISFACTIONS = ("satisfied", "neutral", "dissatisfied")
PRIORITIES = ("normal", "urgent")
DUPLICATE_CAUSES = ("customer", "system", "agent")
SUPPLY_CLASSES = ("low_voltage", "high_voltage")
FORMS = ("call", "order")
ERROR_KINDS = ("wrong_information", "incomplete_record", "wrong_process", "manner")
EVENT_OUTCOMES = ("reached", "not_reached")
_HOUR, _MINUTE = 3600, 60
_IDS_A_DAY = 1_000_000
_AHEAD = 260  # days that the calendar goes on after the last


class OfficeHours:
    """The hours of the departments, Monday to Friday but for holidays, in seconds of the simulation."""

    def __init__(self, scenario: Scenario, clock: Clock, start: date, days: int) -> None:
        settings = scenario.settings["tickets"]["office_hours"]
        self._opens, closes = map(seconds_of_day, settings)
        calendar = holidays.country_holidays(scenario.settings["calendar"]["country"])
        self._is_open = np.array(
            [calendar.is_working_day(start + timedelta(days=number)) for number in range(days + _AHEAD)]
        )
        self._length = closes - self._opens
        self._worked = np.concatenate([[0], np.cumsum(self._is_open * self._length)])
        # Local seconds from the first midnight; a change of clocks moves the offset.
        self._changes, self._moved = clock.changes, clock.offsets - clock.offsets[0]

    def local(self, at: np.ndarray) -> np.ndarray:
        return at + self._shift(at)

    def after(self, at: np.ndarray, seconds: np.ndarray | int) -> np.ndarray:
        """When so many seconds of office hours have passed since."""
        local = self.local(at)
        shift = local - at
        day = np.minimum(local // DAY, len(self._is_open) - 1)
        today = np.where(self._is_open[day], np.clip(local - day * DAY - self._opens, 0, self._length), 0)
        target = self._worked[day] + today + np.maximum(seconds, 1)
        day = np.minimum(np.searchsorted(self._worked, target, side="left") - 1, len(self._is_open) - 1)
        then = day * DAY + self._opens + target - self._worked[day]
        # The clock that is right then; the departments are asleep when it changes.
        return then - self._shift(then - shift)

    def _shift(self, at: np.ndarray) -> np.ndarray:
        return self._moved[np.searchsorted(self._changes, at, side="right") - 1]


class Desk:
    """Writes the tickets of a day's calls, and what becomes of them.

    Events after the day are kept until theirs has come: as many as the open tickets still have before them.
    """

    def __init__(self, scenario: Scenario, hours: OfficeHours, agents: int, last_second: int, seed: int) -> None:
        self._scenario, self._settings = scenario, scenario.settings["tickets"]
        self._hours, self._agents, self._last, self._seed = hours, agents, last_second, seed
        self.kinds = list(self._settings["kinds"])
        self.departments = list(self._settings["departments"])
        self.products, self.causes = list(self._settings["products"]), list(self._settings["causes"])
        self.defects = list(self._settings["defects"])
        self._coming = np.empty(0, dtype=TICKET_EVENT)
        self._tickets = np.empty(0, dtype=TICKET)
        self._opened_after_midnight = np.empty(0, dtype=TICKET)
        self._events: list[np.ndarray] = []

    def day(
        self, day: date, ends: int, visits: np.ndarray, care: np.ndarray, is_company: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Tickets opened on `day`, and reviews of some of its visits on the next day, which begins at `ends`.

        `ticket` of the visits is filled in. A call that runs past midnight has its ticket on the next day.

        care        per number of an agent, standard deviations above the mean
        is_company  per visit
        """
        draw = np.random.default_rng([self._seed, 13, day.toordinal()])
        self._correcting = np.random.default_rng([self._seed, 18, day.toordinal()])
        tickets = self._open(day, visits, draw)
        self._live(tickets, is_company, visits, draw)
        reviews = self._review(day, ends, visits, tickets, care, draw)
        late = tickets["opened"] >= ends
        of_the_day = np.concatenate([self._opened_after_midnight, tickets[~late]])
        self._opened_after_midnight = tickets[late]
        return of_the_day, reviews

    def _open(self, day: date, visits: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        settings, scenario = self._settings, self._scenario
        served = np.flatnonzero(
            (visits["outcome"] == OUTCOME.answered)
            & (visits["direction"] == DIRECTION.inbound)
            & (visits["transferred_to"] < 0)
            & (visits["call_kind"] == 0)
        )
        shares = np.array([settings["of_calls"].get(name, 0.0) for name in scenario.business_types])
        calls = served[draw.random(len(served)) < shares[visits["business_type"][served]]]
        self._calls = calls
        count = len(calls)
        tickets = np.full(count, -1, dtype=np.int64).repeat(len(TICKET)).view(TICKET)
        number = int(f"{day:%Y%m%d}") * _IDS_A_DAY
        tickets["ticket"] = number + 1 + np.arange(count)
        visits["ticket"][calls] = tickets["ticket"]
        for field, source in (
            ("contact", "contact"), ("business_type", "business_type"), ("customer", "customer"),
            ("opened_by", "agent"), ("outage", "outage"), ("opened", "left"),
        ):  # fmt: skip
            tickets[field] = visits[source][calls]
        kind_of = np.array(
            [self.kinds.index(settings["kind_of"].get(name, self.kinds[0])) for name in scenario.business_types]
        )
        tickets["kind"] = kind_of[tickets["business_type"]]
        kinds = list(settings["kinds"].values())
        tickets["department"] = np.array([self.departments.index(kind["department"]) for kind in kinds])[
            tickets["kind"]
        ]
        area = np.array([AREAS.index(settings["areas"][place]) for place in scenario.places])
        tickets["area"] = area[visits["place"][calls]]
        tickets["priority"] = draw.random(count) < settings["urgent"]
        is_trainee = visits["by_trainee"][calls] == 1
        wrong = settings["wrong_fields"] * np.where(is_trainee, settings["trainee_errors"], 1.0)
        tickets["fields_correct"] = draw.random(count) >= wrong
        wrong = settings["wrong_key_fields"] * np.where(is_trainee, settings["trainee_errors"], 1.0)
        tickets["key_fields_correct"] = draw.random(count) >= wrong
        for field, shares in (
            ("product", settings["products"]), ("cause", settings["causes"]), ("defect", settings["defects"]),
        ):  # fmt: skip
            tickets[field] = draw.choice(len(shares), count, p=list(shares.values()))
        complaints = np.isin(tickets["kind"], [self._kind(name) for name in ("complaint", "misconduct_report")])
        tickets["founded"] = np.where(complaints, draw.random(count) < settings["founded"], -1)
        for field in ("cause", "product", "defect"):
            tickets[field][~complaints] = -1
        tickets["owner"] = np.where(complaints, 1 + draw.integers(0, 9, count), -1)
        paid = (tickets["founded"] == 1) & (draw.random(count) < settings["compensation"]["share"])
        amount = settings["compensation"]["mean"] * 100 * draw.exponential(1, count)
        tickets["compensation"] = np.where(paid, np.maximum(amount, 100), -1)
        reports = tickets["kind"] == self._kind("misconduct_report")
        tickets["is_anonymous"] = np.where(reports, draw.random(count) < settings["anonymous"], -1)
        tickets["customer"][tickets["is_anonymous"] == 1] = -1
        applies = tickets["kind"] == self._kind("application")
        high = draw.random(count) < settings["high_voltage"]
        tickets["supply_class"] = np.where(applies, high, -1)
        tickets["sources_of_supply"] = np.where(applies, 1 + (high & (draw.random(count) < 0.3)), -1)
        promised = draw.random(count) < settings["promised"]
        tickets["promised"] = np.where(promised, tickets["opened"] + (1 + draw.integers(0, 72, count)) * _HOUR, -1)
        tickets["promised_by_wish"] = np.where(promised, draw.random(count) < 0.2, -1)
        self._duplicates(tickets, draw)
        return tickets

    def _kind(self, name: str) -> int:
        """-1 where the scenario has no such kind."""
        return self.kinds.index(name) if name in self.kinds else -1

    def _duplicates(self, tickets: np.ndarray, draw: np.random.Generator) -> None:
        """Of the tickets on an outage many tell of the same; others are written twice by mistake."""
        share = self._settings["duplicates"]
        chance = draw.random(len(tickets))
        number, outage, kind = tickets["ticket"], tickets["outage"], tickets["kind"]
        order = np.lexsort((tickets["opened"], outage))
        opens = np.ones(len(order), dtype=bool)
        opens[1:] = outage[order][1:] != outage[order][:-1]
        first = np.empty(len(order), dtype=np.int64)
        first[order] = order[np.maximum.accumulate(np.where(opens, np.arange(len(order)), 0))]
        again = (outage >= 0) & (first != np.arange(len(order))) & (chance < share["of_an_outage"])
        tickets["duplicate_of"][again] = number[first[again]]
        # What is doubled by mistake is the ticket before it of its kind. It is no duplicate, so there are no loops.
        order = np.lexsort((tickets["opened"], kind))
        here, before = order[1:], order[:-1]
        mistaken = ~again & (chance < share["otherwise"])
        mistaken[first[again]] = False
        chosen = mistaken[here] & ~mistaken[before] & ~again[before] & (kind[here] == kind[before])
        tickets["duplicate_of"][here[chosen]] = number[before[chosen]]
        doubled = tickets["duplicate_of"] >= 0
        causes = [share["causes"][name] for name in DUPLICATE_CAUSES]
        tickets["duplicate_cause"][doubled] = draw.choice(len(causes), int(doubled.sum()), p=causes)

    # The life of the tickets of a day.

    def _add(self, rows: np.ndarray, at: np.ndarray, event: str, actor: int, **fields: np.ndarray | int) -> None:
        """`event` of the tickets in these rows."""
        found = np.full(len(rows), -1, dtype=np.int64).repeat(len(TICKET_EVENT)).view(TICKET_EVENT)
        found["ticket"], found["at"] = self._tickets["ticket"][rows], at
        found["event"], found["actor"] = _E[event], actor
        if actor in (_DEPARTMENT, _CREW) or event == "dispatched":
            found["department"] = self._tickets["department"][rows]
        for name, value in fields.items():
            found[name] = value
        self._events.append(found)

    def _live(self, tickets: np.ndarray, is_company: np.ndarray, visits: np.ndarray, draw: np.random.Generator) -> None:
        self._tickets, self._events = tickets, []
        settings, count = self._settings, len(tickets)
        every = np.arange(count)
        self._add(every, tickets["opened"], "received", _CENTRE)
        doubled = np.flatnonzero(tickets["duplicate_of"] >= 0)
        merged = tickets["opened"][doubled] + self._lengths(draw, 40 * _MINUTE, len(doubled))
        self._add(doubled, merged, "merged", _CENTRE)
        self._add(doubled, merged + 1, "closed", _CENTRE)
        rows = np.flatnonzero(tickets["duplicate_of"] < 0)
        dispatched = tickets["opened"][rows] + self._lengths(draw, settings["dispatch"], len(rows))
        self._add(rows, dispatched, "dispatched", _CENTRE)
        # Sent to the wrong department: it comes back, and goes out again.
        back = draw.random(len(rows)) < settings["handed_back"]
        at = self._hours.after(dispatched[back], self._lengths(draw, 2 * _HOUR, int(back.sum())))
        self._add(rows[back], at, "handed_back", _DEPARTMENT, reason=0)
        dispatched[back] = at + self._lengths(draw, settings["dispatch"], len(at)) + 1
        self._add(rows[back], dispatched[back], "dispatched", _CENTRE)
        is_company = is_company[self._calls]
        for number, kind in enumerate(settings["kinds"].values()):
            chosen = tickets["kind"][rows] == number
            if chosen.any():
                steps = {"repair": self._repair, "application": self._application}.get(kind["steps"], self._answer)
                steps(rows[chosen], dispatched[chosen], kind, is_company, draw)
        tickets["corrective_action"][tickets["corrective_action"] > self._last] = -1
        self._coming = joined([self._coming, *self._events])
        self._events = []

    def _lengths(self, draw: np.random.Generator, mean: float | np.ndarray, count: int) -> np.ndarray:
        """Lognormal seconds; the standard deviation is 0.7 of the mean."""
        return np.maximum(1, mean * np.exp(0.63 * draw.standard_normal(count) - 0.2)).astype(np.int64)

    def _repair(self, rows, dispatched, kind, is_company, draw) -> None:
        """The crew drives out at any hour."""
        count = len(rows)
        accepted = dispatched + self._lengths(draw, 4 * _MINUTE, count)
        self._add(rows, accepted, "accepted", _DEPARTMENT)
        drive = np.array([kind["arrives"][area] for area in AREAS])[self._tickets["area"][rows]]
        arrived = accepted + self._lengths(draw, drive, count)
        self._add(rows, arrived, "arrived", _CREW)
        feedback = arrived + self._lengths(draw, kind["feedback"], count)
        self._add(rows, feedback, "feedback", _CREW)
        restored = feedback + self._lengths(draw, kind["restored"], count)
        self._add(rows, restored, "restored", _CREW)
        result = restored + self._lengths(draw, 10 * _MINUTE, count)
        self._add(rows, result, "result", _CREW)
        late = arrived - self._tickets["opened"][rows] > 2 * drive
        self._finish(rows, result, kind, is_company, late, draw)

    def _answer(self, rows, dispatched, kind, is_company, draw) -> None:
        """The department answers in its office hours, and the centre tells the customer."""
        count = len(rows)
        speed = np.array([entry["slower"] for entry in self._settings["departments"].values()])[
            self._tickets["department"][rows]
        ]
        accepted = self._hours.after(dispatched, self._lengths(draw, kind["accepted"], count))
        self._add(rows, accepted, "accepted", _DEPARTMENT)
        length = self._lengths(draw, kind["result"] * speed, count)
        result = self._hours.after(accepted, length)
        asked = draw.random(count) < kind.get("expert", 0.0)
        at = self._hours.after(accepted[asked], length[asked] // 4)
        self._add(rows[asked], at, "expert_asked", _DEPARTMENT)
        self._add(rows[asked], self._hours.after(at, length[asked] // 4), "expert_answered", _EXPERTS)
        if kind["steps"] == "complaint":
            for place, step in enumerate(("solution_proposed", "solution_approved", "solution_accepted"), start=1):
                self._add(rows, self._hours.after(accepted, length * place // 4), step, _DEPARTMENT)
            founded = self._tickets["founded"][rows] == 1
            weeks = self._lengths(draw, self._settings["corrective_action"], count)
            shares = np.array([self._settings["corrected"][name] for name in self.defects])
            founded &= self._correcting.random(count) < shares[self._tickets["defect"][rows]]
            self._tickets["corrective_action"][rows] = np.where(founded, result + weeks, -1)
        self._add(rows, result, "result", _DEPARTMENT)
        late = length > kind["limit"]
        told = late & (draw.random(count) < self._settings["interim_reply"])
        self._add(rows[told], self._hours.after(accepted[told], kind["limit"] - _HOUR), "interim_reply", _CENTRE)
        expedited = late & (draw.random(count) < self._settings["expedited"])
        at = self._hours.after(accepted[expedited], (kind["limit"] * 0.9 * np.ones(expedited.sum())).astype(np.int64))
        self._add(rows[expedited], at, "expedited", _CUSTOMER)
        escalated = late & (draw.random(count) < self._settings["escalated"])
        self._add(rows[escalated], self._hours.after(accepted[escalated], kind["limit"]), "escalated", _CENTRE)
        replied = self._hours.after(result, self._lengths(draw, kind["replied"], count))
        self._add(rows, replied, "replied", _CENTRE)
        self._finish(rows, replied, kind, is_company, late, draw)

    def _application(self, rows, dispatched, kind, is_company, draw) -> None:
        """From the plan to the power: in weeks for companies, in days for residents."""
        count, tickets = len(rows), self._tickets
        at = self._hours.after(dispatched, self._lengths(draw, 2 * _HOUR, count))
        self._add(rows, at, "accepted", _DEPARTMENT)
        high = tickets["supply_class"][rows] == 1
        two = tickets["sources_of_supply"][rows] == 2
        day = self._day_length * np.where(is_company[rows], 1.0, kind["resident"])
        for event, days in kind["days"].items():
            mean = days["low"] if not isinstance(days, (int, float)) else days
            if not isinstance(days, (int, float)):
                mean = np.where(high, np.where(two, days["high_two_sources"], days["high"]), days["low"])
            at = self._hours.after(at, self._lengths(draw, np.asarray(mean) * day, count))
            self._add(rows, at, event, _DEPARTMENT)
        late = np.zeros(count, dtype=bool)
        self._finish(rows, at, kind, is_company, late, draw)

    @property
    def _day_length(self) -> int:
        """Seconds of office hours of a day."""
        opens, closes = map(seconds_of_day, self._settings["office_hours"])
        return closes - opens

    def _finish(self, rows, at, kind, is_company, late, draw) -> None:
        """The customer is called back and the ticket closed; some are opened again."""
        settings, count = self._settings, len(rows)
        back = draw.random(count) < kind["called_back"]
        back &= self._tickets["is_anonymous"][rows] != 1
        due = at + self._lengths(draw, 3 * _HOUR, count)
        due = np.where(is_company[rows], self._hours.after(due, 60), self._evening(due))
        # Somebody does not look at the clock.
        due = np.where(draw.random(count) < settings["forbidden_hours"], at + 20 * _MINUTE, due)
        reached = ~back
        for attempt in range(3):
            tries = back & ~reached
            got = tries & (draw.random(count) < settings["reached"])
            for chosen, event, outcome in ((tries & ~got, "callback_attempted", 1), (got, "called_back", 0)):
                moment = due[chosen] + attempt * DAY
                satisfaction = -1
                if event == "called_back":
                    worse = settings["dissatisfied"]["late"] * late[chosen]
                    chance = draw.random(chosen.sum())
                    satisfaction = np.select(
                        [chance < settings["dissatisfied"]["share"] + worse, chance < 0.25 + worse], [2, 1], 0
                    )
                self._add(rows[chosen], moment, event, _CENTRE, outcome=outcome, satisfaction=satisfaction)
            at = np.where(tries, due + attempt * DAY, at)
            reached |= got
        closed = at + self._lengths(draw, 30 * _MINUTE, count)
        self._add(rows, closed, "closed", _CENTRE)
        again = draw.random(count) < settings["reopened"] * np.where(late, 2, 1)
        opened = closed[again] + self._lengths(draw, 1.5 * DAY, again.sum())
        self._add(rows[again], opened, "reopened", _CUSTOMER)
        result = self._hours.after(opened, self._lengths(draw, 6 * _HOUR, again.sum()))
        self._add(rows[again], result, "result", _DEPARTMENT)
        self._add(rows[again], result + self._lengths(draw, 2 * _HOUR, again.sum()), "closed", _CENTRE)

    def _evening(self, at: np.ndarray) -> np.ndarray:
        """Residents are called between 17:30 and 21:00."""
        local = self._hours.local(at)
        second = local % DAY
        opens, closes = 17 * _HOUR + 30 * _MINUTE, 21 * _HOUR
        spread = local // 7 % (closes - opens)
        return at + np.where(
            second < opens, opens - second + spread, np.where(second < closes, 0, DAY - second + opens + spread)
        )

    def events(self, ends: int) -> np.ndarray:
        """Those before `ends` that have not been given yet, in order of time."""
        is_due = self._coming["at"] < ends
        due, self._coming = self._coming.compress(is_due), self._coming.compress(~is_due)
        # By ticket at the same second in the order in which they were thought of.
        return due.take(np.argsort(due["at"], kind="stable"))

    def _review(
        self,
        day: date,
        ends: int,
        visits: np.ndarray,
        tickets: np.ndarray,
        care: np.ndarray,
        draw: np.random.Generator,
    ) -> np.ndarray:
        """Of some answered calls, and of some tickets, on the next day."""
        settings = self._scenario.settings["quality"]
        served = np.flatnonzero((visits["outcome"] == OUTCOME.answered) & (visits["direction"] == DIRECTION.inbound))
        # Reviewers have their number, whatever the day was like.
        of_calls, of_tickets = (round(settings[name] * self._agents) for name in ("calls_an_agent", "tickets_an_agent"))
        calls = np.sort(draw.permutation(served)[:of_calls])
        orders = np.sort(draw.permutation(len(tickets))[:of_tickets])
        call_of = self._calls[orders]
        both = np.concatenate([calls, call_of])
        count = len(both)
        rows = np.full(count, -1, dtype=np.int64).repeat(len(REVIEW)).view(REVIEW)
        rows["review"] = int(f"{day:%Y%m%d}") * _IDS_A_DAY + 1 + np.arange(count)
        rows["contact"] = visits["contact"][both]
        rows["ticket"][len(calls) :] = tickets["ticket"][orders]
        rows["agent"] = visits["agent"][both]
        rows["business_kind"] = visits["business_type"][both]
        rows["form"] = np.arange(count) >= len(calls)
        rows["reviewer"] = 1 + draw.integers(0, settings["reviewers"], count)
        moment = draw.integers(9 * _HOUR, 17 * _HOUR, count)
        rows["at"] = ends + moment
        fails = settings["fails"] * np.exp(-settings["care"] * care[rows["agent"]])
        fails *= np.where(visits["by_trainee"][both] == 1, settings["trainee"], 1.0)
        fails *= np.array([settings["harder"].get(name, 1.0) for name in self._scenario.business_types])[
            rows["business_kind"]
        ]
        failed = draw.random(count) < fails
        rows["passed"] = ~failed
        rows["score"] = np.clip(np.where(failed, 62, 93) + 4 * draw.standard_normal(count), 0, 100) * 100
        kinds, causes = settings["error_kinds"], settings["defects"]
        rows["error_kind"] = np.where(
            failed, draw.choice(len(ERROR_KINDS), count, p=[kinds[name] for name in ERROR_KINDS]), -1
        )
        rows["defect"] = np.where(failed, draw.choice(len(causes), count, p=list(causes.values())), -1)
        rows["error_cause"] = rows["defect"]
        return rows[np.argsort(rows["at"], kind="stable")]
