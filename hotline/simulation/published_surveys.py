"""Two published surveys of agents, simulated so that they show what was published of them.

    python -m hotline.simulation.published_surveys data/landing

writes them as landing files. Answers are made at random, and then changed in pairs (one person up, another down on the
same item) until means, standard deviations and correlations are the published ones. What the documents contradict
themselves in is left as it falls out; `docs/hr.md` names it.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

Array = np.ndarray
WAVE = "published"

# ---- employee satisfaction: 241 sent, 234 returned, 221 valid

SENT, RETURNED, VALID = 241, 234, 221
OVERALL_SUM = 754  # mean 3.41 of 221
DIMENSIONS: dict[str, tuple[int, float, float, float]] = {
    # items, mean, standard deviation, correlation with the overall item
    "A": (9, 3.7896, 0.61232, 0.551),
    "B": (7, 3.5199, 0.50901, 0.531),
    "C": (7, 3.3375, 0.61132, 0.681),
    "D": (9, 3.2282, 0.52534, 0.491),
    "E": (3, 3.2771, 0.73445, 0.651),
    "F": (4, 3.5525, 0.57171, 0.641),
    "G": (8, 3.7157, 0.47172, 0.389),
}
# How far an item's mean is from its dimension's, for the items that are named as the five best and the five worst.
ITEM_SHIFTS = {
    **{"A7": 0.75, "A6": 0.6, "A4": 0.5, "G5": 0.5, "A3": 0.35},
    **{"A8": -1.6, "D4": -0.75, "D3": -0.65, "D7": -0.55, "C2": -0.6},
}
# Standard deviation of the chance in an answer, for the items with the largest and the smallest variances.
ITEM_CHANCE = {
    **dict.fromkeys(("B6", "C6", "C4", "E3", "B3"), 1.3),
    **dict.fromkeys(("F3", "F2", "G2", "D6", "A7"), 0.15),
    "G5": 0.9,
}
# Of 221: 76.9 % were 18 to 35, 60.6 % 26 to 35; 28 % had a master's degree; 69.7 % had 1 to 8 years, 48.9 % 4 to 8.
AGES = {"18-25": 36, "26-35": 134, "36-45": 36, "46+": 15}
EDUCATION = {"college": 45, "bachelor": 114, "master": 62}
TENURE = {"under 1 year": 26, "1-4 years": 46, "4-8 years": 108, "over 8 years": 41}

# ---- stress: 160 sent to groups of 40, 40 and 80, 146 returned

GROUPS_SENT = {"A": 40, "B": 40, "C": 80}
GROUPS_RETURNED = {"A": 37, "B": 36, "C": 73}
STRESS_MEANS = (3.6, 2.6, 2.7, 3.5, 3.4)  # manifest, latent, latent, manifest, manifest
ALPHA, ALPHA_WITHOUT_ITEM_3 = 0.547, 0.628
GENDERS = {"female": 98, "male": 48}
STRESS_TENURE = {"under 6 months": 24, "6-12 months": 30, "1-2 years": 38, "2-4 years": 32, "over 4 years": 22}
STRESS_P = {"gender": 0.036, "tenure_band": 0.011, "group": 0.030}
REVERSED = 19  # Q20


def satisfaction(seed: int = 1) -> tuple[list[str], Array, dict[str, list[str]]]:
    """Items, answers (221 × 48, 0 where not answered) and what is known of each respondent."""
    draw = np.random.default_rng(seed)
    contentment = draw.standard_normal(VALID)
    overall = _with_sum(np.clip(np.rint(3.41 + 0.75 * contentment), 1, 5), OVERALL_SUM, draw)
    items, parts = [], []
    for letter, (count, mean, deviation, along) in DIMENSIONS.items():
        names = [f"{letter}{number + 1}" for number in range(count)]
        answers = _dimension(names, overall, (mean, deviation, along), draw)
        items += names
        parts.append(answers)
    answers = np.column_stack([*parts, overall])
    order = np.argsort(-(answers.mean(axis=1) + 0.25 * draw.standard_normal(VALID)), kind="stable")
    facts = {
        # Those above 35 are the more satisfied ones.
        "age_band": _dealt({name: AGES[name] for name in ("36-45", "46+", "26-35", "18-25")}, order),
        "education": _dealt(EDUCATION, draw.permutation(VALID)),
        "tenure_band": _dealt(TENURE, draw.permutation(VALID)),
    }
    return [*items, "T0"], answers.astype(int), facts


def _dealt(counts: dict[str, int], order: Array) -> list[str]:
    """Members given out along an order of the people."""
    values = np.empty(len(order), dtype=object)
    values[order] = [name for name, count in counts.items() for _ in range(count)]
    return list(values)


def _with_sum(answers: Array, total: int, draw: np.random.Generator) -> Array:
    """Answers of 1 to 5 moved by one here and there, until they add up."""
    answers = answers.copy()
    while (missing := int(total - answers.sum())) != 0:
        step = 1 if missing > 0 else -1
        able = np.flatnonzero((answers + step >= 1) & (answers + step <= 5) & (answers > 0))
        chosen = draw.permutation(able)[: abs(missing)]
        answers[chosen] += step
    return answers


def _dimension(
    names: Sequence[str], overall: Array, wanted: tuple[float, float, float], draw: np.random.Generator
) -> Array:
    """Answers to the items of a dimension with a mean to 4 digits, a standard deviation and a correlation."""
    mean, deviation, along = wanted
    count = len(names)
    standard = (overall - overall.mean()) / overall.std()
    person = along * standard + np.sqrt(1 - along**2) * draw.standard_normal(VALID)
    shifts = np.array([ITEM_SHIFTS.get(name, 0.0) for name in names])
    others = np.array([name not in ITEM_SHIFTS for name in names])
    shifts[others] -= shifts.sum() / others.sum()
    chance = np.array([ITEM_CHANCE.get(name, 0.7) for name in names])
    answers = mean + shifts + deviation * person[:, None] + chance * draw.standard_normal((VALID, count))
    answers = np.clip(np.rint(answers), 1, 5)
    # 221 people who answer everything can't have just any mean: a few left out an item.
    unanswered, total = next(
        (missing, total)
        for missing in range(20)
        for total in [round(mean * (VALID * count - missing))]
        if round(total / (VALID * count - missing), 4) == mean
    )
    left_out = draw.choice(VALID, unanswered, replace=False)
    answers[left_out, draw.integers(0, count, unanswered)] = 0
    of_items = np.rint((mean + shifts) * (answers > 0).sum(axis=0))
    of_items[int(np.argmax(others))] += total - of_items.sum()
    answers = np.column_stack([_with_sum(answers[:, item], int(of_items[item]), draw) for item in range(count)])

    return _climbed(_Moments(answers, overall, deviation, along), 1e-4, draw)


class _Moments:
    """Standard deviation of people's means and its correlation with the overall item, kept up to date."""

    def __init__(self, answers: Array, overall: Array, deviation: float, along: float) -> None:
        self.answers, self.wanted = answers, (deviation, along)
        self.counts = (answers > 0).sum(axis=1).tolist()
        self.others = ((overall - overall.mean()) / overall.std(ddof=1)).tolist()
        self.scores = (answers.sum(axis=1) / self.counts).tolist()
        self.sum = sum(self.scores)
        self.squares = sum(score**2 for score in self.scores)
        self.product = sum(score * other for score, other in zip(self.scores, self.others, strict=True))

    def add(self, person: int, item: int, step: int) -> None:
        self.answers[person, item] += step
        before = self.scores[person]
        now = self.scores[person] = before + step / self.counts[person]
        self.sum += now - before
        self.squares += now * now - before * before
        self.product += (now - before) * self.others[person]

    def distance(self) -> float:
        people = len(self.scores)
        deviation = ((self.squares - self.sum**2 / people) / (people - 1)) ** 0.5
        along = self.product / (people - 1) / deviation
        return 3 * abs(deviation - self.wanted[0]) + abs(along - self.wanted[1])


