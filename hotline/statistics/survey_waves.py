"""What is published of a wave of a survey: every figure of it, after privacy has had its say.

A figure is one row of `COLUMNS`: which part of the results, about whom (`variable` and `member`: everybody is all/all),
about what (`scale`, a dimension or all items together; `item_id`), which `statistic`, and its `value`. A text beside a
value is in `text`. Parts: wave, rate, item, dimension, scale, scale_item, test, rest, driver, table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from hotline import privacy
from hotline.privacy import TOTAL, Known, Menu, Rules, Table
from hotline.statistics import surveys

COLUMNS = (
    *("source", "survey_id", "wave", "part", "variable", "member", "member_order", "scale", "item_id", "statistic"),
    *("value", "text"),
)
OUTCOME = "overall"
"""The dimension of the item or items that ask for an overall judgement: what drivers are sought for."""
Array = np.ndarray
Row = dict[str, object]


@dataclass(frozen=True)
class Variable:
    """Something that people are grouped by, with its members in their order."""

    name: str
    is_ordered: bool
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One item of a questionnaire, after its dimension; whole scale is lowest to highest."""

    item_id: str
    dimension: str
    is_reversed: bool
    lowest: float
    highest: float


@dataclass(frozen=True)
class Wave:
    """All that is known of one closed wave.

    `answers`: valid respondents × items as given, NaN where not answered. `facts`: variable → one value per respondent,
    None where not stated. `sent`: group → invitations, empty where unknown. `returned` has invalid ones too.
    """

    source: str
    survey_id: str
    wave: str
    items: tuple[Item, ...]
    answers: Array
    facts: Mapping[str, Sequence[str | None]]
    returned: int
    sent: Mapping[str | None, int] = field(default_factory=dict)
    returned_by_group: Mapping[str | None, int] = field(default_factory=dict)


def figures_of_wave(
    wave: Wave, variables: Sequence[Variable], crossings: Sequence[tuple[str, str]], rules: Rules
) -> pd.DataFrame:
    """Every figure of a wave that may be published, and per table of the menu whether it is (part `table`)."""
    rows = list(_rows(wave, variables, crossings, rules))
    key = {"source": wave.source, "survey_id": wave.survey_id, "wave": wave.wave}
    return typed(pd.DataFrame([key | row for row in rows], columns=list(COLUMNS)))


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """An empty table has its types too: the warehouse reads them from it."""
    table = table.reindex(columns=list(COLUMNS)).reset_index(drop=True)
    for name in COLUMNS:
        kind = "Int64" if name == "member_order" else "float64" if name == "value" else "string"
        table[name] = table[name].astype(kind)
    return table


def _figure(part: str, statistic: str, value: float | None, about: Row, text: str | None = None) -> Row:
    row: Row = {"part": part, "variable": TOTAL, "member": TOTAL, "member_order": 0, "statistic": statistic}
    is_known = value is not None and math.isfinite(value)
    return row | about | {"value": float(value) if is_known else None, "text": text}  # type: ignore[arg-type] # is_known


def _figures(part: str, values: Mapping[str, float | None], about: Row) -> Iterator[Row]:
    for statistic, value in values.items():
        if value is not None and math.isfinite(value):
            yield _figure(part, statistic, value, about)


def _rows(
    wave: Wave, variables: Sequence[Variable], crossings: Sequence[tuple[str, str]], rules: Rules
) -> Iterator[Row]:
    answers = surveys.turned(
        wave.answers,
        [item.is_reversed for item in wave.items],
        [item.lowest for item in wave.items],
        [item.highest for item in wave.items],
    )
    people = len(answers)
    one_way = {
        variable.name: privacy.one_way(
            variable.name, wave.facts[variable.name], variable.members, variable.is_ordered, rules.minimum
        )
        for variable in variables
        if any(value is not None for value in wave.facts.get(variable.name, ()))
    }
    tables = [table for table in one_way.values() if table is not None]
    known = {table.name: table for table in tables}
    tables += [
        privacy.crossed(known[first], known[second]) for first, second in crossings if {first, second} <= known.keys()
    ]
    menu = privacy.menu(people, tables, rules)
    menu.withheld |= {name: privacy.TOO_FEW for name, table in one_way.items() if table is None}
    yield from _rates(wave, menu, rules)
    if TOTAL in menu.withheld:
        yield from _table_rows(menu)
        return
    scales = _scales(wave.items)
    yield from _item_rows(wave.items, answers, rules)
    narrowed: dict[tuple[str, str], str] = {}
    for scale, places in scales.items():
        yield from _dimension_rows(
            scale, [wave.items[place] for place in places], answers[:, places], menu, rules, narrowed
        )
    menu.withheld |= {f"{name} · {scale}": reason for (scale, name), reason in narrowed.items()}
    yield from _table_rows(menu)
    if people >= rules.minimum_spread:
        for scale, places in scales.items():
            yield from _reliability_rows(scale, [wave.items[place] for place in places], answers[:, places])
        varied = {scale: places for scale, places in scales.items() if _is_varied(places, wave.items, answers, rules)}
        yield from _test_rows(varied, wave.items, answers, menu, rules, set(narrowed))
        yield from _rest_rows(varied, answers)
        yield from _driver_rows(varied, answers)


