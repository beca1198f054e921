"""Answers of surveys as tools export them: one column per item, in their words; every answer kept or named."""

from __future__ import annotations

from datetime import datetime

import openpyxl
import pytest

from hotline.landing import FileOutcome, SourceError, line_of, load_sources
from tests.landing.conftest import Landing

# As LimeSurvey writes it: coded answers, sub-questions in brackets, an empty submit date for who gave up.
LIMESURVEY = """\
name: limesurvey
time_zone: Asia/Shanghai
root: limesurvey
entities:
  survey_responses:
    files: ["stress_{wave}.csv"]
    key: [survey_id, wave, response_id, item_id]
    replaces: keys
    columns: {response_id: id, submitted_at: submitdate, gender: G01, group: G06}
    constants: {survey_id: stress}
    items: {Q1: "Q[SQ001]", Q2: "Q[SQ002]", Q3: "Q[SQ003]"}
    values:
      gender: {M: male, F: female, "-oth-": null}
      answer: {A1: "1", A2: "2", A3: "3", A4: "4", A5: "5", N/A: null}
"""
# As 问卷星 writes it: GBK, numbered questions for headers, the labels of the answers.
WJX = """\
name: wjx
time_zone: Asia/Shanghai
root: wjx
format: {encoding: gb18030, empty: ["(空)", "(跳过)"]}
entities:
  survey_responses:
    files: ["*.csv"]
    key: [survey_id, wave, response_id, item_id]
    replaces: keys
    columns: {response_id: 序号, submitted_at: 提交答卷时间, gender: "1、您的性别"}
    constants: {survey_id: stress, wave: 2025-03}
    items: {Q1: "2、*", Q2: "3、*"}
    values:
      gender: {男: male, 女: female}
      answer: {非常不符合: "1", 不符合: "2", 一般: "3", 符合: "4", 非常符合: "5"}
"""


def land(landing: Landing, path: str, content: bytes | str) -> FileOutcome:
    """Write one file, load, and return its outcome."""
    landing.put(path, content)
    return next(outcome for outcome in landing.load() if outcome.path == path.partition("/")[2])


def answers(landing: Landing, source: str) -> list[tuple]:
    return landing.query(
        "SELECT wave, response_id, item_id, answer, gender FROM raw.survey_responses"
        f" WHERE _source = '{source}' ORDER BY ALL"
    )


def test_a_wide_export_becomes_one_row_per_answer(landing: Landing, write_source) -> None:
    write_source("limesurvey", LIMESURVEY)
    outcome = land(
        landing,
        "limesurvey/stress_2025-03.csv",
        '"id","submitdate","lastpage","G01","G06","Q[SQ001]","Q[SQ002]","Q[SQ003]"\n'
        '"1","2025-03-01 09:00:00","3","M","A","A1","A5","N/A"\n'
        '"2","2025-03-01 10:00:00","3","-oth-","B, of two","A2","","A4"\n',
    )
    assert (outcome.status, outcome.rows_read, outcome.rows_kept) == ("loaded", 4, 4), outcome.reason
    assert outcome.reason.endswith("ignored: lastpage")
    assert answers(landing, "limesurvey") == [
        ("2025-03", "1", "Q1", "1", "male"),
        ("2025-03", "1", "Q2", "5", "male"),
        ("2025-03", "2", "Q1", "2", None),
        ("2025-03", "2", "Q3", "4", None),
    ]
    assert landing.query('SELECT DISTINCT "group", submitted_at::VARCHAR FROM raw.survey_responses ORDER BY 1') == [
        ("A", "2025-03-01 01:00:00+00"),
        ("B, of two", "2025-03-01 02:00:00+00"),
    ]


def test_a_chinese_export_with_labels_is_read_by_its_mapping(landing: Landing, write_source) -> None:
    write_source("wjx", WJX)
    text = (
        "序号,提交答卷时间,所用时间,1、您的性别,2、我的工作量很大,3、我常被客户责骂\n"
        "1,2025/3/1 9:00:00,65秒,女,非常符合,(跳过)\n2,2025/3/1 9:05:00,80秒,男,一般,不符合\n"
    )
    outcome = land(landing, "wjx/导出.csv", text.encode("gb18030"))
    assert (outcome.status, outcome.rows_kept) == ("loaded", 3), outcome.reason
    assert answers(landing, "wjx") == [
        ("2025-03", "1", "Q1", "5", "female"),
        ("2025-03", "2", "Q1", "3", "male"),
        ("2025-03", "2", "Q2", "2", "male"),
    ]


def test_headers_that_are_items_need_no_list(landing: Landing, write_source) -> None:
    write_source("wide", LIMESURVEY.replace("limesurvey", "wide").replace(
        'items: {Q1: "Q[SQ001]", Q2: "Q[SQ002]", Q3: "Q[SQ003]"}', 'items: ["Q*"]'))  # fmt: skip
    land(landing, "wide/stress_w1.csv", "id,submitdate,G01,G06,Q1,Q20\n1,,M,A,A1,A2\n")
    assert answers(landing, "wide") == [("w1", "1", "Q1", "1", "male"), ("w1", "1", "Q20", "2", "male")]


