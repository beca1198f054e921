"""Customers by month, and the callers' tiers."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from simulated_centres import SHIPPED

from hotline.simulation import simulate
from hotline.simulation.customers import whole_months

CUSTOMERS, TIERS = SHIPPED.settings["customers"], SHIPPED.settings["tiers"]
PRIORITY = "CASE WHEN list = 'black' THEN -1 {} ELSE 0 END".format(
    " ".join(
        f"WHEN arpu >= {tier['least']['arpu']} AND credit <= '{tier['least']['credit']}' "
        "AND date_sub('month', joined_on, least(last_day(month), left_on)) "
        f">= {tier['least']['months']} THEN {tier['priority']}"
        for tier in reversed(TIERS.values())
        if "least" in tier
    )
)


def test_every_known_caller_is_a_customer_of_the_month_with_the_priority_of_his_tier(
    half_year_of: duckdb.DuckDBPyConnection,
) -> None:
    """But for calls around the midnight of a first of a month, and of who has left and calls again."""
    unknown, elsewhere, wrong, number = half_year_of.execute(
        f"""
        SELECT count(*) FILTER (calls.customer_id NOT IN (SELECT customer_id FROM customers)),
            count(*) FILTER (month IS NULL), count(*) FILTER (priority <> {PRIORITY}), count(*)
        FROM calls LEFT JOIN customers
        ON customers.customer_id = calls.customer_id AND month = date_trunc('month', entered)
        WHERE calls.customer_id IS NOT NULL AND direction = 'inbound' AND visit_no = 1
        """
    ).fetchone()
    assert (unknown, number > 100_000) == (0, True)
    assert elsewhere <= 10
    assert wrong <= 2
    assert half_year_of.execute("SELECT DISTINCT priority FROM calls ORDER BY 1").fetchall() == [
        (-1,),
        (0,),
        (1,),
        (2,),
    ]


def test_customers_leave_as_drawn_most_of_them_with_little_revenue(half_year_of: duckdb.DuckDBPyConnection) -> None:
    leaving = CUSTOMERS["leaving"]
    below, left_below, above, left_above = half_year_of.execute(
        f"""
        SELECT count(*) FILTER (arpu < {leaving["arpu"]}),
            count(left_on) FILTER (arpu < {leaving["arpu"]}),
            count(*) FILTER (arpu >= {leaving["arpu"]}), count(left_on) FILTER (arpu >= {leaving["arpu"]})
        FROM customers
        """
    ).fetchone()
    # Those who decline leave more often.
    assert 1 < left_below / below / leaving["below"] < 1.2
    assert 1 < left_above / above / leaving["above"] < 1.2
    share = left_below / (left_below + left_above)
    assert abs(share - 0.87) < 0.03, "the published share of leavers with an ARPU under 50"


def test_a_customer_keeps_what_does_not_change_until_leaving(half_year_of: duckdb.DuckDBPyConnection) -> None:
    changed, after, before_joining, later = half_year_of.execute(
        """
        WITH spells AS (
            SELECT customer_id, count(DISTINCT (joined_on, kind, segment, credit, list, gender, birth_year)) AS kinds,
                count(*) AS months, max(month) AS last, min(left_on) AS left_on, min(joined_on) AS joined_on
            FROM customers GROUP BY customer_id)
        SELECT count(*) FILTER (kinds > 1), count(*) FILTER (last > left_on),
            count(*) FILTER (joined_on > last_day(last)), count(*) FILTER (joined_on > DATE '2024-02-29')
        FROM spells
        """
    ).fetchone()
    assert (changed, after, before_joining) == (0, 0, 0)
    assert later > 0, "others come"
    by_month = half_year_of.execute("SELECT count(*) FROM customers GROUP BY month").fetchall()
    assert len(set(by_month)) == 1


def test_records_are_as_complete_as_drawn(half_year_of: duckdb.DuckDBPyConnection) -> None:
    number, companies, named, phone, address, birth_year, none = half_year_of.execute(
        """
        SELECT count(*), count(*) FILTER (kind = 'company'),
            avg((company_name IS NOT NULL)::INT) FILTER (kind = 'company'),
            avg(phone_present::INT), avg(address_present::INT),
            avg((birth_year IS NOT NULL)::INT) FILTER (kind = 'resident'),
            count(*) FILTER (kind = 'resident' AND company_name IS NOT NULL)
        FROM customers WHERE month = '2024-02-01'
        """
    ).fetchone()
    assert none == 0
    for found, name, of in (
        (named, "company_name", companies),
        (phone, "phone", number),
        (address, "address", number),
        (birth_year, "birth_year", number - companies),
    ):
        drawn = CUSTOMERS["complete"][name]
        assert abs(found - drawn) < 4 * math.sqrt(drawn * (1 - drawn) / of), name


def test_whole_months_are_those_of_the_warehouse() -> None:
    draw = np.random.default_rng(1)
    since = date(2019, 12, 1).toordinal() + draw.integers(0, 2000, 2000)
    since -= np.array([max(0, date.fromordinal(int(day)).day - 28) for day in since])
    until = since + draw.integers(0, 900, 2000)
    rows = [(date.fromordinal(int(a)), date.fromordinal(int(b))) for a, b in zip(since, until, strict=True)]
    connection = duckdb.connect()
    connection.execute("CREATE TABLE spans (a DATE, b DATE)")
    connection.executemany("INSERT INTO spans VALUES (?, ?)", rows)
    found = [
        row[0] for row in connection.execute("SELECT date_sub('month', a, b) FROM spans ORDER BY rowid").fetchall()
    ]
    assert found == whole_months(since, until).tolist()


def test_the_customers_of_a_longer_run_are_the_same(tmp_path: Path) -> None:
    for name, days in (("short", 3), ("long", 40)):
        simulate(tmp_path / name, agents=2, days=days, start=date(2024, 5, 30), seed=9)
    columns = "customer_id, month, arpu, joined_on, credit, list, segment, company_name"
    rows = [
        duckdb.sql(f"SELECT {columns} FROM read_csv('{tmp_path / name}/customers/customers_2024-05.csv')").fetchall()
        for name in ("short", "long")
    ]
    assert rows[0] == rows[1]
    assert len(rows[0]) > 1000