def _scales(items: Sequence[Item]) -> dict[str, list[int]]:
    """Dimension → positions of its items, and all items where they share one scale and more than one dimension."""
    scales: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        scales.setdefault(item.dimension, []).append(place)
    if len(scales) > 1 and len({(item.lowest, item.highest) for item in items}) == 1:
        scales[TOTAL] = list(range(len(items)))
    return scales


def _rates(wave: Wave, menu: Menu, rules: Rules) -> Iterator[Row]:
    """Sent, returned and valid, of all and by group."""
    counts = {"returned": wave.returned, "valid": len(wave.answers)}
    if wave.sent:
        counts["sent"] = sum(wave.sent.values())
    yield from _figures("rate", counts, {})
    table = next((table for table in menu.tables if table.name == "group"), None)
    if table is None or not wave.sent:
        return
    # Invitations know a group by its own name, the table perhaps as a part of others.
    published = {
        str(value): table.members[place] for value, place in zip(wave.facts["group"], table.of_person, strict=True)
    }
    sent, returned = ({} for _ in range(2))
    for counted, by_group in ((sent, wave.sent), (returned, wave.returned_by_group)):
        for group, count in by_group.items():
            member = published.get(str(group) if group is not None else privacy.NOT_STATED, privacy.OTHER)
            counted[member] = counted.get(member, 0) + count
    for place, (member, valid) in enumerate(zip(table.members, table.counts(), strict=True)):
        if sent.get(member, 0) >= rules.minimum:
            about: Row = {"variable": "group", "member": member, "member_order": place + 1}
            values = {"sent": sent[member], "returned": returned.get(member, 0), "valid": float(valid)}
            yield from _figures("rate", values, about)


def _item_rows(items: Sequence[Item], answers: Array, rules: Rules) -> Iterator[Row]:
    for place, item in enumerate(items):
        given = answers[:, place]
        given = given[~np.isnan(given)]
        if len(given) < rules.minimum:
            continue
        about: Row = {"scale": item.dimension, "item_id": item.item_id}
        yield from _mean_rows("item", given, np.ones(len(given)), item.lowest, item.highest, about, rules)
        if _shows_all(given, item, rules):
            yield _figure("item", "standard_deviation", float(given.std(ddof=1)), about)


def _bounds(counts: Array, lowest: float, highest: float, rules: Rules) -> tuple[Array, Array, Array]:
    return counts * lowest, counts * highest, counts * rules.width * (highest - lowest)


def _is_coded(sums: Array, counts: Array, lowest: float, highest: float, rules: Rules) -> bool:
    return bool(privacy.coded(float(sums.sum()), *_bounds(counts, lowest, highest, rules)).code)


def _mean_rows(
    part: str, sums: Array, counts: Array, lowest: float, highest: float, about: Row, rules: Rules
) -> Iterator[Row]:
    """People, answers, their sum and mean; coded at the ends of the scale, where the sum is left out."""
    found = privacy.coded(float(sums.sum()), *_bounds(counts, lowest, highest, rules))
    total = float(counts.sum())
    yield from _figures(part, {"people": float(len(counts)), "answers": total, "scale_highest": highest}, about)
    if not found.code:
        yield _figure(part, "answer_sum", found.low, about)
    bound = found.high if found.code == "at_most" else found.low
    yield _figure(part, "mean", bound / total, about, found.code or "exact")


