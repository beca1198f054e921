"""What may be published of a survey without giving anybody away. `docs/privacy.md` says why, with examples.

The reader is taken to know who answered, everything about them but their answers (team, age, tenure …), how many items
each answered, and every figure published. Published are sums (and with them means) over groups of people. A figure is
safe when, from all figures together,

- no group of fewer than `minimum` people has a sum that can be computed (`small_group`, an integer program), and
- nobody's own score can be narrowed to less than `width` of its scale (`narrowed`, linear programs).

Nothing here looks at names, and nothing here is told what a question means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray

LEAST_MINIMUM = 3
"""No setting goes below: of two people, each knows the other's answer from the sum."""

OTHER = "other"
JOIN = " + "
_TOLERANCE = 1e-6


class PrivacyError(ValueError):
    """A setting that would protect nobody; the message names it."""


@dataclass(frozen=True)
class Rules:
    """`minimum` people behind a score, `minimum_spread` behind a standard deviation or a test of a group.

    `width`: the share of a scale, within which nobody's score can be told any closer.
    """

    minimum: int = 5
    minimum_text: int = 10
    minimum_spread: int = 10
    width: float = 0.5

    def __post_init__(self) -> None:
        for name in ("minimum", "minimum_text", "minimum_spread"):
            if getattr(self, name) < LEAST_MINIMUM:
                raise PrivacyError(f"{name} is {getattr(self, name)}: it can't be below {LEAST_MINIMUM}")
        if self.minimum_text < self.minimum or self.minimum_spread < self.minimum:
            raise PrivacyError("minimum_text and minimum_spread can't be below minimum")
        if not 0 < self.width <= 1:
            raise PrivacyError(f"width is {self.width}: it is a share of the scale, above 0 and at most 1")


# ---- groups large enough


def _merged_neighbours(counts: Mapping[str, int], minimum: int) -> dict[str, str]:
    """Member → group, so that each has at least `minimum` people: a small band joins its smaller neighbour."""
    parts: list[tuple[list[str], int]] = [([member], count) for member, count in counts.items()]
    while len(parts) > 1 and min(count for _, count in parts) < minimum:
        place = min(range(len(parts)), key=lambda index: parts[index][1])
        beside = [index for index in (place - 1, place + 1) if 0 <= index < len(parts)]
        first, second = sorted((place, min(beside, key=lambda index: parts[index][1])))
        joined = (parts[first][0] + parts[second][0], parts[first][1] + parts[second][1])
        parts[first : second + 1] = [joined]
    return {member: JOIN.join(members) for members, _ in parts for member in members}


def _merged_others(counts: Mapping[str, int], minimum: int) -> dict[str, str]:
    """Member → group: small ones become 'other', joined by the next smallest while that is too small itself."""
    counts = {member: count for member, count in counts.items() if count}
    by_size = sorted(counts, key=lambda member: (counts[member], member))
    joined = [member for member in by_size if counts[member] < minimum]
    while joined and sum(counts[member] for member in joined) < minimum and len(joined) < len(by_size):
        joined.append(by_size[len(joined)])
    return {member: OTHER if member in joined else member for member in counts}


# ---- the audit


