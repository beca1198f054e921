"""The two published surveys as landing files: as they came, wide, their items described as HR would do it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from hotline.home import Home

DIMENSIONS = {"A": "agreeableness", "C": "conscientiousness", "E": "extraversion", "N": "neuroticism", "O": "openness"}
REVERSED = {"A1", "C4", "C5", "E1", "E2", "O2", "O5"}
ATTITUDE = ("rating", "complaints", "privileges", "learning", "raises", "critical", "advance")

SOURCES = {
    # Age in years is no band, and is not mapped.
    "bfi": """\
name: bfi
time_zone: UTC
closed: true
root: bfi
format: {empty: ["NA"]}
entities:
  survey_items: {files: ["survey_items.csv"], key: [survey_id, item_id], replaces: keys}
  survey_responses:
    files: ["bfi.csv"]
    key: [survey_id, wave, response_id, item_id]
    replaces: keys
    columns: {response_id: rownames, gender: gender, education: education}
    constants: {survey_id: bfi, wave: published, submitted_at: 2010-01-01T12:00:00Z}
    items: ["A?", "C?", "E?", "N?", "O?"]
    values:
      gender: {"1": male, "2": female}
""",
    "attitude": """\
name: attitude
time_zone: UTC
closed: true
root: attitude
entities:
  survey_items: {files: ["survey_items.csv"], key: [survey_id, item_id], replaces: keys}
  survey_responses:
    files: ["attitude.csv"]
    key: [survey_id, wave, response_id, item_id]
    replaces: keys
    columns: {response_id: rownames}
    constants: {survey_id: attitude, wave: published, submitted_at: 1974-01-01T12:00:00Z}
    items: [rating, complaints, privileges, learning, raises, critical, advance]
""",
}


def land_published_surveys(home: Home, real_data: Path) -> None:
    """Describe both sources and drop their files, unchanged, into landing."""
    for name, text in SOURCES.items():
        text = text.replace('["A?", "C?", "E?", "N?", "O?"]', str([f"{d}{n}" for d in DIMENSIONS for n in range(1, 6)]))
        (home.sources / f"{name}.yml").write_text(text, encoding="utf-8")
        folder = home.landing / name
        folder.mkdir(exist_ok=True)
        shutil.copy(real_data / f"{name}_survey" / f"{name}.csv", folder)
    _write_items(
        home.landing / "bfi" / "survey_items.csv",
        [
            ("bfi", f"{letter}{number}", dimension, f"{letter}{number}" in REVERSED, 1, 6)
            for letter, dimension in DIMENSIONS.items()
            for number in range(1, 6)
        ],
    )
    # Each question is a dimension of its own; the rating is what the others are to explain.
    _write_items(
        home.landing / "attitude" / "survey_items.csv",
        [("attitude", name, "overall" if name == "rating" else name, False, 0, 100) for name in ATTITUDE],
    )


def _write_items(file: Path, rows: list[tuple]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("survey_id", "item_id", "dimension", "is_reversed", "scale_min", "scale_max"))
        writer.writerows(rows)
