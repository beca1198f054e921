"""Documentation made from the project, readable offline: the models with their columns and lineage, and the KPIs."""

from __future__ import annotations

import html
import shutil
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from hotline import building
from hotline.home import Home
from hotline.kpis import Kpi, kpis_in

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Hotline: KPI catalogue / 指标目录</title>
<style>
  body {{ font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; color: #1c2733; }}
  body {{ margin: 2rem auto; max-width: 70rem; }}
  h2 {{ margin-top: 2.5rem; border-bottom: 2px solid #d5dde5; padding-bottom: .2rem; }}
  article {{ padding: .7rem 0; border-bottom: 1px solid #e6ebf0; }}
  h3 {{ margin: 0; font-size: 1rem; }}
  h3 span {{ color: #5b6b7b; font-weight: normal; margin-left: .6rem; }}
  code {{ background: #f2f5f8; padding: .1rem .35rem; border-radius: 3px; }}
  p {{ margin: .25rem 0; }}
  small {{ color: #5b6b7b; }}
</style>
<h1>KPI catalogue / 指标目录</h1>
<p>Every measure once, as the models declare it. Numerator and denominator are summed first and divided last.</p>
{body}
</html>
"""
KPI = """<article id="{mart}.{name}">
<h3>{label_en} / {label_zh} <span><code>{name}</code></span></h3>
<p>{description}</p>
<p><code>{sql}</code></p>
<small>{unit}; {direction}; owner: {owner}{target}</small>
</article>"""
DIRECTIONS = {"higher": "higher is better", "lower": "lower is better", "neutral": "neither is better"}


def write(home: Home) -> dict[str, Path]:
    """Write both and return title → page. Raises `BuildError` when dbt cannot describe the project."""
    folder = home.data_docs
    models = folder / "models.html"
    building.document(home)
    shutil.copyfile(home.build / "dbt" / "static_index.html", models)
    kpis = folder / "kpis.html"
    kpis.write_text(page(kpis_in(building.manifest(home))), encoding="utf-8")
    found = {"Models and columns": models, "KPI catalogue": kpis}
    checks = folder / "index.html"
    if checks.is_file():
        found["Checks of the data"] = checks
    return found


def page(kpis: Iterable[Kpi]) -> str:
    """The KPI catalogue as one page, by mart."""
    parts = []
    for mart, group in groupby(sorted(kpis, key=lambda kpi: (kpi.mart, kpi.name)), key=lambda kpi: kpi.mart):
        parts.append(f"<h2><code>{html.escape(mart)}</code></h2>")
        parts += [_article(kpi) for kpi in group]
    return PAGE.format(body="\n".join(parts))


def _article(kpi: Kpi) -> str:
    texts = {
        name: html.escape(str(getattr(kpi, name)))
        for name in ("mart", "name", "label_en", "label_zh", "description", "sql", "unit", "owner")
    }
    target = "" if kpi.target is None else f"; target: <code>{html.escape(str(kpi.target))}</code>"
    return KPI.format(direction=DIRECTIONS[kpi.direction], target=target, **texts)
