"""The scenario file, read and checked, as arrays that the simulation computes with."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

SHIPPED = Path(__file__).with_name("scenario.yml")
HALF_HOURS = 48
DAY = 86_400
_PRIORITIES = 3
REST = "rest"
REASONS = ("restroom", "water", "personal", "system", "colleague")
"""Of agents being away."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_OWN_NAMES = ("days_out_of_the_ordinary", "queues", "business_types", "call_kinds", "tiers", "shifts", "shift_patterns")
"""Sections whose entries have names that the scenario gives them."""


class ScenarioError(ValueError):
    """The scenario cannot be simulated; the message names the setting."""


def _record(**fields: str) -> np.dtype:
    return np.dtype(list(fields.items()))


def _durations(*names: str) -> dict[str, str]:
    return {f"{name}_{part}": "f8" for name in names for part in ("mu", "sigma")}


_TYPE = _record(
    queue="i8", contained="f8", gives_up="f8", transfer="f8", transfer_to="i8", unresolved="f8",
    **_durations("self_service", "talk", "wrap_up"),
)  # fmt: skip
_HOURS = _record(opens="i8", closes="i8")
_SHARE = _record(up_to="f8")
_TIER = _record(patience="f8", priority="i8", called_back="f8")
_KIND = _record(up_to="f8", **_durations("talk"))
_SETTINGS = np.dtype(
    [
        (name, "f8")
        for name in (
            "unknown_customer", "frequent_callers", "english",
            "test", "hangs_up_at_once", "time_out", "call_back_offered_after",
            "call_back_taken", "voicemail_when_closed", "redial_after_abandon", "redial_after_abandon_mean",
            "redial_after_busy", "redial_after_busy_mean", "call_back_mu", "call_back_sigma",
            "missed_mu", "missed_sigma", "reached", "attempts",
            "between_attempts", "ring_mu", "ring_sigma", "hold", "hold_mu", "hold_sigma", "second_hold",
            "external_transfer", "ended_by_agent", "trainee_slower", "trainee_transfers", "rating_offered",
            "rating_answered", "rating_best", "rating_per_minute_waited", "rating_transferred", "rating_trainee",
            "rating_unresolved", "rating_care",
            "rating_noise",
        )
    ]
)  # fmt: skip


class Rules(NamedTuple):
    """What the queue needs of a scenario, as arrays of records that numba reads.

    Shares that one is chosen from are cumulated (`up_to`). A duration is (mu, sigma) of a lognormal, or (mean, -1) for
    an exponential one; (0, -1) is always 0 seconds. Hours are seconds of the local day.
    """

    types: np.ndarray
    queues: np.ndarray  # hours
    tiers: np.ndarray  # priority 0 is left for those who are last in the queue
    kinds: np.ndarray  # of calls; talk_mu NaN: as the business type
    places: np.ndarray
    windows: np.ndarray  # hours in which customers may be called
    serves: np.ndarray  # agent group × queue
    settings: np.ndarray  # one record


def seconds_of_day(text: str) -> int:
    """'08:30' as 30,600; '24:00' is 86,400."""
    hours, minutes = str(text).split(":")
    return int(hours) * 3600 + int(minutes) * 60


def shift_hours(shift: dict) -> tuple[int, int]:
    """From and to in seconds from midnight; a shift that ends before it begins ends on the next day."""
    begins, ends = seconds_of_day(shift["from"]), seconds_of_day(shift["to"])
    return begins, ends + (DAY if ends <= begins else 0)


def duration(setting: dict[str, float]) -> tuple[float, float]:
    """(mu, sigma) of a lognormal with this mean and standard deviation, (mean, -1) where no `sd` is given."""
    mean = float(setting["mean"])
    if mean <= 0 or "sd" not in setting:
        return mean, -1.0
    variance = math.log1p((float(setting["sd"]) / mean) ** 2)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def _parts(setting: dict, *names: str) -> dict[str, float]:
    """The durations of these names as `<name>_mu` and `<name>_sigma`."""
    return {
        f"{name}_{part}": value
        for name in names
        for part, value in zip(("mu", "sigma"), duration(setting[name]), strict=True)
    }


def _hours(opens: str, closes: str) -> dict[str, int]:
    return {"opens": seconds_of_day(opens), "closes": seconds_of_day(closes)}


def _cumulated(entries: list[dict]) -> list[dict]:
    return [
        {**entry, "up_to": sum(other["share"] for other in entries[: place + 1])} for place, entry in enumerate(entries)
    ]


def _records(form: np.dtype, entries: list[dict]) -> np.ndarray:
    return np.array([tuple(entry[name] for name in form.names) for entry in entries], dtype=form)


def shares(values: Iterable[float]) -> np.ndarray:
    """Shares to choose from, as the engine reads them."""
    return _records(_SHARE, _cumulated([{"share": float(value)} for value in values]))