def _dimension_rows(
    scale: str,
    items: Sequence[Item],
    answers: Array,
    menu: Menu,
    rules: Rules,
    narrowed: dict[tuple[str, str], str],
) -> Iterator[Row]:
    """Means of a dimension: answers summed over answers counted, of everybody and of each group.

    So the items' sums add up to the dimension's and the groups' to the total's: a mean of people's own means would
    differ from that by what those who left out an item answered, and of one such person tell everything.
    """
    lowest, highest = items[0].lowest, items[0].highest
    counts = (~np.isnan(answers)).sum(axis=1).astype(float)
    sums = np.nansum(answers, axis=1)
    who = counts > 0
    if who.sum() < rules.minimum:
        return
    for table in _tables_for(scale, menu, who, sums, (counts, lowest, highest), rules, narrowed):
        for place, (member, group) in enumerate(zip(table.members, table.groups(who), strict=True)):
            about: Row = {"variable": table.name, "member": member, "member_order": place, "scale": scale}
            yield from _mean_rows("dimension", sums[group], counts[group], lowest, highest, about, rules)
    scores = sums[who] / counts[who]
    if _shows_all(scores, items[0], rules):
        yield _figure("dimension", "standard_deviation", float(scores.std(ddof=1)), {"scale": scale})


def _tables_for(
    scale: str,
    menu: Menu,
    who: Array,
    sums: Array,
    scale_of: tuple[Array, float, float],
    rules: Rules,
    narrowed: dict[tuple[str, str], str],
) -> list[Table]:
    """The tables of the menu that may be shown of this scale: not all where its sums would tell somebody's score."""
    counts, lowest, highest = scale_of
    least, most, width = _bounds(counts, lowest, highest, rules)
    allowed = menu.tables
    if not who.all():
        # Who answered nothing of the dimension is not in its sums: other groups may have become too small.
        checked = privacy.menu(
            int(who.sum()), [Table(table.name, table.members, table.of_person[who]) for table in menu.tables[1:]], rules
        )
        narrowed |= {(scale, name): reason for name, reason in checked.withheld.items()}
        allowed = [table for table in menu.tables if table.name not in checked.withheld]
    while len(allowed) > 1:
        groups = np.vstack([table.groups(who) for table in allowed])
        found = [privacy.coded(float(sums[group].sum()), least[group], most[group], width[group]) for group in groups]
        known = Known(groups[:, who], np.array([one.low for one in found]), np.array([one.high for one in found]))
        if not privacy.narrowed(known, least[who], most[who], width[who]).any():
            break
        narrowed[scale, allowed[-1].name] = NARROWS
        allowed = allowed[:-1]
    return allowed


NARROWS = "would narrow somebody's score"


def _table_rows(menu: Menu) -> Iterator[Row]:
    for table in menu.tables:
        yield _figure("table", "groups", float(len(table.members)), {"variable": table.name})
    for name, reason in menu.withheld.items():
        yield _figure("table", "groups", 0.0, {"variable": name}, reason)


def _reliability_rows(scale: str, items: Sequence[Item], answers: Array) -> Iterator[Row]:
    if len(items) < 2 or len(answers) <= len(items):
        return
    found, suited = surveys.reliability(answers), surveys.suitability(answers)
    values = {
        "items": float(found.items),
        "people": float(found.people),
        "complete_people": float(suited.people),
        "alpha": found.alpha,
        "alpha_low": found.alpha_low,
        "alpha_high": found.alpha_high,
        "omega": found.omega,
        "kmo": suited.kmo,
        "bartlett_chi_square": suited.chi_square,
        "bartlett_degrees": float(suited.degrees),
        "bartlett_p": suited.p,
    }
    yield from _figures("scale", values, {"scale": scale})
    for place, item in enumerate(items):
        of_item = {
            "alpha_if_deleted": float(found.alpha_if_deleted[place]),
            "item_total": float(found.item_total[place]),
            "kmo": float(suited.kmo_of_items[place]),
        }
        yield from _figures("scale_item", of_item, {"scale": scale, "item_id": item.item_id})


