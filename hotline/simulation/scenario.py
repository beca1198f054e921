"""The scenario file, read and checked, as arrays that the simulation computes with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

SHIPPED = Path(__file__).with_name("scenario.yml")
HALF_HOURS = 48
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TEN_YEARS = 10 * 366 * 86_400


class ScenarioError(ValueError):
    """The scenario cannot be simulated; the message names the setting."""


class Waiting(NamedTuple):
    """Shares and seconds of arriving, waiting and calling again."""

    unknown_customer: float
    english: float
    test: float
    hangs_up_at_once: float
    time_out: float
    call_back_offered_after: float
    call_back_taken: float
    voicemail_when_closed: float
    redial_after_abandon: float
    redial_after_abandon_mean: float
    redial_after_busy: float
    redial_after_busy_mean: float
    call_back_mu: float
    call_back_sigma: float
    reached: float
    attempts: float
    between_attempts: float


class Handling(NamedTuple):
    """Shares, seconds and factors of what happens between ring and wrap-up."""

    ring_mu: float
    ring_sigma: float
    hold: float
    hold_mu: float
    hold_sigma: float
    second_hold: float
    external_transfer: float
    ended_by_agent: float
    trainee_slower: float
    trainee_transfers: float


class Rating(NamedTuple):
    """Shares of ratings offered and given, and points of what raises or lowers them."""

    offered: float
    answered: float
    best: float
    per_minute_waited: float
    transferred: float
    trainee: float
    unresolved: float
    noise: float


class Rules(NamedTuple):
    """What the queue needs of a scenario, for numba: b business types, q queues, t tiers, g agent groups, k call kinds.

    A duration is (mu, sigma) of a lognormal, or (mean, -1) for an exponential one; (0, -1) is always 0 seconds.
    """

    queue_of: np.ndarray  # b
    self_service: np.ndarray  # b × 2
    talk: np.ndarray  # b × 2
    wrap_up: np.ndarray  # b × 2
    contained: np.ndarray  # b
    gives_up: np.ndarray  # b
    transfer: np.ndarray  # b
    transfer_to: np.ndarray  # b, a queue
    unresolved: np.ndarray  # b
    opening: np.ndarray  # q × 2, seconds of the local day
    tiers: np.ndarray  # t × 3: cumulative share, patience, priority
    serves: np.ndarray  # g × q
    kinds: np.ndarray  # k: cumulative share
    kind_talk: np.ndarray  # k × 2, mu NaN: as the business type
    places: np.ndarray  # cumulative share
    call_backs: np.ndarray  # allowed windows × 2, seconds of the local day
    waiting: Waiting
    handling: Handling
    rating: Rating


def seconds_of_day(text: str) -> int:
    """'08:30' as 30,600; '24:00' is 86,400."""
    hours, minutes = str(text).split(":")
    return int(hours) * 3600 + int(minutes) * 60


def duration(setting: dict[str, float]) -> tuple[float, float]:
    """(mu, sigma) of a lognormal with this mean and standard deviation, (mean, -1) where no `sd` is given."""
    mean = float(setting["mean"])
    if mean <= 0 or "sd" not in setting:
        return mean, -1.0
    variance = math.log1p((float(setting["sd"]) / mean) ** 2)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def mean_of(setting: dict[str, float]) -> float:
    return float(setting["mean"])


def merged(base: dict, changes: dict) -> dict:
    """`base` with `changes` laid over it; a mapping under the key `=` replaces the whole mapping."""
    if "=" in changes:
        return dict(changes["="])
    result = dict(base)
    for key, value in changes.items():
        result[key] = merged(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
    return result


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

    def check(self) -> None:
        calls = self.settings["calls"]
        if len(calls["by_half_hour"]) != HALF_HOURS:
            raise ScenarioError(f"calls.by_half_hour has {len(calls['by_half_hour'])} values, not {HALF_HOURS}")
        if len(calls["by_month"]) != 12:
            raise ScenarioError(f"calls.by_month has {len(calls['by_month'])} values, not 12")
        for name in ("business_types", "tiers"):
            self._adds_to_one(name, [entry["share"] for entry in self.settings[name].values()])
        self._adds_to_one("calls.places", list(calls["places"].values()))
        self._adds_to_one("agents.groups", [group["share"] for group in self.settings["agents"]["groups"].values()])
        self._adds_to_one("shift_patterns", [pattern["share"] for pattern in self.settings["shift_patterns"].values()])
        for name, kind in self.settings["business_types"].items():
            if kind["queue"] not in self.queues:
                raise ScenarioError(f"business_types.{name}.queue: there is no queue {kind['queue']!r}")
            if kind["transfer_to"] not in self.queues:
                raise ScenarioError(f"business_types.{name}.transfer_to: there is no queue {kind['transfer_to']!r}")
            if kind["contained"] + kind["gives_up"] > 1:
                raise ScenarioError(f"business_types.{name}: contained + gives_up is more than 1")
        for name, group in self.settings["agents"]["groups"].items():
            for queue in group["queues"]:
                if queue not in self.queues:
                    raise ScenarioError(f"agents.groups.{name}.queues: there is no queue {queue!r}")
        for name, pattern in self.settings["shift_patterns"].items():
            for shift in pattern["cycle"]:
                if shift != "rest" and shift not in self.settings["shifts"]:
                    raise ScenarioError(f"shift_patterns.{name}.cycle: there is no shift {shift!r}")

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
        types = list(settings["business_types"].values())
        tiers = list(settings["tiers"].values())
        kinds = list(settings["call_kinds"].values())
        groups = settings["agents"]["groups"].values()
        return Rules(
            queue_of=np.array([self.queues.index(kind["queue"]) for kind in types]),
            self_service=np.array([duration(kind["self_service"]) for kind in types]),
            talk=np.array([duration(kind["talk"]) for kind in types]),
            wrap_up=np.array([duration(kind["wrap_up"]) for kind in types]),
            contained=np.array([float(kind["contained"]) for kind in types]),
            gives_up=np.array([float(kind["gives_up"]) for kind in types]),
            transfer=np.array([float(kind["transfer"]) for kind in types]),
            transfer_to=np.array([self.queues.index(kind["transfer_to"]) for kind in types]),
            unresolved=np.array([float(kind["unresolved"]) for kind in types]),
            opening=np.array(
                [
                    (seconds_of_day(queue["open"]), seconds_of_day(queue["close"]))
                    for queue in settings["queues"].values()
                ]
            ),
            tiers=np.array(
                [
                    (cumulative, float(tier["patience"]), float(tier["priority"]))
                    for cumulative, tier in zip(np.cumsum([tier["share"] for tier in tiers]), tiers, strict=True)
                ]
            ),
            serves=np.array([[queue in group["queues"] for queue in self.queues] for group in groups], dtype=np.bool_),
            kinds=np.cumsum([1 - sum(kind["share"] for kind in kinds), *(kind["share"] for kind in kinds)]),
            kind_talk=np.array(
                [(math.nan, -1.0), *(duration(kind["talk"]) if "talk" in kind else (math.nan, -1.0) for kind in kinds)]
            ),
            places=np.cumsum(list(settings["calls"]["places"].values())),
            call_backs=np.array(
                [[seconds_of_day(time) for time in window] for window in settings["call_backs"]["allowed"]]
            ),
            waiting=self._waiting(),
            handling=self._handling(),
            rating=Rating(**{name: float(settings["rating"][name]) for name in Rating._fields}),
        )

    def _waiting(self) -> Waiting:
        calls, waiting, backs = (self.settings[name] for name in ("calls", "waiting", "call_backs"))
        abandon, busy = waiting["redial_after_abandon"], waiting["redial_after_busy"]
        mu, sigma = duration(backs["after"])
        return Waiting(
            **{name: float(calls[name]) for name in ("unknown_customer", "english", "test")},
            **{
                name: float(waiting[name])
                for name in (
                    "hangs_up_at_once", "time_out", "call_back_offered_after", "call_back_taken", "voicemail_when_closed",
                )
            },
            redial_after_abandon=float(abandon["share"]),
            redial_after_abandon_mean=float(abandon["mean"]),
            redial_after_busy=float(busy["share"]),
            redial_after_busy_mean=float(busy["mean"]),
            call_back_mu=mu,
            call_back_sigma=sigma,
            **{name: float(backs[name]) for name in ("reached", "attempts", "between_attempts")},
        )  # fmt: skip

    def _handling(self) -> Handling:
        handling, agents = self.settings["handling"], self.settings["agents"]
        ring, hold = duration(handling["ring"]), duration(handling["hold"])
        return Handling(
            ring_mu=ring[0],
            ring_sigma=ring[1],
            hold=float(handling["hold"]["share"]),
            hold_mu=hold[0],
            hold_sigma=hold[1],
            **{name: float(handling[name]) for name in ("second_hold", "external_transfer", "ended_by_agent")},
            **{name: float(agents[name]) for name in ("trainee_slower", "trainee_transfers")},
        )

    @cached_property
    def seconds_per_call(self) -> float:
        """Mean seconds of an agent's time that an arriving call asks for (ring, talk, hold, wrap-up), transfers apart."""
        handling = self.settings["handling"]
        hold = handling["hold"]
        around = mean_of(handling["ring"]) + hold["share"] * hold["mean"] * (1 + handling["second_hold"])
        return sum(
            kind["share"]
            * (1 - kind["contained"] - kind["gives_up"])
            * (around + mean_of(kind["talk"]) + mean_of(kind["wrap_up"]))
            for kind in self.settings["business_types"].values()
        )