def merged(base: dict, changes: dict) -> dict:
    """`base` with `changes` laid over it; a mapping under the key `=` replaces the whole mapping."""
    if "=" in changes:
        return dict(changes["="])
    result = dict(base)
    for key, value in changes.items():
        result[key] = merged(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
    return result


def _known(changes: dict, shipped: dict, section: str = "") -> None:
    """Refuses settings that do not exist, which would change nothing. Where entries have names of their own, others may
    be added.
    """
    for name, value in changes.items():
        if name not in shipped and name != "=":
            raise ScenarioError(f"{section}{name} is no setting; they are {', '.join(map(str, shipped))}")
        if not section and name not in _OWN_NAMES and isinstance(value, dict) and isinstance(shipped.get(name), dict):
            _known(value, shipped[name], f"{name}.")


@dataclass(frozen=True)
class Scenario:
    """One scenario file; `settings` is its content."""

    settings: dict[str, Any]

    @classmethod
    def read(cls, path: Path = SHIPPED, changes: dict | None = None) -> Scenario:
        """The file with `changes` laid over it. Raises ScenarioError."""
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        scenario = cls(merged(settings, changes or {}))
        try:
            scenario.check()
            # Both need the rest of the settings: what is missing is told before the first call.
            _ = scenario.rules, scenario.seconds_per_call
        except (KeyError, TypeError, AttributeError) as error:
            raise ScenarioError(f"{path}: a setting is missing or has the wrong form: {error!r}") from error
        except ScenarioError as error:
            raise ScenarioError(f"{path}: {error}") from None
        return scenario

    @classmethod
    def changed_by(cls, path: Path) -> Scenario:
        """The shipped scenario with what the YAML file `path` says laid over it. Raises ScenarioError."""
        try:
            changes = yaml.safe_load(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise ScenarioError(f"{path}: not UTF-8: {error}") from error
        except yaml.YAMLError as error:
            raise ScenarioError(f"{path}: no YAML: {error}") from error
        if not isinstance(changes, dict):
            raise ScenarioError(f"{path}: not a mapping of settings, as in `calls: {{per_day: 9000}}`")
        try:
            _known(changes, yaml.safe_load(SHIPPED.read_text(encoding="utf-8")))
            return cls.read(changes=changes)
        except ScenarioError as error:
            raise ScenarioError(f"{path}: {str(error).removeprefix(f'{SHIPPED}: ')}") from None

    def check(self) -> None:
        calls = self.settings["calls"]
        if len(calls["by_half_hour"]) != HALF_HOURS:
            raise ScenarioError(f"calls.by_half_hour has {len(calls['by_half_hour'])} values, not {HALF_HOURS}")
        if len(calls["by_month"]) != 12:
            raise ScenarioError(f"calls.by_month has {len(calls['by_month'])} values, not 12")
        for name, entries in (
            ("business_types", self.settings["business_types"]),
            ("customers.segments", self.settings["customers"]["segments"]),
        ):
            self._adds_to_one(name, [entry["share"] for entry in entries.values()])
        if list(self.settings["weather"]["places"]) != self.places:
            raise ScenarioError("weather.places: these are not the places of calls.places")
        for name, tier in self.settings["tiers"].items():
            if not 0 <= tier["priority"] < _PRIORITIES:
                raise ScenarioError(f"tiers.{name}.priority is not within 0 and {_PRIORITIES - 1}")
        campaigns = self.settings["campaigns"]
        for name, shares_of in (
            ("campaigns.answers", campaigns["answers"]),
            ("campaigns.sales.reasons", campaigns["sales"]["reasons"]),
            ("campaigns.member_call_back.satisfaction", campaigns["member_call_back"]["satisfaction"]),
            ("campaigns.member_call_back.reasons", campaigns["member_call_back"]["reasons"]),
            ("orders.items", self.settings["orders"]["items"]),
        ):
            self._adds_to_one(name, list(shares_of.values()))
        self._adds_to_one("calls.places", list(calls["places"].values()))
        self._adds_to_one("agents.groups", [group["share"] for group in self.settings["agents"]["groups"].values()])
        for name, kind in self.settings["business_types"].items():
            if kind["queue"] not in self.queues:
                raise ScenarioError(f"business_types.{name}.queue: there is no queue {kind['queue']!r}")
            if kind["transfer_to"] not in self.queues:
                raise ScenarioError(f"business_types.{name}.transfer_to: there is no queue {kind['transfer_to']!r}")
            if kind["contained"] + kind["gives_up"] > 1:
                raise ScenarioError(f"business_types.{name}: contained + gives_up is more than 1")
        for name, group in self.settings["agents"]["groups"].items():
            self._adds_to_one(f"agents.groups.{name}.patterns", list(group["patterns"].values()))
            for pattern in group["patterns"]:
                if pattern not in self.settings["shift_patterns"]:
                    raise ScenarioError(f"agents.groups.{name}.patterns: there is no pattern {pattern!r}")
            for queue in group["queues"]:
                if queue not in self.queues:
                    raise ScenarioError(f"agents.groups.{name}.queues: there is no queue {queue!r}")
        for name in (*self.settings["presence"]["away"], *self.settings["presence"]["break_reasons"]):
            if name not in REASONS:
                raise ScenarioError(f"presence: {name!r} is no reason to be away; they are {', '.join(REASONS)}")
        for name, pattern in self.settings["shift_patterns"].items():
            for shift in pattern["cycle"]:
                if shift != REST and shift not in self.settings["shifts"]:
                    raise ScenarioError(f"shift_patterns.{name}.cycle: there is no shift {shift!r}")
            for shift, following in zip(pattern["cycle"], pattern["cycle"][1:] + pattern["cycle"][:1], strict=True):
                if REST not in (shift, following) and self._ends(shift) - DAY > self._hours(following)[0]:
                    raise ScenarioError(f"shift_patterns.{name}.cycle: {following!r} begins before {shift!r} has ended")

    def _ends(self, shift: str) -> int:
        """When the last agent of the shift ends, in seconds from the midnight before it."""
        return self._hours(shift)[1] + self.settings["shifts"][shift]["staggered"]

    def _hours(self, shift: str) -> tuple[int, int]:
        return shift_hours(self.settings["shifts"][shift])

    @staticmethod
    def _adds_to_one(name: str, shares: list[float]) -> None:
        if not math.isclose(sum(shares), 1, abs_tol=1e-6):
            raise ScenarioError(f"the shares of {name} add up to {sum(shares):.4f}, not 1")

    @property
    def queues(self) -> list[str]:
        return list(self.settings["queues"])

    @property
    def business_types(self) -> list[str]:
        return list(self.settings["business_types"])

    @property
    def call_kinds(self) -> list[str]:
        """`inquiry` is every call that is nothing else."""
        return ["inquiry", *self.settings["call_kinds"]]

    @property
    def places(self) -> list[str]:
        return list(self.settings["calls"]["places"])

    @cached_property
    def rules(self) -> Rules:
        settings = self.settings
        types = [
            {
                **{name: kind[name] for name in ("contained", "gives_up", "transfer", "unresolved")},
                **{name: self.queues.index(kind[name]) for name in ("queue", "transfer_to")},
                **_parts(kind, "self_service", "talk", "wrap_up"),
            }
            for kind in settings["business_types"].values()
        ]
        tiers, kinds = list(settings["tiers"].values()), list(settings["call_kinds"].values())
        kind_talk = [
            _parts(kind, "talk") if "talk" in kind else {"talk_mu": math.nan, "talk_sigma": -1} for kind in kinds
        ]
        inquiry = {"share": 1 - sum(kind["share"] for kind in kinds), "talk_mu": math.nan, "talk_sigma": -1}
        groups = settings["agents"]["groups"].values()
        return Rules(
            types=_records(_TYPE, types),
            queues=_records(_HOURS, [_hours(queue["open"], queue["close"]) for queue in settings["queues"].values()]),
            tiers=_records(_TIER, [{"called_back": 0.0, **tier, "priority": tier["priority"] + 1} for tier in tiers]),
            kinds=_records(
                _KIND, _cumulated([inquiry, *({**kind, **talk} for kind, talk in zip(kinds, kind_talk, strict=True))])
            ),
            places=shares(settings["calls"]["places"].values()),
            windows=_records(_HOURS, [_hours(*window) for window in settings["call_backs"]["allowed"]]),
            serves=np.array([[queue in group["queues"] for queue in self.queues] for group in groups]),
            settings=_records(_SETTINGS, [self._flat()]),
        )

    def _flat(self) -> dict[str, float]:
        """The single numbers of the scenario under the names of `_SETTINGS`."""
        names = ("calls", "waiting", "call_backs", "handling", "agents")
        calls, waiting, call_backs, handling, agents = (self.settings[name] for name in names)
        abandon, busy = waiting["redial_after_abandon"], waiting["redial_after_busy"]
        return {
            **{name: value for part in (calls, waiting, call_backs, handling, agents) for name, value in part.items()},
            **{"redial_after_abandon": abandon["share"], "redial_after_abandon_mean": abandon["mean"]},
            **{"redial_after_busy": busy["share"], "redial_after_busy_mean": busy["mean"]},
            **_parts(
                {"call_back": call_backs["after"], "missed": call_backs["missed_after"], **handling},
                *("call_back", "missed", "ring", "hold"),
            ),
            "hold": handling["hold"]["share"],
            **{f"rating_{name}": value for name, value in self.settings["rating"].items()},
        }

    @cached_property
    def seconds_per_call(self) -> np.ndarray:
        """Mean seconds of agents' time that a call asks for, by the half hour of its arrival (48); transfers apart."""
        handling = self.settings["handling"]
        hold = handling["hold"]
        around = handling["ring"]["mean"] + hold["share"] * hold["mean"] * (1 + handling["second_hold"])
        begins = np.arange(HALF_HOURS) * 1800
        seconds = np.zeros(HALF_HOURS)
        for kind in self.settings["business_types"].values():
            queue = self.settings["queues"][kind["queue"]]
            is_open = (begins >= seconds_of_day(queue["open"])) & (begins < seconds_of_day(queue["close"]))
            asks = kind["share"] * (1 - kind["contained"] - kind["gives_up"])
            seconds += is_open * asks * (around + kind["talk"]["mean"] + kind["wrap_up"]["mean"])
        return seconds
