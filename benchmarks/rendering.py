"""The SQL of models and macros as DuckDB runs it, without dbt: for tests and benchmarks on tables at hand."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import jinja2

from hotline.home import PROJECT

MACROS = ("time", "business_time")


@cache
def _macros() -> Any:
    text = "\n".join((PROJECT / "macros" / f"{name}.sql").read_text(encoding="utf-8") for name in MACROS)
    found: dict[str, Any] = {}
    adapter = SimpleNamespace(dispatch=lambda name: getattr(found["module"], f"default__{name}"))
    template = jinja2.Environment().from_string(text, globals={"adapter": adapter, "return": lambda value: value})
    found["module"] = template.module
    return template.module


def macro(name: str, *arguments: Any) -> str:
    """What a macro of `MACROS` writes for DuckDB."""
    return getattr(_macros(), name)(*arguments)


def model(path: str) -> str:
    """The SQL of `models/<path>.sql`; the tables that it reads bear the names of the models and seeds."""
    text = (PROJECT / "models" / f"{path}.sql").read_text(encoding="utf-8")
    names = {"ref": lambda name: name, "source": lambda name, table: f"{name}_{table}", "config": lambda **settings: ""}
    macros = {name: value for name, value in vars(_macros()).items() if not name.startswith("_")}
    return jinja2.Environment().from_string(text, globals=names | macros).render()