def _scores(answers: Array) -> Array:
    """Each person's mean over the items answered, NaN for who answered none."""
    counts = (~np.isnan(answers)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nansum(answers, axis=1) / counts


def _shows_all(scores: Array, item: Item, rules: Rules) -> bool:
    """Whether mean and standard deviation of these scores may both be known."""
    if len(scores) < 2 or _is_coded(scores, np.ones(len(scores)), item.lowest, item.highest, rules):
        return False
    width = rules.width * (item.highest - item.lowest)
    return privacy.shows_spread(len(scores), float(scores.std(ddof=1)), width, rules)


def _is_varied(places: Sequence[int], items: Sequence[Item], answers: Array, rules: Rules) -> bool:
    scores = _scores(answers[:, places])
    return _shows_all(scores[~np.isnan(scores)], items[places[0]], rules)


def _test_rows(
    scales: Mapping[str, list[int]],
    items: Sequence[Item],
    answers: Array,
    menu: Menu,
    rules: Rules,
    narrowed: set[tuple[str, str]],
) -> Iterator[Row]:
    """Tests of each dimension by each variable, over the groups that are large and varied enough for one."""
    found: list[tuple[Row, surveys.Difference, int, int]] = []
    for table in menu.tables[1:]:
        if " × " in table.name:
            continue
        for scale, places in scales.items():
            if (scale, table.name) in narrowed:
                continue
            scores = _scores(answers[:, places])
            groups = [scores[group & ~np.isnan(scores)] for group in table.groups()]
            groups = [group for group in groups if _shows_all(group, items[places[0]], rules)]
            tested = surveys.difference(groups) if len(groups) > 1 else None
            if tested is not None:
                about: Row = {"variable": table.name, "scale": scale}
                found.append((about, tested, len(groups), sum(len(group) for group in groups)))
    corrected = surveys.holm([tested.welch_p for _, tested, _, _ in found])
    for (about, tested, groups, people), p in zip(found, corrected, strict=True):
        values = {
            "groups": float(groups),
            "people": float(people),
            "classic": tested.classic,
            "classic_p": tested.classic_p,
            "welch": tested.welch,
            "welch_p": tested.welch_p,
            "welch_p_holm": float(p),
            "degrees_1": tested.degrees_1,
            "degrees_2": tested.degrees_2,
            "difference": tested.difference,
            "difference_low": tested.difference_low,
            "difference_high": tested.difference_high,
        }
        yield from _figures("test", values, about)
        yield _figure("test", "effect", tested.effect, about, tested.kind)


def _rest_rows(scales: Mapping[str, list[int]], answers: Array) -> Iterator[Row]:
    """Correlation of each dimension with all other items: whether it goes along with what else weighs on people."""
    for scale, places in scales.items():
        others = [place for place in range(answers.shape[1]) if place not in places]
        if scale != TOTAL and others:
            found = surveys.correlation(_scores(answers[:, places]), _scores(answers[:, others]))
            yield from _figures(
                "rest", {"rest_r": found.r, "rest_r_low": found.low, "rest_r_high": found.high}, {"scale": scale}
            )


def _driver_rows(scales: Mapping[str, list[int]], answers: Array) -> Iterator[Row]:
    terms = [scale for scale in scales if scale not in (OUTCOME, TOTAL)]
    if OUTCOME not in scales or not terms:
        return
    outcome = _scores(answers[:, scales[OUTCOME]])
    scores = np.column_stack([_scores(answers[:, scales[term]]) for term in terms])
    for place, term in enumerate(terms):
        found = surveys.correlation(scores[:, place], outcome)
        values = {"people": float(found.people), "r": found.r, "r_low": found.low, "r_high": found.high, "r_p": found.p}
        yield from _figures("driver", values, {"scale": term})
    fitted = surveys.regression(scores, outcome)
    if fitted is None:
        return
    model = {
        "people": float(fitted.people),
        "r_squared": fitted.r_squared,
        "adjusted_r_squared": fitted.adjusted,
        "p": fitted.p,
        "intercept": fitted.intercept,
    }
    yield from _figures("driver", model, {"scale": TOTAL})
    for place, term in enumerate(terms):
        values = {
            "coefficient": fitted.coefficient[place],
            "coefficient_low": fitted.low[place],
            "coefficient_high": fitted.high[place],
            "coefficient_p": fitted.p_values[place],
            "beta": fitted.beta[place],
            "beta_low": fitted.beta_low[place],
            "beta_high": fitted.beta_high[place],
            "vif": fitted.vif[place],
            "step": float(fitted.step[place]),
            "step_r_squared": fitted.step_r_squared[place],
        }
        yield from _figures("driver", values, {"scale": term})
