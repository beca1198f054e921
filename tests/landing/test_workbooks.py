"""HR's Excel: titles, headings over several rows, merged cells, dates in every form; what is wrong in HR's files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hotline.landing import FileOutcome, workbooks
from tests.landing.conftest import Landing

SOURCE = """
name: staff
time_zone: Asia/Shanghai
root: staff
format: {type: excel, sheet: 花名册, header_row: 3, header_rows: 2, empty: ["-", 无]}
entities:
  employees:
    files: ["花名册_{month}*"]
    key: [employee_id, as_of]
    replaces: keys
    columns:
      employee_id: 工号
      as_of: "{date}"
      name: 姓名
      gender: 性别
      birth_on: 出生日期
      hired_on: 入职日期
      left_on: 离职/日期
      leave_kind: 离职/类型
      leave_reason: 离职/原因
      team: 班组
      monthly_pay: 月薪
      contract: 合同/类型
    values:
      gender: {男: male, 女: female}
      leave_kind: {主动: voluntary, 被动: involuntary}
"""
GROUPS = ["基本信息", None, None, None, "在职", None, None, "离职", None, None, "合同"]
HEADINGS = ["工号", "姓名", "性别", "出生日期", "入职日期", "班组", "月 薪", "日期", "类型", "原因", "类型"]
PEOPLE = (
    "SELECT employee_id, name, gender, birth_on, hired_on, left_on, leave_kind, team, monthly_pay FROM raw.employees"
)


def workbook(*rows: list[Any], merged: tuple[str, ...] = (), epoch: datetime | None = None) -> bytes:
    """A roster as HR keeps it: a merged title, an empty row, two rows of headings, another sheet in front."""
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    book.active.title = "说明"
    sheet = book.create_sheet("花名册")
    sheet.append(["客服中心员工花名册（截至2025年3月31日）"])
    sheet.append([])
    sheet.append(GROUPS)
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append(row)
    for cells in ("A1:K1", "A3:D3", "E3:G3", "H3:J3", *merged):
        sheet.merge_cells(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def land(landing: Landing, name: str, content: bytes) -> FileOutcome:
    """Write one file of the source and load it."""
    landing.put(f"staff/{name}", content)
    (outcome,) = (outcome for outcome in landing.load() if outcome.path == name)
    return outcome


@pytest.fixture
def staff(landing: Landing, write_source: Callable[[str, str], Path]) -> Landing:
    write_source("staff", SOURCE)
    return landing


def test_a_roster_with_merged_titles_and_dates_in_every_form_is_read(staff: Landing) -> None:
    outcome = land(
        staff,
        "花名册_2025-03.xlsx",
        workbook(
            # A true date, a serial number, a serial number as text; an identifier that is a number.
            [1001, "王伟", "女", datetime(1990, 2, 28), 43891, "红组", 5200.5, "45716", "主动", "薪酬", "全职"],
            ["0002", " 李娜 ", "男", "1988年1月5日", "2020/3/1", None, 6000, "-", None, None, "全职"],
            [],
            ["E3", "张磊", "男", 19911231, "2021.11.30", None, "5100", None, None, "无", "派遣"],
            merged=("F5:F8",),
        ),
    )
    assert (outcome.status, outcome.rows_read, outcome.rows_kept) == ("loaded", 3, 3), outcome
    assert staff.query(f"{PEOPLE} ORDER BY ALL") == [
        ("0002", "李娜", "male", date(1988, 1, 5), date(2020, 3, 1), None, None, "红组", 6000),
        ("1001", "王伟", "female", date(1990, 2, 28), date(2020, 3, 1), date(2025, 2, 28), "voluntary", "红组", 5200.5),
        ("E3", "张磊", "male", date(1991, 12, 31), date(2021, 11, 30), None, None, "红组", 5100),
    ]
    assert staff.query("SELECT DISTINCT as_of, contract FROM raw.employees ORDER BY ALL") == [
        (date(2025, 3, 31), "全职"),
        (date(2025, 3, 31), "派遣"),
    ]


def test_serial_numbers_count_from_the_workbooks_own_day(staff: Landing) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    # 1 March 2020 is 43891 days after 30 December 1899, and 42429 after 1 January 1904.
    book = workbook(["1", "a", "女", None, 42429, "x", 1, None, None, None, "y"], epoch=CALENDAR_MAC_1904)
    land(staff, "花名册_2025-03.xlsx", book)
    assert staff.query("SELECT hired_on FROM raw.employees") == [(date(2020, 3, 1),)]


def test_what_is_wrong_names_row_column_and_reason_and_leaves_the_rest(staff: Landing) -> None:
    good = ["1", "王伟", "女", "1990-01-01", "2020-01-01", "红组", 5200, None, None, None, "全职"]
    outcome = land(
        staff,
        "花名册_2025-03.xlsx",
        workbook(
            good,
            ["2", "李娜", "女", "1990-01-01", "2020-01-01", "红组", 5200, "2019-12-31", "主动", "薪酬", "全职"],
            ["3", "张磊", "女", "1990-01-01", "去年夏天", "红组", 5200, None, None, None, "全职"],
            ["4", "赵敏", "女", "1990-01-01", "2020-01-01", "红组", "面议", None, None, None, "全职"],
            ["5", "周杰", "女", "1990-01-01", "2020-01-01", "红组", 5200, "2025-03-01", "跳槽", "薪酬", "全职"],
            [None, "合计", None, None, None, None, 26000],
            ["6", "吴刚", "女", "1990-01-01", "2020-01-01", "#REF!", 5200, None, None, None, "全职"],
            ["7", "郑爽", "女", "2021-01-01", "2020-01-01", "红组", 5200, None, None, None, "全职"],
            # Two people with one identifier: the last row is kept, the other is named with both rows.
            ["8", "孙浩", "男", "1980-01-01", "2010-01-01", "蓝组", 5200, None, None, None, "全职"],
            ["8", "钱丽", "女", "1995-01-01", "2023-01-01", "红组", 5200, None, None, None, "全职"],
        ),
    )
    assert (outcome.rows_read, outcome.rows_kept, outcome.rows_rejected) == (10, 2, 8)
    kinds = "voluntary, involuntary, other"
    assert staff.query("SELECT line, column_name, reason, raw_text FROM raw.rejected_rows ORDER BY line") == [
        (6, "left_on", "left_on: is before hired_on", None),
        (7, "hired_on", "hired_on: is not a valid DATE", None),
        (8, "monthly_pay", "monthly_pay: is not a valid DECIMAL(18,2)", None),
        (9, "leave_kind", f"leave_kind: is not one of {kinds}", None),
        (10, "employee_id", "employee_id: required, and empty; hired_on: required, and empty", None),
        (11, "", "the row does not fit the columns", None),
        (12, "hired_on", "hired_on: is before birth_on", None),
        (13, "employee_id", "the key stands again, with other values, on line 14, which is kept", None),
    ]
    # Nothing is lost: the whole row, and what stood there, are in quarantine, and nowhere else.
    sidecars = list(staff.home.quarantine.rglob("*.parquet"))
    assert staff.query(f"SELECT count(*) FROM read_parquet('{sidecars[0]}') WHERE raw_text LIKE '%面议%'") == [(1,)]
    assert staff.query(f"SELECT reason FROM read_parquet('{sidecars[0]}') WHERE line = 6") == [
        ("left_on: 2019-12-31 is before hired_on 2020-01-01",)
    ]
    for word in ("去年夏天", "面议", "跳槽", "周杰", "孙浩"):
        holding = [path for path in staff.home.root.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]
        assert {path.relative_to(staff.home.root).parts[0] for path in holding} <= {"landing", "quarantine"}, word


def test_a_file_of_which_no_row_is_good_tells_no_value_either(staff: Landing) -> None:
    outcome = land(staff, "花名册_2025-03.xlsx", workbook(["1", "王伟", "女", "王家", "2020-01-01"]))
    assert outcome.status == "quarantined"
    assert outcome.reason.endswith("the first: line 5, birth_on: is not a valid DATE")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "an old workbook (.xls), or one with a password"),
        ("工号,姓名\n1,王\n".encode(), "the source says Excel (.xlsx), and the file does not begin as one"),
        (b"PK\x03\x04" + bytes(600), "not a whole Excel workbook"),
        (workbook()[:3000], "not a whole Excel workbook"),
    ],
)
def test_what_is_no_workbook_goes_to_quarantine_with_its_reason(staff: Landing, content: bytes, reason: str) -> None:
    outcome = land(staff, "花名册_2025-03.xlsx", content)
    assert (outcome.status, outcome.reason[: len(reason)]) == ("quarantined", reason)


def test_a_missing_sheet_or_column_is_named(staff: Landing) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Sheet1"
    stream = io.BytesIO()
    book.save(stream)
    outcome = land(staff, "花名册_2025-03.xlsx", stream.getvalue())
    assert outcome.reason == "the workbook has no visible sheet '花名册'; it has 'Sheet1'"
    book.active.title = "花名册"
    for row in ([], [], ["基本", "基本"], ["工号", "姓名"], ["1", "王"]):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    outcome = land(staff, "花名册_2025-04.xlsx", stream.getvalue())
    assert outcome.reason.startswith("the header lacks '入职日期'; it has")


def test_a_workbook_that_unpacks_to_no_end_is_refused(staff: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_BYTES", 1 << 20)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes((1 << 20) + 1))
    outcome = land(staff, "花名册_2025-03.xlsx", stream.getvalue())
    assert outcome.reason == "the workbook unpacks to more than 1,048,576 bytes"


def test_a_workbook_in_the_contracts_own_words_needs_no_description(landing: Landing) -> None:
    book = openpyxl.Workbook()
    book.active.append(["employee_id", "as_of", "hired_on", "team"])
    book.active.append(["E1", datetime(2025, 3, 31), datetime(2020, 3, 1), "red"])
    stream = io.BytesIO()
    book.save(stream)
    assert landing.land("people/employees_march.xlsx", stream.getvalue()).rows_kept == 1
    assert landing.query("SELECT employee_id, as_of, hired_on, team FROM raw.employees") == [
        ("E1", date(2025, 3, 31), date(2020, 3, 1), "red")
    ]


def test_other_entities_of_that_source_take_no_workbook(landing: Landing) -> None:
    outcome = landing.land("calls/calls_2025-03-01.xlsx", workbook())
    assert (outcome.status, outcome.reason) == ("quarantined", "a ZIP archive or Excel workbook, not a text file")
