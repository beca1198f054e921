"""Reading a simulated centre, and a centre for which theory has formulas."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist

import duckdb

from hotline.simulation import site_zone
from hotline.simulation.scenario import Scenario

SHIPPED = Scenario.read()


def read(connection: duckdb.DuckDBPyConnection, out: Path, name: str = "calls") -> None:
    """The landing files as a table of this name, with local times `entered`, `queued`, `answered`, `departed`."""
    connection.execute(f"SET TimeZone = '{site_zone().key}'")
    connection.execute(
        f"""
        CREATE TABLE {name} AS
        SELECT *,
            entered_at::TIMESTAMP AS entered, queued_at::TIMESTAMP AS queued,
            answered_at::TIMESTAMP AS answered, left_at::TIMESTAMP AS departed
        FROM read_csv('{out}/calls/*.csv', types = {{
            'entered_at': 'TIMESTAMPTZ', 'queued_at': 'TIMESTAMPTZ', 'answered_at': 'TIMESTAMPTZ',
            'left_at': 'TIMESTAMPTZ', 'transferred_to': 'VARCHAR', 'agent_id': 'VARCHAR', 'rating_scale': 'VARCHAR'}})
        """
    )


def shifts(schedule: str = "agent_schedules") -> str:
    """SQL of the shifts that the rows of a schedule make: what an agent has to do without a gap."""
    return f"""
        SELECT agent_id, shift, min(starts_at) AS begins, max(ends_at) AS ends,
            count(*) FILTER (activity = 'meal') AS meals,
            sum(epoch(ends_at - starts_at)) FILTER (activity <> 'meal') // 60 AS minutes
        FROM (
            SELECT *, sum(new) OVER (PARTITION BY agent_id ORDER BY starts_at) AS shift
            FROM (
                SELECT *, (starts_at IS DISTINCT FROM lag(ends_at) OVER of_agent)::INT AS new
                FROM {schedule}
                WINDOW of_agent AS (PARTITION BY agent_id ORDER BY starts_at)))
        GROUP BY agent_id, shift
        """


ARPU = 100.0


def arpu_of_the_upper(share: float) -> float:
    """The revenue that this share of the customers of a plain centre has at least."""
    return ARPU * math.exp(NormalDist().inv_cdf(1 - share))


def plain(per_day: float, talk: float, patience: float = 1e9, tiers: dict | None = None, black: float = 0) -> Scenario:
    """Poisson arrivals at one rate day and night, one queue, exponential talk time and patience, and nothing else."""
    tier = {"priority": 0, "patience": patience}
    nothing = {"mean": 0}
    kind = {
        "queue": "only", "share": 1.0, "contained": 0, "gives_up": 0, "transfer": 0, "transfer_to": "only",
        "unresolved": 0, "self_service": nothing, "talk": {"mean": talk}, "wrap_up": nothing,
    }  # fmt: skip
    return Scenario.read(
        changes={
            "calls": {
                "per_day": per_day, "by_half_hour": [1] * 48, "by_month": [1] * 12,
                "day_noise": 0, "half_hour_noise": 0,
                "by_weekday": dict.fromkeys(SHIPPED.settings["calls"]["by_weekday"], 1),
                "unknown_customer": 0, "frequent_callers": 1, "test": 0, "failed": 0, "english": 0,
                "places": {"=": {"here": 1}},
            },
            "days_out_of_the_ordinary": {"=": {}},
            "calendar": {"holiday": {"factor": 1}, "yearly": {"=": {}}, "now_and_then": {"=": {}}},
            "weather": {"heat": {"per_degree": 0}, "places": {"=": {"here": 0}}},
            "customers": {
                "segments": {"=": {"all": {"kind": "resident", "share": 1, "arpu": ARPU, "spread": 1}}},
                "black": black, "month_noise": 0, "decline": {"share_a_month": 0},
            },
            "people": {"leaving": {"a_year": 0}, "taught_days": 0},
            "outages": {"a_day_per_100000_customers": 0},
            "tickets": {"of_calls": {"=": {}}, "areas": {"=": {"here": "urban"}}},
            "quality": {"calls_an_agent": 0},
            "lines_per_agent": 1e6,
            "queues": {"=": {"only": {"open": "00:00", "close": "24:00"}}},
            "business_types": {"=": {"only": kind}},
            "call_kinds": {"=": {}},
            "tiers": {"=": tiers or {"ordinary": tier}},
            "waiting": {
                "hangs_up_at_once": 0, "time_out": 1e9, "call_back_taken": 0, "redial_after_abandon": {"share": 0},
            },
            "handling": {"ring": {"=": nothing}, "hold": {"share": 0}},
            "agents": {
                "groups": {"=": {"all": {"share": 1, "queues": ["only"], "patterns": {"always": 1}}}},
                "absent": 0, "trainees": 0, "speed_noise": 0,
            },
            "shifts": {"=": {"always": {"from": "00:00", "to": "24:00", "staggered": 0, "breaks": [], "spread": 0}}},
            "presence": {
                "late": {"share": 0}, "gets_ready": {"=": nothing}, "away": {"=": {}},
                "signs_in_again": {"per_hour": 0}, "other_seat": 0,
            },
            "shift_patterns": {"=": {"always": {"cycle": ["always"]}}},
        }
    )  # fmt: skip
