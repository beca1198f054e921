"""From the warehouse's tables of answers to the waves whose figures are worked out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotline.home import Home
from hotline.landing.quoting import literal
from hotline.privacy import TOTAL, Rules
from hotline.statistics.survey_waves import COLUMNS, Item, Variable, Wave, figures_of_wave, typed

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

COLUMN_OF = {"group": "survey_group"}
"""Columns of answers that are not called as their variable."""


@dataclass(frozen=True)
class Relations:
    """The models and seeds that figures are made of, as DuckDB relations."""

    answers: DuckDBPyRelation
    items: DuckDBPyRelation
    waves: DuckDBPyRelation
    invitations: DuckDBPyRelation
    variables: DuckDBPyRelation
    members: DuckDBPyRelation
    crossings: DuckDBPyRelation


def figures(relations: Relations, published: pd.DataFrame | None, today: date | None = None) -> pd.DataFrame:
    """The figures of every closed wave: those published before as they are, the others worked out.

    A wave is closed on its closing day, and never without any date. Answers submitted on that day or later don't count.
    A wave that holds answers of an earlier one is not published: the two together would tell who differs.
    """
    today = today or datetime.now(UTC).date()
    parts = [] if published is None else [published]
    done = set() if published is None else set(published[["source", "survey_id", "wave"]].itertuples(False, None))
    found = relations.waves.order("first_on, source, survey_id, wave").df()
    waves = [row for row in found.to_dict("records") if not pd.isna(row["closes_on"])]
    waves = [row for row in waves if row["closes_on"].date() <= today]
    if all(_key(row) in done for row in waves):
        return typed(pd.concat(parts) if parts else pd.DataFrame(columns=list(COLUMNS)))
    variables, crossings = (
        _variables(relations),
        relations.crossings.order("crossing_order").project("first_variable, second_variable").fetchall(),
    )
    for row in waves:
        if _key(row) in done:
            continue
        # Earlier is what was published already, whatever its dates.
        earlier = [
            other
            for place, other in enumerate(waves)
            if _key(other)[:2] == _key(row)[:2]
            and other is not row
            and (place < waves.index(row) or _key(other) in done)
        ]
        repeated = _repeated_wave(relations, row, earlier)
        rules = Rules(
            minimum=int(row["minimum_people"]),
            minimum_text=int(row["minimum_people_text"]),
            minimum_spread=int(row["minimum_people_spread"]),
            width=float(row["free_share"]),
        )
        if repeated:
            parts.append(_withheld(row, f"repeats answers of wave {repeated}"))
        else:
            parts.append(figures_of_wave(_wave(relations, row, variables), variables, crossings, rules))
        parts.append(_dates(row))
    return typed(pd.concat(parts))


def _key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["source"], row["survey_id"], row["wave"]


def _of(row: dict[str, Any]) -> str:
    """SQL condition for the rows of a wave."""
    return " and ".join(f"{name} = {literal(row[name])}" for name in ("source", "survey_id", "wave"))


def _variables(relations: Relations) -> list[Variable]:
    members: dict[str, list[str]] = {}
    for variable, member in relations.members.order("variable, member_order").project("variable, member").fetchall():
        members.setdefault(variable, []).append(member)
    rows = relations.variables.order("variable_order").project("variable, is_ordered").fetchall()
    return [Variable(name, bool(is_ordered), tuple(members.get(name, ()))) for name, is_ordered in rows]


def _in_time(row: dict[str, Any]) -> str:
    return f"(submitted_on is null or submitted_on < date '{row['closes_on'].date()}')"


def _wave(relations: Relations, row: dict[str, Any], variables: list[Variable]) -> Wave:
    """The answers of a wave as a matrix; nothing of it is ever written."""
    of_survey = f"source = {literal(row['source'])} and survey_id = {literal(row['survey_id'])}"
    items = relations.items.filter(of_survey).order("item_number")
    items = items.project("item_id, item_number, dimension, is_reversed, scale_min, scale_max").df()
    answers = relations.answers.filter(f"{_of(row)} and {_in_time(row)}")
    facts = ", ".join(
        f"max({COLUMN_OF.get(variable.name, variable.name)}) as v_{variable.name}" for variable in variables
    )
    people = (
        answers.aggregate(
            "hash(response_id) as person, bool_and(coalesce(is_valid, true)) as is_valid,"
            f" count(answer_value) as given, {facts}",
            "response_id",
        )
        .order("person")
        .df()
    )
    valid = people[people["is_valid"] & (people["given"] > 0)]
    cells = (
        answers.filter("answer_value is not null")
        .project("hash(response_id) as person, item_number, answer_value")
        .fetchnumpy()
    )
    matrix = _matrix(valid["person"].to_numpy(), items["item_number"].to_numpy(), cells)
    # An item that nobody answered was not asked in this wave.
    asked = np.flatnonzero(~np.isnan(matrix).all(axis=0)) if len(matrix) else np.arange(0)
    described = items.to_dict("records")
    sent = relations.invitations.filter(_of(row)).aggregate("survey_group, count(*) as sent", "survey_group").fetchall()
    groups = people["v_group"] if "v_group" in people else pd.Series(dtype=object)
    return Wave(
        *_key(row),
        items=tuple(
            Item(
                item_id=item["item_id"],
                dimension=item["dimension"],
                is_reversed=bool(item["is_reversed"]),
                lowest=float(item["scale_min"]),
                highest=float(item["scale_max"]),
            )
            for item in (described[place] for place in asked)
        ),
        answers=matrix[:, asked],
        facts={variable.name: _texts(valid[f"v_{variable.name}"]) for variable in variables},
        returned=len(people),
        sent=dict(sent),
        returned_by_group=dict(groups.map(_text).value_counts(dropna=False).items()),
    )


def _text(value: object) -> str | None:
    return None if value is None or value is pd.NA or value != value else str(value)


def _texts(values: pd.Series) -> list[str | None]:
    return [_text(value) for value in values]


def _matrix(people: np.ndarray, items: np.ndarray, cells: dict[str, np.ndarray]) -> np.ndarray:
    """People × items, NaN where there is no answer; cells of people who don't count are passed over."""
    matrix = np.full((len(people), len(items)), np.nan)
    order = np.argsort(people)
    place = np.searchsorted(people, cells["person"], sorter=order) if len(people) else np.zeros(0, dtype=int)
    if not len(people):
        return matrix
    row = order[np.minimum(place, len(people) - 1)]
    counts = people[row] == cells["person"]
    column = np.searchsorted(items, cells["item_number"])
    matrix[row[counts], column[counts]] = cells["answer_value"][counts]
    return matrix