class _Alphas:
    """Alpha of all items and without item 3, kept up to date."""

    def __init__(self, answers: Array) -> None:
        self.answers = answers
        self.item_sums = answers.sum(axis=0).tolist()
        self.item_squares = (answers**2).sum(axis=0).tolist()
        self.totals = answers.sum(axis=1).tolist()
        self.rests = (answers.sum(axis=1) - answers[:, 2]).tolist()
        self.total_squares = sum(total**2 for total in self.totals)
        self.rest_squares = sum(rest**2 for rest in self.rests)

    def add(self, person: int, item: int, step: int) -> None:
        before = float(self.answers[person, item])
        self.answers[person, item] += step
        self.item_sums[item] += step
        self.item_squares[item] += 2 * before * step + 1
        self.total_squares += 2 * self.totals[person] * step + 1
        self.totals[person] += step
        if item != 2:
            self.rest_squares += 2 * self.rests[person] * step + 1
            self.rests[person] += step

    def distance(self) -> float:
        people = len(self.totals)
        variances = [
            squares - total**2 / people for squares, total in zip(self.item_squares, self.item_sums, strict=True)
        ]
        of_all = self.total_squares - sum(self.item_sums) ** 2 / people
        of_rest = self.rest_squares - (sum(self.item_sums) - self.item_sums[2]) ** 2 / people
        alpha = 20 / 19 * (1 - sum(variances) / of_all)
        without = 19 / 18 * (1 - (sum(variances) - variances[2]) / of_rest)
        return abs(alpha - ALPHA) + abs(without - ALPHA_WITHOUT_ITEM_3)


def _climbed(state: _Moments | _Alphas, enough: float, draw: np.random.Generator) -> Array:
    """Answers changed in pairs on the same item, which keeps its mean, while that brings them nearer."""
    best = state.distance()
    people, count = state.answers.shape
    for item, up, down in draw.integers((count, people, people), size=(200_000, 3)).tolist():
        if best < enough:
            break
        if up == down or not (1 <= state.answers[up, item] < 5 and state.answers[down, item] > 1):
            continue
        state.add(up, item, 1)
        state.add(down, item, -1)
        now = state.distance()
        if now < best:
            best = now
        else:
            state.add(up, item, -1)
            state.add(down, item, 1)
    return state.answers


