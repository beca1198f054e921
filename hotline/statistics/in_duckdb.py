"""The Erlang formulas as SQL functions of the connection that builds the marts: a plugin of dbt-duckdb (profiles.yml).

Null patience is patience without end, Erlang C; any other null gives null. Numbers of agents may be fractions, as half
of an agent's time is half an agent: the result lies between those of the whole numbers below and above.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def __getattr__(name: str) -> Any:
    """`Plugin`, for dbt-duckdb alone: the library does without dbt."""
    if name != "Plugin":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dbt.adapters.duckdb.plugins import BasePlugin

    class Plugin(BasePlugin):
        """Adds the functions to dbt's connection."""

        def configure_connection(self, conn: DuckDBPyConnection) -> None:
            # Whoever only renders the models, as the linter does, needs no functions, and leaves the connection open:
            # DuckDB complains at the end of a process that does so with functions.
            if not os.environ.get("HOTLINE_ONLY_RENDERS"):
                add_functions(conn)

    return Plugin


def add_functions(connection: DuckDBPyConnection) -> None:
    """Let `connection` compute, in double precision; seconds, shares 0..1, loads in erlangs.

    `erlang_agents_needed(load, handle_seconds, within_seconds, target_share, most_occupancy, patience_seconds)`
    `erlang_service_level(load, agents, handle_seconds, within_seconds, patience_seconds)`
    `erlang_abandonment(load, agents, handle_seconds, patience_seconds)`
    `erlang_occupancy(load, agents, handle_seconds, patience_seconds)`
    """
    for name, (function, arguments) in _FUNCTIONS.items():
        connection.create_function(
            name, _on_columns(function), ["DOUBLE"] * arguments, "DOUBLE", type="arrow", null_handling="special"
        )


def _agents_needed(load: Any, handle: Any, within: Any, target: Any, busiest: Any, patience: Any) -> Any:
    from hotline.statistics import erlang

    return erlang.agents_needed(
        load,
        handle,
        within_seconds=within,
        target_share=target,
        most_occupancy=busiest,
        patience_seconds=_endless(patience),
    )


def _service_level(load: Any, agents: Any, handle: Any, within: Any, patience: Any) -> Any:
    return _between(lambda queue: queue.service_level(within), load, agents, handle, patience)


def _abandonment(load: Any, agents: Any, handle: Any, patience: Any) -> Any:
    return _between(lambda queue: queue.abandonment, load, agents, handle, patience)


def _occupancy(load: Any, agents: Any, handle: Any, patience: Any) -> Any:
    return _between(lambda queue: queue.occupancy, load, agents, handle, patience)


def _between(measure: Callable[[Any], Any], load: Any, agents: Any, handle: Any, patience: Any) -> Any:
    """The measure at the whole numbers of agents around a fraction, in proportion."""
    import numpy as np

    from hotline.statistics.erlang import ErlangA

    below = np.floor(agents)
    share = agents - below
    few, more = (measure(ErlangA(load, number, handle, _endless(patience))) for number in (below, below + 1))
    return (1 - share) * few + share * more


def _endless(patience: Any) -> Any:
    import numpy as np

    return np.where(np.isnan(patience), np.inf, patience)


def _on_columns(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)  # DuckDB reads the number of arguments from the signature
    def computed(*columns: Any) -> Any:
        import pyarrow as pa

        given = (column.to_numpy(zero_copy_only=False).astype(float) for column in columns)
        return pa.array(function(*given), from_pandas=True)  # NaN, the unknown of arrays, is null in a table

    return computed


_FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    "erlang_agents_needed": (_agents_needed, 6),
    "erlang_service_level": (_service_level, 5),
    "erlang_abandonment": (_abandonment, 4),
    "erlang_occupancy": (_occupancy, 4),
}
