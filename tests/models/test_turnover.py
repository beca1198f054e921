"""Turnover of a staff whose history was made by hand, so that every figure can be counted on the fingers."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from expectations import judging, people, settings
from hotline import landing
from hotline.home import Home
from tests.models.conftest import Centre
from tests.models.hand_staff import build, gone, land, land_performance, record, snapshots

JANUARY, FEBRUARY, MARCH, APRIL = (date(2024, month, 1) for month in (1, 2, 3, 4))
MONTHS = (
    "select month_start_on, headcount_start, hires, leavers, headcount_end, headcount_days"
    " from people.marts.turnover_by_month where dimension = 'all' order by all"
)


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """The staff up to February, then to April; `early` is what the marts said in between."""
    centre = Centre(Home(tmp_path_factory.mktemp("staff") / "data").create())
    files = snapshots()
    for day in list(files)[:3]:
        land(centre, files[day])
    land_performance(centre)
    build(centre, full=True)
    centre.early = centre.query(MONTHS)
    for day in list(files)[3:]:
        land(centre, files[day])
    build(centre, with_tests=True)
    return centre


def test_rates_are_those_counted_by_hand(staff: Centre) -> None:
    # January: nine for 31 days, cai for 14 (of the 15th the end is not reached).
    # February: seven for 29 days, bea for 28, gus for 27, hal for the leap day alone.
    # March: seven for 31 days, dan for 4, cai for 22. April: seven for 30 days, eva for 14.
    assert staff.query(MONTHS) == [
        (JANUARY, 10, 0, 1, 9, 9 * 31 + 14),
        (FEBRUARY, 9, 1, 2, 8, 7 * 29 + 28 + 27 + 1),
        (MARCH, 8, 1, 1, 8, 7 * 31 + 4 + 22),
        (APRIL, 8, 0, 1, 7, 7 * 30 + 14),
    ]
    rates = staff.query(
        "select leavers / average_headcount, leavers / average_headcount_of_ends from people.marts.turnover_by_month"
        " where dimension = 'all' order by month_start_on"
    )
    assert rates[1] == (pytest.approx(2 / (259 / 29)), pytest.approx(2 / 8.5))


def test_a_corrected_leaving_date_changes_the_month_that_was_published(staff: Centre) -> None:
    # When February was published dan had left on the 20th: three leavers, and ten days fewer of headcount.
    assert staff.early[1] == (FEBRUARY, 9, 1, 3, 7, 7 * 29 + 28 + 27 + 1 - 10)


def test_transfers_are_no_leavers_and_rehires_are_new_spells(staff: Centre) -> None:
    found = staff.query(
        "select member, month_start_on, headcount_start, hires, rehires, transfers_in, leavers, headcount_end"
        " from people.marts.turnover_by_month where dimension = 'team_id' and member = 'hotline/blue' order by all"
    )
    assert found == [
        ("hotline/blue", FEBRUARY, 1, 0, 0, 1, 0, 1),
        ("hotline/blue", MARCH, 1, 0, 0, 0, 0, 1),
        ("hotline/blue", APRIL, 1, 0, 0, 0, 0, 1),
    ]
    assert staff.query(
        "select spell_no, hired_on, left_on, is_rehired, is_leaving_announced from people.marts.dim_employee"
        " where employee = 'cai' order by all"
    ) == [(1, date(2020, 1, 1), date(2024, 1, 15), False, False), (2, date(2024, 3, 10), None, True, False)]
    assert staff.query("select sum(rehires) from people.marts.turnover_by_month where dimension = 'all'") == [(1,)]


def test_who_is_missing_from_a_whole_snapshot_left_before_it(staff: Centre) -> None:
    assert staff.query(
        "select left_on, leave_kind, is_leaving_inferred from people.marts.dim_employee where employee = 'gus'"
    ) == [(date(2024, 2, 28), "unknown", True)]
    assert staff.query(
        "select month_start_on, leavers_unknown, leavers_inferred from people.marts.turnover_by_month"
        " where dimension = 'all' and leavers_inferred > 0"
    ) == [(FEBRUARY, 1, 1)]


def test_a_leaving_ahead_counts_in_its_month_and_one_taken_back_in_none(staff: Centre) -> None:
    assert staff.query(
        "select employee, month_start_on from people.marts.fct_employee_month join people.marts.dim_employee"
        " using (source, spell_id) where is_leaver and is_current and employee in ('eva', 'fay') "
    ) == [("eva", APRIL)]


def test_a_history_has_a_row_for_each_change_and_no_other(staff: Centre) -> None:
    assert staff.query(
        "select team_id, valid_from_on, valid_to_on, is_current from people.marts.dim_employee"
        " where employee = 'ada' order by valid_from_on"
    ) == [
        ("hotline/red", date(2020, 1, 1), date(2024, 2, 28), False),
        ("hotline/blue", date(2024, 2, 29), date(2999, 12, 31), True),
    ]


def test_bands_are_those_of_the_end_of_the_month_or_of_employment(staff: Centre) -> None:
    assert staff.query(
        "select month_start_on, tenure_months, tenure_band, age_years, pay_band from people.marts.fct_employee_month"
        " where employee_id = 'hotline/hal' order by all"
    ) == [
        (FEBRUARY, 0, "under 6 months", 30, "90–97 %"),
        (MARCH, 1, "under 6 months", 30, "90–97 %"),
        (APRIL, 2, "under 6 months", 30, "90–97 %"),
    ]
    # cai left at 29: the birthday came after the last day.
    assert staff.query(
        "select age_years, tenure_months from people.marts.fct_employee_month"
        " where employee_id = 'hotline/cai' and is_leaver"
    ) == [(29, 48)]


def test_reasons_cost_and_new_hires(staff: Centre) -> None:
    assert staff.query(
        "select leave_kind, leave_reason, sum(leavers), sum(leavers_over_pay) from people.marts.turnover_reasons"
        " group by all order by all"
    ) == [
        ("involuntary", "conduct", 1, 0),
        ("unknown", "unknown", 1, 0),
        ("voluntary", "career", 1, 0),
        ("voluntary", "pay", 2, 2),
    ]
    # 5,000 for training, half a month's pay for the vacancy, half of three for the ramp-up: 5000 + 2 × 4500.
    assert staff.query("select sum(leavers), sum(total_cost) from people.marts.turnover_cost") == [(5, 5 * 14_000.0)]
    # hal's 30 and 60 days have passed by 30 April, cai's 30 have.
    assert staff.query(
        "select month_start_on, hires, judged_30_days, left_30_days, judged_90_days from people.marts.new_hire_turnover"
        " order by all"
    ) == [(FEBRUARY, 1, 1, 0, 0), (MARCH, 1, 1, 0, 0)]


def test_months_in_a_row_lead_to_proposals_with_the_months_behind_them(staff: Centre) -> None:
    proposals = staff.query(
        "select member_id, proposal, cause, month_start_on, first_month_on, steps, grade, proposed_grade"
        " from people.marts.grade_proposals where cause <> 'service' order by all"
    )
    # kim passes one of three measures a month, ian three, jan none and then two. Nobody falls below P1.
    assert proposals == [
        ("hotline/ian", "grade_up", "passed", MARCH, JANUARY, 1, "P1", "P2"),
        ("hotline/jan", "warning", "failed", FEBRUARY, JANUARY, 0, "P1", None),
        ("hotline/kim", "dismissal", "failed", APRIL, JANUARY, 0, "P1", None),
        ("hotline/kim", "warning", "failed", FEBRUARY, JANUARY, 0, "P1", None),
        ("hotline/red", "benefits_down", "failed", FEBRUARY, JANUARY, -1, None, None),
        ("hotline/red", "benefits_down", "failed", MARCH, JANUARY, -2, None, None),
        ("hotline/red", "warning", "failed", APRIL, JANUARY, 0, None, None),
    ]
    # All were hired on the first of January 2020: 49 whole months on 29 February, 48 and 51 at the other ends.
    assert staff.query(
        "select distinct month_start_on, proposed_grade from people.marts.grade_proposals where cause = 'service'"
    ) == [(JANUARY, "P2")]


def test_a_month_of_an_employee_has_measures_awards_and_attendance(staff: Centre) -> None:
    assert staff.query(
        "select month_start_on, measures, measures_passed, is_passed, passed_in_a_row, awards, scheduled_days,"
        " absent_days, exception_days, overtime_minutes from people.marts.agent_kpi_by_month"
        " where employee_id = 'hotline/ian' order by all"
    ) == [
        (JANUARY, 3, 3, True, 1, None, 0, 0, 0, 0),
        (FEBRUARY, 3, 3, True, 2, None, 2, 0, 1, 30),
        (MARCH, 3, 3, True, 3, None, 1, 1, 0, 0),
        (APRIL, 3, 3, True, 4, "agent of the month", 0, 0, 0, 0),
    ]


def test_late_and_corrected_snapshots_end_where_a_build_from_nothing_does(staff: Centre) -> None:
    files = snapshots()
    # January again, with bea in another team, and a late day in the middle of March that names three people only.
    land(staff, [row | ({"team": "green"} if row["employee_id"] == "bea" else {}) for row in files["2024-01-31"]])
    # Under hal's identifier stands somebody else.
    other = {"name": "Somebody Else", "birth_on": "1970-01-01", "hired_on": "2024-02-29"}
    late = [record("ian", "2024-03-15", team="blue"), record("kim", "2024-03-15", **gone("2024-03-20"))]
    land(staff, [*late, record("hal", "2024-03-15", **other)])
    build(staff)
    changed = staff.marts()
    # kim's newest record, of April, says that nobody left.
    assert staff.query("select left_on from people.marts.dim_employee where employee = 'kim'") == [(None,)]
    assert ("hotline/green",) in staff.query("select team_id from people.marts.dim_employee where employee = 'bea'")
    assert staff.query("select distinct employee from people.marts.dim_employee where has_shared_identifier") == [
        ("hal",)
    ]
    build(staff, full=True)
    assert staff.marts() == changed


def test_the_checks_before_publishing_find_nothing_wrong(staff: Centre) -> None:
    limits = settings.load()
    with duckdb.connect(str(staff.home.warehouse), read_only=True) as connection:
        connection.execute(f"attach '{staff.home.people}' as people (read_only)")
        judged = [
            (table, measurement.check, measurement.observed, holds)
            for table, module, measured in people.of_employees(connection, {"hotline": APRIL})
            for measurement, _, holds in judging.judge(
                import_module(f"expectations.suites.{module}").suite(limits), measured
            )
        ]
    assert [one for one in judged if one[-1] is not True] == []
    assert {table for table, *_ in judged} == {"fct_employee_month", "turnover_by_month"}


def test_a_day_without_a_file_of_hr_reads_and_writes_nothing(staff: Centre) -> None:
    before = staff.marts()
    build(staff)
    assert staff.marts() == before


def test_a_file_of_tenures_gives_the_curve_of_lifelines_run_by_hand(
    tmp_path_factory: pytest.TempPathFactory, real_data: Path
) -> None:
    centre = Centre(Home(tmp_path_factory.mktemp("tenures") / "data").create())
    (outcome,) = landing.load(centre.home, roots={"turnover_survival": real_data / "turnover_survival"})
    assert (outcome.rows_read, outcome.rows_kept, outcome.rows_duplicate) == (1129, 1129, 0)
    assert "13 rows equal another in every value; kept" in outcome.reason
    build(centre, full=True)

    data = pd.read_csv(real_data / "turnover_survival" / "turnover.csv", skipinitialspace=True)
    assert centre.query(
        "select persons, leavers from people.marts.tenure_survival where dimension = 'all' and tenure_months = 0"
    ) == [(1129, 571)]
    for member, of_member in (("all", data), ("female", data[data["gender"] == "f"])):
        by_hand = KaplanMeierFitter().fit(of_member["stag"], of_member["event"])
        months, survival, median = zip(
            *centre.query(
                "select tenure_months, survival, median_months from people.marts.tenure_survival"
                f" where member = '{member}' and dimension in ('all', 'gender') order by 1"
            ),
            strict=True,
        )
        assert survival == pytest.approx(by_hand.predict(months).to_numpy(), abs=1e-9)
        assert median[0] == pytest.approx(by_hand.median_survival_time_)
    tests = dict(centre.query("select dimension, (chi_square, p_value) from people.marts.tenure_survival_tests"))
    for trait, column in {"gender": "gender", "wage": "greywage", "recruited_through": "traffic"}.items():
        by_hand = multivariate_logrank_test(data["stag"], data[column], data["event"])
        assert tests[trait] == pytest.approx((by_hand.test_statistic, by_hand.p_value), rel=1e-6)

    # The regression by hand: dummies against the most frequent value; values with fewer than ten leavers join it.
    words = ["gender", "industry", "traffic", "coach", "head_gender", "greywage", "way"]
    numbers = ["extraversion", "independ", "selfcontrol", "anxiety", "novator"]
    design = data[numbers].assign(age=data["age"] / 10, stag=data["stag"], event=data["event"])
    for word in words:
        leavers = data[data["event"] == 1][word].value_counts()
        for value in sorted(set(leavers[leavers >= 10].index) - {data[word].mode()[0]}):
            design[f"{word} {value}"] = (data[word] == value).astype(float)
    by_hand = CoxPHFitter().fit(design, "stag", "event").summary["exp(coef)"]
    found = centre.query("select hazard_ratio from people.marts.leaving_hazards order by 1")
    assert [ratio for (ratio,) in found] == pytest.approx(sorted(by_hand), rel=1e-6)
