"""The profile against values computed by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hand_filled_line import FIRST, Line

from expectations import bounds


def test_counts_extremes_and_quantiles_of_a_file(line: Line) -> None:
    line.land(
        FIRST,
        101,
        wait_seconds="if(number = 100, null, number)::integer",  # 0, 1, … 99 and one empty
        queue="['sales', 'faults', 'bills'][1 + number % 3]",
    )
    line.check(FIRST)
    profile = {
        column: values
        for column, *values in line.sql(
            "select column_name, row_count, nulls, distinct_values, lowest, highest, p05, p50, p95, allowed_share "
            "from checks.batch_profile"
        )
    }
    rows, nulls, distinct, lowest, highest, p05, p50, p95, allowed = profile["wait_seconds"]
    assert (rows, nulls, lowest, highest, allowed) == (101, 1, "0", "99", None)
    assert distinct == pytest.approx(100, rel=0.1)
    assert (p05, p50, p95) == (pytest.approx(5, abs=1.5), pytest.approx(50, abs=1.5), pytest.approx(95, abs=1.5))
    assert profile["queue"][:5] == [101, 0, 3, None, None]
    assert profile["outcome"][-1] == 1.0
    # Two of ten calls have no agent; the last one (number 100) has.
    assert profile["agent_id"][1] == 20
    assert profile["entered_at"][3:5] == ["2026-03-02 09:00:00+00", "2026-03-02 09:50:00+00"]


def test_share_of_allowed_values_leaves_the_empty_ones_out(line: Line) -> None:
    line.land(FIRST, 100, direction="case number % 4 when 0 then 'inbound' when 1 then 'sideways' end")
    line.check(FIRST)
    assert line.sql("select allowed_share, nulls from checks.batch_profile where column_name = 'direction'") == [
        (0.5, 50)
    ]


def test_shares_of_a_day_count_rows_and_base(line: Line) -> None:
    line.land(FIRST, 100, agent_id="if(number < 40, 'agent', null)")
    line.check(FIRST)
    shares = {
        check: (base, hits) for check, base, hits in line.sql("select check_name, base, hits from checks.shares_by_day")
    }
    assert shares["outcome.answered"] == (95, 75)  # of the inbound ones
    assert shares["nulls.agent_id"] == (80, 48)  # 80 answered, of which the 32 among the first 40 have an agent
    assert shares["nulls.customer_id"] == (100, 0)
    assert shares["is_simulated"] == (100, 0)


def test_a_day_out_of_two_files_is_judged_as_one(line: Line) -> None:
    day = line.history(30)
    line.land(day, 1000)
    line.sql(f"update raw.calls set _file_id = 'hotline/calls/other' where _day = '{day}' and _row_number % 2 = 0")
    outcomes = line.check(day)
    assert outcomes[f"calls.outcome.abandoned:hotline:{day}"].observed == "10.5% (100 of 950 rows)"
    assert line.sql("select distinct row_count from checks.batch_profile") == [(500,)]


def test_no_text_of_a_row_is_kept(line: Line) -> None:
    line.land(FIRST, 50, customer_id="'Zhang Wei'", contact_id="'138-0013-8000 ' || number")
    line.check(FIRST)
    tables = [name for (name,) in line.sql("select table_name from duckdb_tables() where schema_name = 'checks'")]
    kept = "".join(str(line.sql(f"from checks.{table}")) for table in tables) + str(line.sql("from raw.check_results"))
    page = (line.home.data_docs / "index.html").read_text()
    for personal in ("Zhang Wei", "138-0013-8000"):
        assert personal not in kept + page


def test_a_day_is_read_once(line: Line) -> None:
    day = line.history(30)
    line.land(day, 500)
    line.check(day)
    before = line.sql("select entity, source, day, files, profiled_at from checks.profiled_days order by all")
    line.check(day)
    assert line.sql("select entity, source, day, files, profiled_at from checks.profiled_days order by all") == before


def test_windows_hold_what_came_before() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0])
    window = bounds.earlier(values, 2)
    np.testing.assert_array_equal(window, [[np.nan, np.nan], [1, np.nan], [2, 1], [3, 2]])
    np.testing.assert_array_equal(
        bounds.earlier(np.arange(5.0), 2, step=2)[4], [2, 0], err_msg="two and four positions before the fifth"
    )


def test_median_and_robust_deviation_by_hand() -> None:
    centre, spread, known = bounds.centre_and_spread(
        np.array([[1, 2, 3, 4, 100.0], [5, np.nan, np.nan, np.nan, np.nan]])
    )
    assert list(centre) == [3, 5]
    assert list(spread) == [pytest.approx(1.4826), 0]  # distances 2 1 0 1 97, median 1
    assert list(known) == [5, 1]


def test_cost_does_not_grow_with_history(line: Line) -> None:
    """With 1,100 published days only the new day's rows are read: the view may not even hold the others."""
    line.change(
        "insert into control.days "
        "select 'calls', 'hotline', date '2023-02-01' + i::integer, 'f' || i, 1000 from range(1100) as numbers(i)"
    )
    line.publish()
    day = date(2023, 2, 1) + timedelta(days=1100)
    line.land(day)
    assert line.check(day)[f"calls.volume_by_weekday:hotline:{day}"].expected.endswith("8 earlier Thursdays: 1,000)")