def stress(seed: int = 1) -> tuple[list[str], Array, dict[str, list[str]]]:
    """Items, answers (146 × 20, item 20 as asked: reversed) and what is known of each respondent."""
    draw = np.random.default_rng(seed)
    people = sum(GROUPS_RETURNED.values())
    strain = draw.standard_normal(people)
    means = np.repeat(STRESS_MEANS, 4)
    answers = means + 0.35 * strain[:, None] + 0.95 * draw.standard_normal((people, 20))
    # Item 3 goes against the others: alpha rises without it.
    answers[:, 2] = means[2] - 0.6 * strain + 0.9 * draw.standard_normal(people)
    answers = np.clip(np.rint(answers), 1, 5)

    answers = _climbed(_Alphas(answers), 2e-4, draw)
    score = answers.mean(axis=1)
    facts = {}
    for name, order_of in (
        ("gender", ("male", "female")),
        ("tenure_band", ("6-12 months", "under 6 months", "1-2 years", "2-4 years", "over 4 years")),
        ("group", ("A", "B", "C")),
    ):
        counts = {"gender": GENDERS, "tenure_band": STRESS_TENURE, "group": GROUPS_RETURNED}[name]
        facts[name] = _dealt_with_p(score, {member: counts[member] for member in order_of}, STRESS_P[name], draw)
    answers[:, REVERSED] = 6 - answers[:, REVERSED]
    return [f"Q{number + 1}" for number in range(20)], answers.astype(int), facts


def _dealt_with_p(score: Array, counts: dict[str, int], wanted: float, draw: np.random.Generator) -> list[str]:
    """Members given out so that p is as wanted and the first has the highest scores, of three the second the next."""
    from scipy.stats import f

    members, people, groups = list(counts), len(score), len(counts)
    sizes = np.array(list(counts.values()))
    aim = float(f.isf(wanted, groups - 1, people - groups))
    noise = 0.5 * score.std() * draw.standard_normal(people)
    dealt = np.empty(people, dtype=int)
    dealt[np.argsort(-(score + noise), kind="stable")] = np.repeat(np.arange(groups), sizes)
    total, squares = score.sum(), float((score**2).sum())

    def judged() -> tuple[float, bool]:
        sums = np.bincount(dealt, score, groups)
        between = float((sums**2 / sizes).sum() - total**2 / people)
        within = squares - float((sums**2 / sizes).sum())
        means = sums / sizes
        fits = means[0] == means.max() and (groups != 3 or means[1] - means[2] > 0.5 * (means[0] - means[2]))
        return between / (groups - 1) / (within / (people - groups)), bool(fits)

    best, _ = judged()
    for one, other in draw.integers(people, size=(100_000, 2)):
        if abs(best - aim) < 2e-3:
            break
        dealt[[one, other]] = dealt[[other, one]]
        now, fits = judged()
        if fits and abs(now - aim) < abs(best - aim):
            best = now
        else:
            dealt[[one, other]] = dealt[[other, one]]
    return [members[place] for place in dealt]


# ---- landing files


def write(landing: Path, seed: int = 1) -> list[Path]:
    """Both surveys as files of the landing contract; gives their paths."""
    folder = landing / "surveys"
    folder.mkdir(parents=True, exist_ok=True)
    invitations = [
        ("stress", WAVE, f"s{number:04d}", "2015-05-04T08:00:00+08:00", group)
        for number, group in enumerate(group for group, count in GROUPS_SENT.items() for _ in range(count))
    ]
    invitations += [("satisfaction", WAVE, f"e{number:04d}", "2015-06-01T08:00:00+08:00", "") for number in range(SENT)]
    header = ("survey_id", "wave", "invitation_id", "sent_at", "group")
    paths = [_write(folder / "survey_invitations_published.csv", header, invitations)]
    facts = ("gender", "age_band", "education", "marital_status", "tenure_band", "group")
    rows: list[tuple[object, ...]] = []
    for survey, day, made in (
        ("stress", "2015-05-06", stress(seed)),
        ("satisfaction", "2015-06-03", satisfaction(seed)),
    ):
        items, answers, known = made
        invalid = RETURNED - VALID if survey == "satisfaction" else 0
        for person in range(len(answers) + invalid):
            is_valid = person < len(answers)
            given = answers[person] if is_valid else np.full(len(items), 3)
            told = [known[fact][person] if is_valid and fact in known else "" for fact in facts]
            head = (survey, WAVE, f"{survey}-{person + 1:04d}", f"{day}T09:00:00+08:00")
            rows += [
                (*head, item, answer, str(is_valid).lower(), *told)
                for item, answer in zip(items, given, strict=True)
                if answer
            ]
    header = ("survey_id", "wave", "response_id", "submitted_at", "item_id", "answer", "is_valid", *facts)
    paths.append(_write(folder / "survey_responses_published.csv", header, rows))
    return paths


def _write(file: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
    return file


if __name__ == "__main__":
    for path in write(Path(sys.argv[1])):
        print(path)
