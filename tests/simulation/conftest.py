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
    """The table `calls` of a plain centre over four weeks."""
    connection = duckdb.connect()
    read(connection, summary.out)
    return connection
