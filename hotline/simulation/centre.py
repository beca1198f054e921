"""A simulated centre, day by day: what arrives, who works, what the queue makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from hotline.simulation import engine
from hotline.simulation.assessments import risk_rows
from hotline.simulation.campaigns import Bureau, Campaigns
from hotline.simulation.claims import claim_rows
from hotline.simulation.climate import Climate
from hotline.simulation.customers import Customers
from hotline.simulation.hr import Office
from hotline.simulation.orders import OrderDesk
from hotline.simulation.outages import Grid, Outage
from hotline.simulation.people import People
from hotline.simulation.roster import SCHEDULE, Roster, Shifts
from hotline.simulation.scenario import WEEKDAYS, Scenario, seconds_of_day, shares
from hotline.simulation.tables import Clock, copied
from hotline.simulation.tickets import REVIEW, Desk, OfficeHours

_CONTACTS_A_DAY = 10_000_000
_HALF_HOUR = 1800


@dataclass(frozen=True)
class Day:
    """One local day by entity: the visits that entered on it in order of entering (`calls`, engine.VISIT), what its
    agents did from second to second (`agent_events`, engine.AGENT_EVENT) and were to do (`agent_schedules`,
    roster.SCHEDULE, by time of start; `attendance`), the tickets of the calls and what happened to tickets (`tickets`,
    `ticket_events`), and which calls were reviewed (`quality_reviews`). Times are seconds of the simulation. `texts`
    are rows of smaller entities.
    """

    day: date
    tables: dict[str, np.ndarray]
    texts: dict[str, list[tuple[str, ...]]]


@dataclass(frozen=True)
class Month:
    """What is known on the first simulated day of a month; `customers` come piece by piece, and only once."""

    first: date
    day: date
    customers: Iterator[np.ndarray]
    employees: list[tuple[str, ...]]
    weather: list[tuple[str, ...]]
    calendar_events: list[tuple[str, ...]]
    risk_assessments: list[tuple[str, ...]]
    claims: list[tuple[str, ...]]
    orders: list[tuple[str, ...]]
    stock: list[tuple[str, ...]]
    campaigns: Campaigns


@dataclass(frozen=True)
class Plan:
    """What agents are to do (roster.SCHEDULE, by time of start) on a day after the last one."""

    day: date
    schedule: np.ndarray


@dataclass(frozen=True)
class Incident:
    """Seconds of the simulation in which the share `failed` of the calls is lost."""

    begins: int
    ends: int
    failed: float


class Centre:
    """`agents` people, from `start` on, in `zone`. The same arguments give the same visits."""

    def __init__(self, scenario: Scenario, agents: int, days: int, start: date, seed: int, zone: ZoneInfo) -> None:
        self.scenario, self._days, self._start, self._seed, self._zone = scenario, days, start, seed, zone
        self.agents = agents
        self._planned_ahead = int(scenario.settings["agents"]["planned_ahead"])
        # A week more: call-backs and repeats of the last days find a clock; so do the shifts that are planned.
        self.clock = Clock.of(zone, _midnight(start, zone), days + max(7, self._planned_ahead + 2))
        self.roster = Roster.of(scenario, agents, seed)
        self.people = People(scenario, self.roster.group, start, seed)
        self.office = Office(scenario, self.people, self.roster.group, start, zone, seed)
        self.climate = Climate(scenario, seed)
        self.calls_a_day = self._volume()
        places = max(1, round(self.calls_a_day * scenario.settings["calls"]["customers_per_daily_call"]))
        self.last = start + timedelta(days=days - 1)
        self.customers = Customers(scenario, places, start, self.last, seed)
        self.bureau = Bureau(scenario, agents, self.customers, self.last, seed, self._second)
        self.order_desk = OrderDesk(scenario, agents, zone, seed)
        self.grid = Grid(scenario, places, seed)
        self.hours = OfficeHours(scenario, self.clock, start, days)
        self._types_of_outages = [
            number
            for number, name in enumerate(scenario.business_types)
            if name in scenario.settings["outages"]["types"]
        ]
        self._outages: dict[date, list[Outage]] = {}
        self._reviews = np.empty(0, dtype=REVIEW)
        self.desk = Desk(scenario, self.hours, agents, self._second(start + timedelta(days=days)), seed)

    def days(self) -> Iterator[Day | Month | Plan]:
        """The days in order, each month before its days; a month must be used up before the next one. At the end come
        the days that are planned only.

        A day is given when its last call has ended, so no more than two are held at a time.
        """
        scenario, roster, people, customers = self.scenario, self.roster, self.people, self.customers
        settings = scenario.settings
        state = engine.new_state(
            group=roster.group,
            groups=len(settings["agents"]["groups"]),
            queues=len(scenario.queues),
            lines=max(2, round(self.agents * settings["lines_per_agent"])),
            customers=customers,
            seed=self._seed,
        )
        shares_of_places = np.array(list(settings["calls"]["places"].values()))
        texts: dict[str, list[tuple[str, ...]]] = {}
        tables: dict[str, np.ndarray] = {}
        schedule = np.empty(0, dtype=SCHEDULE)
        for number in range(self._days + 1):
            day = self._start + timedelta(days=number)
            begins, ends = self._second(day), self._second(day + timedelta(days=1))
            draw = np.random.default_rng([self._seed, 3, day.toordinal()])
            rates, incident, incidents, is_stormy = self._rates(day, begins, draw)
            by_place = shares_of_places * self.climate.heat(day)
            rates *= by_place.sum()
            rules = scenario.rules._replace(places=shares(by_place / by_place.sum()))
            outages = self.grid.day(day, begins, is_stormy)
            seconds, types = self._with_outages(*self._arrivals(rates, begins, draw), outages, ends, draw)
            if number == self._days:
                seconds, types = seconds[:0], types[:0]
            people.turn_to(day)
            if number < self._days and (number == 0 or day.day == 1):
                yield self._month(day)
            shifts = roster.day(day, draw, people.works(day))
            state.agents["id"] = people.id
            state.agents["next_seat"] = roster.seats(draw)
            state.agents["speed"], state.agents["care"] = people.speed, people.care
            state.agents["is_trainee"] = people.is_trainee(day)
            work = roster.work(shifts, people.restlessness, draw)
            attendance = self.office.attendance(day, work, draw)
            personnel = self.office.day(day, work)
            work.signs_in[work.signs_in >= 0] += begins
            work.steps[:, 1] += begins
            state = engine.lengthened(state, steps=len(work.steps))
            engine.add_shifts(state, work.signs_in, work.gets_ready, work.steps)
            now = state.now[0]
            now["contacts"] = int(f"{day:%Y%m%d}") * _CONTACTS_A_DAY
            now["day_ends"] = ends
            # The clock of the greater part of the day; on the day of a change the first hours are one hour off.
            noon = begins + 43_200
            now["clock"] = self.clock.offset_at(noon) - self.clock.offset_at(begins) - begins
            now["failing_from"], now["failing_to"] = incident.begins, incident.ends
            now["failed"], now["failed_in_incident"] = settings["calls"]["failed"], incident.failed
            done = 0
            while done >= 0:
                done = engine.run(state, rules, seconds, types, done)
                state = engine.lengthened(state, steps=0)
            if number:
                ended = engine.entered_before(state, begins)
                yield self._day(day - timedelta(days=1), begins, ended, tables, texts)
                engine.forget(state, len(ended))
            if number == self._days:
                yield from self._plans(schedule)
                return
            texts = {
                "outages": self.grid.rows(outages, self.clock.start, self._zone),
                "outage_notices": self._notices(outages),
                "system_incidents": incidents,
                **personnel,
            }
            self._outages[day] = outages
            events = engine.agent_events(state, begins, ends)
            today, schedule = self._of_the_day(schedule, shifts, day)
            tables = {"agent_events": events, "agent_schedules": today, "attendance": attendance}

    def _notices(self, outages: list[Outage]) -> list[tuple[str, ...]]:
        if not any(outage.planned for outage in outages):
            return []
        return self.grid.notices(outages, self.customers.important(), self.clock.start, self._zone)

    def _day(
        self,
        day: date,
        ends: int,
        visits: np.ndarray,
        tables: dict[str, np.ndarray],
        texts: dict[str, list[tuple[str, ...]]],
    ) -> Day:
        """What is written of the day that ended at this second."""
        of_outages = np.flatnonzero(np.isin(visits["business_type"], self._types_of_outages))
        place, entered, number = (visits[name][of_outages] for name in ("place", "entered", "outage"))
        for outage in self._outages.pop(day):
            number[(place == outage.place) & (entered >= outage.begins) & (entered < outage.ends)] = outage.number
        visits["outage"][of_outages] = number
        care = np.concatenate([[0.0], self.people.persons["care"]])
        tickets, reviews = self.desk.day(day, ends, visits, care, self.customers.is_company(visits["customer"]))
        written, self._reviews = self._reviews, reviews
        return Day(
            day,
            {
                # The state goes on without them, and they may still be being written.
                "calls": copied(visits),
                **tables,
                "tickets": tickets,
                "ticket_events": self.desk.events(ends),
                "quality_reviews": written,
            },
            texts,
        )

    def _with_outages(
        self, seconds: np.ndarray, types: np.ndarray, outages: list[Outage], ends: int, draw: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """The calls of the day and those of people without power, in order."""
        moments, places = self.grid.calls(outages, ends, draw)
        if not len(moments):
            return seconds, types
        more = engine.PLACED * (places + 1) + draw.choice(self._types_of_outages, len(moments))
        seconds, types = np.concatenate([seconds, moments]), np.concatenate([types, more])
        order = np.argsort(seconds, kind="stable")
        return seconds[order], types[order]

    def _month(self, day: date) -> Month:
        """Turns the customers and the order desk to the month of `day`."""
        first = day.replace(day=1)
        in_month = (min((first + timedelta(days=31)).replace(day=1), self.last + timedelta(days=1)) - day).days
        known = [day + timedelta(days=ahead) for ahead in range(min(31, (self.last - day).days + 1))]
        customers = self.customers.month(first)
        orders, stock = self.order_desk.month(day, in_month)
        return Month(
            first=first,
            day=day,
            customers=customers,
            employees=self.people.snapshot(day),
            weather=self.climate.weather_rows([known_day for known_day in known if known_day.month == day.month]),
            calendar_events=self.climate.event_rows(first),
            risk_assessments=risk_rows(self.scenario, day, self._seed),
            claims=claim_rows(self.scenario, self.agents, day, in_month, self.last, self._zone, self._seed),
            orders=orders,
            stock=stock,
            campaigns=self.bureau.month(first, day),
        )

    def _plans(self, schedule: np.ndarray) -> Iterator[Plan]:
        """The days after the last as they are planned on it: who works there now, and nobody is to be taught yet."""
        for ahead in range(1, self._planned_ahead + 1):
            day = self.last + timedelta(days=ahead)
            shifts = self.roster.day(day, None, self.people.works(day))
            today, schedule = self._of_the_day(schedule, shifts, day)
            yield Plan(day, today)

    def _of_the_day(self, schedule: np.ndarray, shifts: Shifts, day: date) -> tuple[np.ndarray, np.ndarray]:
        """What is planned for `day`, by time of start: what is left of a shift over midnight, and the shifts that begin
        on it; and what is left of these for the next day.
        """
        planned = self.roster.schedule(shifts, self.people.id)
        for moment in ("starts", "ends"):
            planned[moment] += self._second(day)
        schedule = np.concatenate([schedule, planned])
        is_today = schedule["starts"] < self._second(day + timedelta(days=1))
        today, later = schedule[is_today], schedule[~is_today]
        return today[np.lexsort((today["agent"], today["starts"]))], later

    def _second(self, day: date) -> int:
        return int(_midnight(day, self._zone).timestamp()) - self.clock.start

    def _shape(self, day: date) -> np.ndarray:
        """Relative calls by half hour (48) of a plain day, the mean over a plain week being 1 a day."""
        calls = self.scenario.settings["calls"]
        curve = np.array(calls["by_half_hour"], dtype=float)
        weekdays = np.array([calls["by_weekday"][name] for name in WEEKDAYS])
        return curve / curve.sum() * weekdays[day.weekday()] / weekdays.mean()

    def _volume(self) -> float:
        """Calls of a mean day: as set, or as many as the roster carries."""
        calls = self.scenario.settings["calls"]
        if calls["per_day"] != "from_staffing":
            return float(calls["per_day"])
        staff = self.roster.mean_staff().sum() * (1 - self.people.missing())
        monday = date(2024, 1, 1)
        erlangs = np.array([self._shape(monday + timedelta(days=weekday)) for weekday in range(7)])
        erlangs *= self.scenario.seconds_per_call / _HALF_HOUR
        low, high = 0.0, 1e9
        for _ in range(80):
            middle = (low + high) / 2
            load = middle * erlangs
            needed = load * (1 + calls["spare"]) + calls["safety"] * np.sqrt(load)
            low, high = (middle, high) if needed.sum() < staff else (low, middle)
        return low

    def _rates(
        self, day: date, begins: int, draw: np.random.Generator
    ) -> tuple[np.ndarray, Incident, list[tuple[str, ...]], bool]:
        """Expected calls by half hour of the day (46, 48 or 50) and business type; when calls fail; rows of
        `system_incidents`; whether there is a storm.
        """
        scenario, settings = self.scenario, self.scenario.settings
        calls = settings["calls"]
        shares = np.array([kind["share"] for kind in settings["business_types"].values()])
        slots = np.arange(begins, self._second(day + timedelta(days=1)), _HALF_HOUR)
        moved = np.array([self.clock.offset_at(int(second)) for second in slots]) - self.clock.offset_at(begins)
        local = (slots + moved - begins) % 86_400
        rates = (
            self.calls_a_day
            * calls["by_month"][day.month - 1]
            * np.outer(self._shape(day)[local // _HALF_HOUR], shares)
        )
        rates *= np.exp(calls["day_noise"] * draw.standard_normal())
        rates *= np.exp(calls["half_hour_noise"] * draw.standard_normal(len(slots)))[:, None]
        for event in self.climate.events(day):
            within = (local >= seconds_of_day(event.begins)) & (local < seconds_of_day(event.ends))
            concerned = [
                scenario.business_types.index(name) for name in event.business_types or scenario.business_types
            ]
            rates[np.ix_(within, concerned)] *= event.factor
        incident, incidents, is_stormy = Incident(0, 0, 0.0), [], False
        for name, event in settings["days_out_of_the_ordinary"].items():
            if draw.random() >= event["share_of_days"]:
                continue
            within = (local >= seconds_of_day(event["from"])) & (local < seconds_of_day(event["to"]))
            if "failed" in event:
                incident = Incident(int(slots[within][0]), int(slots[within][-1]) + _HALF_HOUR, float(event["failed"]))
            if "system" in event:
                incidents.append(self._incident(day, len(incidents) + 1, slots[within], event))
            is_stormy |= name == "storm"
            for kind in event.get("business_types", []):
                rates[within, scenario.business_types.index(kind)] *= event["factor"]
        return rates, incident, incidents, is_stormy

    def _incident(self, day: date, number: int, slots: np.ndarray, event: dict) -> tuple[str, ...]:
        """A row of `system_incidents`."""
        moments = (
            datetime.fromtimestamp(self.clock.start + int(second), self._zone).isoformat()
            for second in (slots[0], slots[-1] + _HALF_HOUR)
        )
        return (f"I{day:%Y%m%d}{number}", *moments, event["system"], event["severity"], event["defect"])

    @staticmethod
    def _arrivals(rates: np.ndarray, begins: int, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Seconds (ascending) and business types of the calls of a day."""
        counts = draw.poisson(rates)
        slots = np.repeat(np.arange(len(rates)), counts.sum(axis=1))
        seconds = begins + slots * _HALF_HOUR + draw.integers(0, _HALF_HOUR, len(slots))
        types = np.repeat(np.tile(np.arange(rates.shape[1]), len(rates)), counts.ravel())
        order = np.argsort(seconds, kind="stable")
        return seconds[order], types[order]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