def small_group(groups: Array, minimum: int) -> Array | None:
    """A group of 1 to `minimum` − 1 people whose sum follows from the sums of `groups`, or None where there is none.

    `groups` is groups × people, true where a person is in; several publications stand below one another, with the same
    person in the same column. A sum follows when it is a combination of published ones (their indicator lies in the row
    space); people who are in the same groups can't be told apart and are one column with a weight. The search is an
    integer program over those columns, exact for any number of groups. Gives the people of the group found.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import eye_array, hstack

    groups = np.asarray(groups, dtype=float)
    if not groups.size:
        return None
    columns, place, weights = np.unique(groups, axis=1, return_inverse=True, return_counts=True)
    columns, classes = np.unique(columns, axis=0), columns.shape[1]
    number = len(columns)
    size = np.concatenate([weights, np.zeros(number)])
    found = milp(
        size,
        integrality=np.concatenate([np.ones(classes), np.zeros(number)]),
        constraints=[
            LinearConstraint(hstack([-eye_array(classes), columns.T], format="csr"), 0, 0),
            LinearConstraint(size[None], 1, minimum - 1),
        ],
        bounds=Bounds(
            np.concatenate([np.zeros(classes), np.full(number, -np.inf)]),
            np.concatenate([weights < minimum, np.full(number, np.inf)]),
        ),
    )
    if found.status == 2:  # infeasible: there is none
        return None
    if found.x is None:
        raise PrivacyError(f"the audit did not come to an end ({found.message}): nothing can be published")
    return found.x[:classes].round().astype(bool)[np.asarray(place).reshape(-1)]


@dataclass(frozen=True)
class Known:
    """What is published of one score: per group its sum, or the bounds within which it lies where it is coded."""

    groups: Array
    """Groups × people, true where a person is in."""
    low: Array
    high: Array


def narrowed(known: Known, lowest: Array, highest: Array, width: Array) -> Array:
    """Who of the people could be told closer than `width`: true where it is so.

    `lowest`, `highest`: the bounds of each person's score on its scale; `width`: how much of it must stay free. Linear
    programs give the lowest and highest score that a person can have. Most people need none: from a point well inside
    of what is possible one can go a known way in either direction.
    """
    groups = np.asarray(known.groups, dtype=float)
    if not groups.shape[1]:
        return np.zeros(0, dtype=bool)
    facts = np.column_stack([groups.T, lowest, highest, width])
    classes, place, weights = np.unique(facts, axis=0, return_inverse=True, return_counts=True)
    columns, low, high, wanted = classes[:, :-3].T, classes[:, -3], classes[:, -2], classes[:, -1]
    program = _Program(columns, known, low, high, weights)
    is_narrow = program.certain_range() < wanted - _TOLERANCE
    for index in np.flatnonzero(is_narrow):
        least, most = program.range_of(index)
        is_narrow[index] = most - least < wanted[index] - _TOLERANCE
    return is_narrow[np.asarray(place).reshape(-1)]


class _Program:
    """The mean score of each class of alike people: what the sums leave possible."""

    def __init__(self, columns: Array, known: Known, low: Array, high: Array, weights: Array) -> None:
        self.columns, self.low, self.high, self.weights = columns * weights, low, high, weights
        # Sums computed in another order may be off in the last digit: a tolerance keeps the program solvable.
        slack = 1e-9 * (1 + np.abs(known.high))
        self.upper = np.concatenate([known.high + slack, -(known.low - slack)])
        self.matrix = np.vstack([self.columns, -self.columns])

    def _solve(self, aim: Array, low: Array, high: Array) -> Array | None:
        from scipy.optimize import linprog

        return linprog(aim, A_ub=self.matrix, b_ub=self.upper, bounds=np.column_stack([low, high])).x

    def certain_range(self) -> Array:
        """A range that one person of each class has for certain, found from one inner point; zero where there is none.

        Somebody who is not alone in a class can move against another of it. Who is alone moves along a direction that
        leaves every sum as it is.
        """
        number = len(self.low)
        half = (self.high - self.low) / 2
        for share in (0.75, 0.5, 0.25):
            if self._solve(np.zeros(number), self.low + share * half, self.high - share * half) is not None:
                break
        else:
            return np.zeros(number)
        free = share * half
        certain = np.where(self.weights > 1, 2 * free, 0.0)
        _, sizes, directions = np.linalg.svd(self.columns, full_matrices=False)
        directions = directions[sizes > 1e-9 * sizes.max(initial=0)]
        for index in np.flatnonzero(self.weights == 1):
            move = -directions.T @ directions[:, index]
            move[index] += 1
            if move[index] > 1e-7:
                moved = np.abs(move / move[index])
                touched = moved > 1e-12
                certain[index] = 2 * float((free[touched] / moved[touched]).min())
        return certain

    def range_of(self, index: int) -> tuple[float, float]:
        """Lowest and highest score of one person of a class, the others of it being anywhere on the scale."""
        aim = np.zeros(len(self.low))
        aim[index] = 1.0
        ends = [self._solve(sign * aim, self.low, self.high) for sign in (1.0, -1.0)]
        if any(end is None for end in ends):
            raise PrivacyError("the audit did not come to an end: nothing can be published")
        least, most = (float(end[index]) for end in ends)
        weight, low, high = self.weights[index], self.low[index], self.high[index]
        return max(low, least * weight - (weight - 1) * high), min(high, most * weight - (weight - 1) * low)


# ---- the menu of a wave


@dataclass(frozen=True)
class Table:
    """A one-way table, or a crossing of two variables: person → index of its group, −1 where in none."""

    name: str
    members: tuple[str, ...]
    of_person: Array

    def groups(self, who: Array | None = None) -> Array:
        """Groups × people; `who` limits it to some people."""
        found = np.arange(len(self.members))[:, None] == self.of_person[None, :]
        return found if who is None else found & who

    def counts(self) -> Array:
        return np.bincount(self.of_person[self.of_person >= 0], minlength=len(self.members))


@dataclass
class Menu:
    """The tables that may be published together, and why others may not."""

    tables: list[Table] = field(default_factory=list)
    withheld: dict[str, str] = field(default_factory=dict)


TOTAL = "all"
NOT_STATED = "not stated"
TOO_FEW = "too few people"
GIVES_AWAY = "would let a group below the minimum be computed"


def total(people: int) -> Table:
    """Everybody as one group."""
    return Table(TOTAL, (TOTAL,), np.zeros(people, dtype=int))


def one_way(
    name: str, values: Sequence[str | None], order: Sequence[str], is_ordered: bool, minimum: int
) -> Table | None:
    """The table of one variable with small groups merged; None where no two groups are large enough.

    `values`: one per person; None for who did not say, which counts as a group of its own: left out, it could be
    computed from the total. `order`: members in their order; those it does not name follow. Ordered members (age bands)
    join a neighbour, '18-25 + 26-35'; others become 'other'.
    """
    texts = [NOT_STATED if value is None else str(value) for value in values]
    known = [*order, *sorted(set(texts) - set(order) - {NOT_STATED})]
    counts = {member: texts.count(member) for member in (*known, NOT_STATED)}
    missing = counts.pop(NOT_STATED)
    if not is_ordered:
        groups = _merged_others({**counts, NOT_STATED: missing}, minimum)
    else:
        # Who did not say is no neighbour of an age band.
        groups = _merged_neighbours({member: count for member, count in counts.items() if count}, minimum)
        if 0 < missing < minimum and groups:
            sizes: dict[str, int] = {}
            for member, group in groups.items():
                sizes[group] = sizes.get(group, 0) + counts[member]
            smallest = min(sizes, key=sizes.__getitem__)
            groups = {m: smallest + JOIN + NOT_STATED if g == smallest else g for m, g in groups.items()}
            groups[NOT_STATED] = smallest + JOIN + NOT_STATED
        elif missing:
            groups[NOT_STATED] = NOT_STATED
    members = tuple(dict.fromkeys(groups[member] for member in (*known, NOT_STATED) if member in groups))
    index = {member: place for place, member in enumerate(members)}
    table = Table(name, members, np.array([index[groups[text]] for text in texts], dtype=int))
    return table if len(members) > 1 and table.counts().min() >= minimum else None


def crossed(first: Table, second: Table) -> Table:
    """The crossing of two tables: a group per pair of members that occurs."""
    pairs = list(zip(first.of_person, second.of_person, strict=True))
    found = sorted({pair for pair in pairs if min(pair) >= 0})
    index = {pair: place for place, pair in enumerate(found)}
    members = tuple(f"{first.members[a]} × {second.members[b]}" for a, b in found)
    return Table(f"{first.name} × {second.name}", members, np.array([index.get(pair, -1) for pair in pairs], dtype=int))


def menu(people: int, tables: Iterable[Table], rules: Rules, beside: Array | None = None) -> Menu:
    """Those of `tables`, in their order, that may be published together with the total and with what stands beside it.

    `beside`: groups × people that are published already, in another wave of the same people, say. Each table is taken
    only if the audit finds nothing over all that is then published. Too few people: no table at all.
    """
    found = Menu()
    everybody = total(people)
    if people < rules.minimum:
        return Menu([], {TOTAL: TOO_FEW})
    published = [] if beside is None else [np.asarray(beside, dtype=bool)]
    for table in (everybody, *tables):
        if table.counts().min(initial=people) < rules.minimum:
            found.withheld[table.name] = TOO_FEW
            continue
        groups = table.groups()
        if small_group(np.vstack([*published, groups]), rules.minimum) is not None:
            found.withheld[table.name] = GIVES_AWAY
            if table is everybody:
                return found
            continue
        published.append(groups)
        found.tables.append(table)
    return found


# ---- figures that give away by their value


@dataclass(frozen=True)
class Coded:
    """A sum as it may be published: exact, or at most or at least a bound."""

    low: float
    high: float
    code: str = ""
    """Empty, 'at_least' or 'at_most'."""


def coded(total_sum: float, lowest: Array, highest: Array, width: Array) -> Coded:
    """The sum over a group, coded where its closeness to an end of the scale would tell everybody's score.

    `lowest`, `highest`, `width`: of each person of the group. Five people at 4.9 of 5: each has at least 4.5. With half
    of 1 to 5 to be left free, '4.6 or more' is published, which leaves everybody 3 to 5.
    """
    least, most, need = float(np.sum(lowest)), float(np.sum(highest)), float(np.max(width))
    if 2 * need > most - least:
        return Coded(least, most, "at_least")
    if most - total_sum < need:
        return Coded(most - need, most, "at_least")
    if total_sum - least < need:
        return Coded(least, least + need, "at_most")
    return Coded(total_sum, total_sum)


def shows_spread(people: int, deviation: float, width: float, rules: Rules) -> bool:
    """Whether a standard deviation (n − 1) may stand beside a mean of so many people.

    Nobody is further from the mean than deviation × (n − 1) / √n (Samuelson 1968): where that is close, everybody is.
    """
    return people >= rules.minimum_spread and 2 * deviation * (people - 1) / np.sqrt(people) >= width