def _repeated_wave(relations: Relations, row: dict[str, Any], earlier: list[dict[str, Any]]) -> str | None:
    """The earlier wave that holds a response of this one: submitted at the same time, with the same answers."""
    for other in earlier:
        shared = _responses(relations, row) & _responses(relations, other)
        if shared:
            return other["wave"]
    return None


def _responses(relations: Relations, row: dict[str, Any]) -> set[tuple[object, ...]]:
    found = relations.answers.filter(_of(row)).aggregate(
        "response_id, min(submitted_at) as submitted_at, bit_xor(hash(item_id, answer_value)) as content", "response_id"
    )
    # Who has no time of submission is known by the tool's own number.
    return set(found.project("coalesce(submitted_at::varchar, response_id) as who, content").fetchall())


LISTED = 200
"""Lines listed of one problem with one item of a wave; the others are counted: a questionnaire may be missing."""


def problems(answers: DuckDBPyRelation, home: Home) -> pd.DataFrame:
    """Answers that can't be used: file, line and item of each with what is wrong, never what was answered.

    Those beyond `LISTED` of a kind are one row without file and line.
    """
    from hotline.landing import lines_of

    key = ["source", "survey_id", "wave", "item_id", "problem"]
    names = [*key[:3], "path", "line", *key[3:], "answers"]
    found = answers.filter("problem is not null")
    listed = ", ".join(key)
    rows = found.query(
        "found",
        f"select {listed}, raw_file_id, raw_row_number from found qualify row_number() over ("
        f" partition by {listed} order by raw_file_id, raw_row_number) <= {LISTED}",
    ).df()
    places = {
        file_id: lines_of(home, file_id, numbers)
        for file_id, numbers in rows.groupby("raw_file_id")["raw_row_number"].agg(list).items()
    }
    rows["path"] = [places[file_id][0] for file_id in rows["raw_file_id"]]
    rows["line"] = [
        places[file_id][1][number] for file_id, number in zip(rows["raw_file_id"], rows["raw_row_number"], strict=True)
    ]
    # A line of a long file is one answer; in a wide one an item stands once on a line.
    told = rows.groupby([name for name in names if name != "answers"], as_index=False).size()
    more = found.aggregate(f"{listed}, count(*) - {LISTED} as size", listed).filter("size > 0").df()
    table = pd.concat([told, more]).rename(columns={"size": "answers"}).reindex(columns=names)
    texts = {name: "string" for name in names if name not in ("line", "answers")}
    return table.astype(texts | {"line": "Int64", "answers": "int64"}).reset_index(drop=True)


def _dates(row: dict[str, Any]) -> pd.DataFrame:
    return typed(pd.DataFrame(_about(row, "wave", [("first_on", row["first_on"]), ("closes_on", row["closes_on"])])))


def _withheld(row: dict[str, Any], reason: str) -> pd.DataFrame:
    table = pd.DataFrame(_about(row, "table", [("groups", None)]))
    return typed(table.assign(value=0.0, text=reason))


def _about(row: dict[str, Any], part: str, facts: list[tuple[str, Any]]) -> Iterator[dict[str, object]]:
    for statistic, day in facts:
        yield {
            **{name: row[name] for name in ("source", "survey_id", "wave")},
            **{"part": part, "variable": TOTAL, "member": TOTAL, "member_order": 0, "statistic": statistic},
            "text": None if day is None or pd.isna(day) else str(day.date()),
        }
