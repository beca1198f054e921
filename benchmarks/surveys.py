"""A survey of 200,000 people and 50 items: landed wide and long, audited, worked out, and read again once published."""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path

from benchmarks.measuring import Measure, measured, settle
from benchmarks.results import Section, Table, count, seconds

PEOPLE = {"small": 5_000, "full": 200_000}
ITEMS, DIMENSIONS = 50, 5
MODELS = ("+path:models/marts/people/surveys",)
FACTS = {
    "gender": ("female", "male"),
    "age_band": ("18-25", "26-35", "36-45", "46+"),
    "education": ("secondary", "college", "bachelor", "master"),
    "tenure_band": ("under 6 months", "6-12 months", "1-2 years", "2-4 years", "over 4 years"),
    "group": tuple("ABCDEFGH"),
}
SOURCE = """\
name: wide
time_zone: Asia/Shanghai
closed: true
root: wide
entities:
  survey_responses:
    files: ["{wave}.csv"]
    key: [survey_id, wave, response_id, item_id]
    replaces: keys
    columns: {response_id: id, submitted_at: submitted_at, gender: gender, age_band: age_band, education: education,
      tenure_band: tenure_band, group: group}
    constants: {survey_id: large}
    items: ["I*"]
"""


def run(work: Path, size: str, runs: int) -> Section:
    settle()
    people = PEOPLE[size]
    rounds: dict[str, list[Measure]] = {"wide": [], "long": []}
    for _ in range(runs):
        for form, measures in rounds.items():
            measures.append(measured("benchmarks.surveys:survey", str(work / "surveys"), form, people))
    steps = ("land", "work out", "build, published before")
    rows = [
        [step, *(seconds(statistics.median(measure.value[step] for measure in rounds[form])) for form in rounds)]
        for step in steps
    ]
    peaks = {form: max(measure.peak_mb for measure in measures) for form, measures in rounds.items()}
    return Section(
        "Surveys",
        size,
        [
            Table(
                f"{count(people)} people × {ITEMS} items, seconds, median of {runs}",
                ["step", "a column per item", "a row per answer"],
                rows,
            )
        ],
        [],
        [
            "Work out: the model that reads the answers, audits what may be published and makes every figure. Once "
            "published, later builds read the figures.",
            *(f"Peak memory, {form}: {count(peak)} MB." for form, peak in peaks.items()),
        ],
    )


def survey(folder: str, form: str, people: int) -> dict[str, float]:
    """Seconds of each step of one survey, in a home of its own."""
    import time

    from hotline import building, landing, publishing
    from hotline.home import Home

    place = Path(folder)
    shutil.rmtree(place, ignore_errors=True)
    home = Home(place / "data").create()
    _write(home, form, people)
    began = time.perf_counter()
    (outcome,) = [found for found in landing.load(home) if "survey_responses" in found.entity]
    took = {"land": time.perf_counter() - began}
    if outcome.rows_kept != people * ITEMS:
        raise RuntimeError(f"{outcome.rows_kept:,} answers kept of {people * ITEMS:,}: {outcome.reason}")

    def figures() -> float:
        result = building.build(home, select=MODELS)
        failed = [node for node in result.nodes if node.failed and "survey" in node.name]
        if failed:
            raise RuntimeError(result.report())
        return sum(node.seconds for node in result.nodes if node.name == "int_survey_figures")

    took["work out"] = figures()
    publishing.keep_waves(home)
    took["build, published before"] = figures()
    shutil.rmtree(place)
    return took


def _write(home, form: str, people: int) -> None:
    """The questionnaire, and the answers made and written by DuckDB."""
    import duckdb

    folder = home.landing / ("surveys" if form == "long" else "wide")
    items = home.landing / "surveys" / "survey_items.csv"
    for path in (folder, items.parent):
        path.mkdir(parents=True, exist_ok=True)
    lines = ["survey_id,item_id,dimension,scale_min,scale_max"]
    lines += [f"large,I{item},d{item % DIMENSIONS},1,5" for item in range(1, ITEMS + 1)]
    items.write_text("\n".join(lines) + "\n")
    facts = ", ".join(
        f'list_extract({list(members)}, 1 + CAST(floor(random() * {len(members)}) AS INTEGER)) AS "{name}"'
        for name, members in FACTS.items()
    )
    answer = "CAST(1 + floor(5 * (0.5 * mood + 0.5 * random())) AS INTEGER)"
    head = "'2025-03-04T09:00:00+08:00' AS submitted_at"
    with duckdb.connect() as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            f"CREATE TABLE people AS SELECT i AS id, random() AS mood, {facts} FROM range({people}) AS numbers (i)"
        )
        if form == "wide":
            (home.sources / "wide.yml").write_text(SOURCE)
            cells = ", ".join(f"{answer} AS I{item}" for item in range(1, ITEMS + 1))
            query, file = f"SELECT id, {head}, people.* EXCLUDE (id, mood), {cells} FROM people", folder / "w1.csv"
        else:
            query = (
                f"SELECT 'large' AS survey_id, 'w1' AS wave, id AS response_id, {head}, 'I' || item AS item_id,"
                f" {answer} AS answer, people.* EXCLUDE (id, mood) FROM people, range(1, {ITEMS + 1}) AS items (item)"
            )
            file = folder / "survey_responses.csv"
        connection.execute(f"COPY ({query}) TO '{file}' (HEADER)")
