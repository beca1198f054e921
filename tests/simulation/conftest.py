"""A simulated centre that the tests look at, made once."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from simulated_centres import read

from hotline.simulation import SimulationSummary, simulate

START = date(2024, 3, 4)  # a Monday
AGENTS, DAYS = 60, 28


@pytest.fixture(scope="session")
def summary(tmp_path_factory: pytest.TempPathFactory) -> SimulationSummary:
    return simulate(tmp_path_factory.mktemp("centre") / "landing", AGENTS, DAYS, START, seed=5)


@pytest.fixture(scope="session")
def calls(summary: SimulationSummary) -> duckdb.DuckDBPyConnection:
    """The tables of a plain centre over four weeks, and `states`: each agent event with what follows it."""
    connection = tables(summary)
    connection.execute(
        """
        CREATE VIEW states AS
        SELECT *, row_number() OVER agent AS place, lead(state) OVER agent AS next_state,
            epoch(lead(occurred_at) OVER agent - occurred_at)::BIGINT AS seconds
        FROM (SELECT *, row_number() OVER () AS line FROM agent_events)
        WINDOW agent AS (PARTITION BY agent_id ORDER BY occurred_at, line)
        """
    )
    return connection


@pytest.fixture(scope="session")
def half_year(tmp_path_factory: pytest.TempPathFactory) -> SimulationSummary:
    """A small centre from February to July."""
    return simulate(
        tmp_path_factory.mktemp("half_year") / "landing", agents=12, days=182, start=date(2024, 2, 1), seed=3
    )


@pytest.fixture(scope="session")
def half_year_of(half_year: SimulationSummary) -> duckdb.DuckDBPyConnection:
    return tables(half_year)


def tables(made: SimulationSummary) -> duckdb.DuckDBPyConnection:
    """Every entity as a table of its name; `plans` are the schedules of the days after the last."""
    connection = duckdb.connect()
    read(connection, made.out)
    for entity in sorted(made.rows.keys() - {"calls"}):
        connection.execute(f"CREATE TABLE {entity} AS FROM read_csv('{made.out}/*/{entity}_*.csv')")
    ahead = f"starts_at::DATE > DATE '{made.last_day}'"
    connection.execute(f"CREATE TABLE plans AS FROM agent_schedules WHERE {ahead}")
    connection.execute(f"DELETE FROM agent_schedules WHERE {ahead}")
    return connection