def test_what_is_wrong_in_a_wide_file_is_told_with_line_and_column_and_without_the_answer(
    landing: Landing, write_source
) -> None:
    write_source("limesurvey", LIMESURVEY)
    outcome = land(
        landing,
        "limesurvey/stress_2025-03.csv",
        "id,submitdate,G01,G06,Q[SQ001],Q[SQ002],Q[SQ003]\n"
        "1,2025-03-01 09:00:00,M,A,A1,A5,A3\n"
        "2,yesterday,F,A,A1,A2,\n"
        "3,2025-03-01 09:00:00,F,A,,,\n"
        "1,2025-03-01 09:00:00,M,A,A1,A2,A3\n"
        "4,2025-03-01 09:00:00,F,A,A1,A2\n"
        "1,2025-03-01 09:00:00,M,A,A1,A2,A3\n",
    )
    assert outcome.rows_read == outcome.rows_kept + outcome.rows_rejected + outcome.rows_duplicate
    # Two answers of line 2 and all of line 5 stand again on line 7.
    assert (outcome.rows_kept, outcome.rows_rejected, outcome.rows_duplicate) == (3, 5, 5)
    # What stood before 'is not a valid' is for the quarantine to keep.
    found = landing.query(
        "SELECT line, column_name, regexp_replace(reason, '.*(is not a valid)', '\\1'), raw_text"
        " FROM raw.rejected_rows ORDER BY line, 2, 3"
    )
    assert found[:4] == [
        (2, "survey_id", "the key stands again, with other values, on line 7, which is kept", None),
        (3, "submitted_at", "is not a valid TIMESTAMPTZ", None),
        (3, "submitted_at", "is not a valid TIMESTAMPTZ", None),
        (4, "Q[SQ001]", "answer: required, and empty", None),
    ]
    assert [(*row[:2], row[3]) for row in found[4:]] == [(6, "", None)]
    assert {line for (line,) in landing.query(
        "SELECT _row_number FROM raw.survey_responses WHERE response_id = '1'")} == {0, 1, 2}  # fmt: skip
    (file_id,) = landing.query("SELECT DISTINCT _file_id FROM raw.survey_responses")[0]
    assert line_of(landing.home, file_id, 0) == 7


def test_a_file_without_an_item_is_quarantined_with_what_was_looked_for(landing: Landing, write_source) -> None:
    write_source("limesurvey", LIMESURVEY)
    outcome = land(landing, "limesurvey/stress_a.csv", "id,submitdate,G01,G06,Q[SQ001],Q[SQ002]\n1,,M,A,A1,A2\n")
    assert outcome.status == "quarantined"
    assert outcome.reason == "no column of the header is 'Q[SQ003]', where the source looks for items"


def test_the_same_respondent_in_a_later_file_takes_the_place_of_the_earlier(landing: Landing, write_source) -> None:
    write_source("limesurvey", LIMESURVEY.replace('["stress', '["later/stress_{wave}.csv", "stress'))
    header = "id,submitdate,G01,G06,Q[SQ001],Q[SQ002],Q[SQ003]\n"
    land(landing, "limesurvey/stress_2025-03.csv", header + "1,,M,A,A1,A1,A1\n2,,M,A,A1,A1,A1\n")
    land(landing, "limesurvey/later/stress_2025-03.csv", header + "1,,M,A,A5,A5,A5\n")
    assert [row[3] for row in answers(landing, "limesurvey")] == ["5", "5", "5", "1", "1", "1"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("gender: G01", "item_id: G01", "'item_id' is made of them, and is mapped as well"),
        ("survey_id: stress", "survey_id: stress, wave: a, answer: b", "'answer' is made of them"),
        ("stress_{wave}.csv", "stress.csv", "the contract requires 'wave', and nothing is mapped to it"),
        ("stress_{wave}.csv", "{wave}_{wave}.csv", "has more than one wave"),
        ("items: {", "items: {Q0: [a], ", "is not valid under any of the given schemas"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(
    landing: Landing, write_source, old: str, new: str, message: str
) -> None:
    write_source("limesurvey", LIMESURVEY.replace(old, new))
    with pytest.raises(SourceError, match=r"(?s)limesurvey\.yml.*" + message.replace("(", r"\(")):
        load_sources(landing.home)


def test_items_are_for_answers_only(landing: Landing, write_source) -> None:
    write_source("other", """\
name: other
time_zone: UTC
root: other
entities:
  weather: {files: ["*"], replaces: days, items: ["a*"]}
""")  # fmt: skip
    with pytest.raises(SourceError, match="only answers of surveys come as one column per item"):
        load_sources(landing.home)


def test_a_workbook_with_a_column_per_item_is_read_as_a_text_file_is(landing: Landing, write_source) -> None:
    """As 问卷星 exports it: questions for headings, labels or numbers for answers."""
    write_source("wjx", WJX.replace("format: {encoding: gb18030, empty", "format: {type: excel, empty").replace(
        '"*.csv"', '"*.xlsx"'))  # fmt: skip
    book = openpyxl.Workbook()
    for row in (
        ("序号", "提交答卷时间", "1、您的性别", "2、我的工作量很大", "3、我常被客户责骂"),
        (1, "2025/3/1 9:00:00", "女", "非常符合", "(跳过)"),
        (2, datetime(2025, 3, 1, 9, 5), "男", 3, "不符合"),
    ):
        book.active.append(row)
    (landing.home.landing / "wjx").mkdir()
    book.save(landing.home.landing / "wjx" / "export.xlsx")
    (outcome,) = [found for found in landing.load() if found.path == "export.xlsx"]
    assert (outcome.status, outcome.rows_kept, outcome.rows_rejected) == ("loaded", 3, 0), outcome.reason
    assert answers(landing, "wjx") == [
        ("2025-03", "1", "Q1", "5", "female"),
        ("2025-03", "2", "Q1", "3", "male"),
        ("2025-03", "2", "Q2", "2", "male"),
    ]
