"""Campaigns: who is listed, who is called and when, and what comes of it, as drawn."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from simulated_centres import SHIPPED

from hotline.simulation import SimulationSummary, simulate

SETTINGS = SHIPPED.settings["campaigns"]
SALES, MEMBERS = SETTINGS["sales"], SETTINGS["member_call_back"]


@pytest.fixture(scope="module")
def campaigns(half_year_of: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """`entries` of the lists with their campaign and customer, `attempts` with theirs, at local times."""
    half_year_of.execute(
        """
        CREATE OR REPLACE VIEW entries AS
        SELECT campaign_list.*, extracted_at::TIMESTAMP AS extracted, purpose, starts_on, ends_on,
            customers.* EXCLUDE (customer_id)
        FROM campaign_list JOIN campaigns USING (campaign_id)
        LEFT JOIN customers ON customers.customer_id = campaign_list.customer_id
            AND month = date_trunc('month', extracted_at);
        CREATE OR REPLACE VIEW attempts AS
        SELECT entries.*, attempt_no, occurred_at::TIMESTAMP AS occurred, agent_id, result, reason, satisfaction,
            record_complete, sold, amount
        FROM campaign_contacts LEFT JOIN entries USING (campaign_id, list_id, customer_id)
        """
    )
    return half_year_of


def none(campaigns: duckdb.DuckDBPyConnection, table: str, condition: str) -> bool:
    return campaigns.execute(f"SELECT * FROM {table} WHERE {condition} LIMIT 3").fetchall() == []


def share_is(campaigns: duckdb.DuckDBPyConnection, expected: float, hit: str, of: str, more: float = 0) -> None:
    """Within four standard errors, and `more`, of a share among attempts."""
    found, number = campaigns.execute(f"SELECT avg(({hit})::INT), count(*) FROM attempts WHERE {of}").fetchone()
    assert abs(found - expected) < 4 * math.sqrt(expected * (1 - expected) / number) + more, (hit, of, found, number)


def test_lists_hold_whom_they_are_for(campaigns: duckdb.DuckDBPyConnection) -> None:
    assert none(campaigns, "entries", "month IS NULL OR list_id <> if(kind = 'company', 'companies', 'residents')")
    assert none(
        campaigns, "entries", "extracted::TIME <> TIME '06:00' OR NOT extracted::DATE BETWEEN starts_on AND ends_on"
    )
    assert none(campaigns, "entries", "purpose = 'sales' AND day(extracted) <> 5")
    members = "purpose = 'member_call_back'"
    assert none(campaigns, "entries", f"{members} AND extracted::DATE <> joined_on + INTERVAL 1 MONTH")
    listed, of = campaigns.execute(
        """
        SELECT (SELECT count(*) FROM entries WHERE purpose = 'sales'), count(*)
        FROM customers WHERE phone_present AND list <> 'black'
        """
    ).fetchone()
    assert abs(listed / of - SALES["listed"]) < 4 * math.sqrt(SALES["listed"] / of) + 0.0003, "some have left by then"
    # Of the members only those that left within the month are missing.
    missing, listed = campaigns.execute(
        f"""
        SELECT count(*) FILTER (entries.customer_id IS NULL), count(*)
        FROM customers LEFT JOIN entries ON entries.customer_id = customers.customer_id AND {members}
        WHERE customers.month = date_trunc('month', customers.joined_on + INTERVAL 1 MONTH)
            AND customers.phone_present AND customers.list <> 'black' AND customers.left_on IS NULL
        """
    ).fetchone()
    assert (missing, listed > 500) == (0, True)


def test_nobody_is_called_who_cannot_or_does_not_want_to_be(campaigns: duckdb.DuckDBPyConnection) -> None:
    assert none(campaigns, "attempts", "month IS NULL"), "each attempt is of an entry"
    assert none(campaigns, "entries", "NOT phone_present OR list = 'black' OR left_on <= extracted::DATE")
    assert none(campaigns, "attempts", "left_on <= occurred::DATE")
    assert none(campaigns, "attempts", "occurred < extracted OR occurred::DATE > least(ends_on, DATE '2024-07-31')")
    assert none(
        campaigns,
        "attempts",
        """NOT (occurred::TIME BETWEEN TIME '07:30' AND TIME '12:30'
            OR occurred::TIME BETWEEN TIME '14:00' AND TIME '21:00')""",
    )


def test_attempts_are_numbered_a_day_apart_and_end_when_somebody_is_reached(
    campaigns: duckdb.DuckDBPyConnection,
) -> None:
    wrong, most_of_sales, most_of_members = campaigns.execute(
        """
        SELECT count(*) FILTER (attempt_no <> place
                OR (place > 1 AND (day <> day_before + 1 OR result_before NOT IN ('no_answer', 'busy')))),
            max(attempt_no) FILTER (purpose = 'sales'), max(attempt_no) FILTER (purpose = 'member_call_back')
        FROM (
            SELECT *, row_number() OVER entry AS place, occurred::DATE AS day,
                lag(occurred::DATE) OVER entry AS day_before, lag(result) OVER entry AS result_before
            FROM attempts WINDOW entry AS (PARTITION BY campaign_id, list_id, customer_id ORDER BY occurred))
        """
    ).fetchone()
    assert (wrong, most_of_sales, most_of_members) == (0, SALES["attempts"], MEMBERS["attempts"])


def test_answers_refusals_and_records_are_as_drawn(campaigns: duckdb.DuckDBPyConnection) -> None:
    for answer, share in SETTINGS["answers"].items():
        results = "('reached', 'refused')" if answer == "reached" else f"('{answer}')"
        share_is(campaigns, share, f"result IN {results}", "true")
    for purpose, settings in (("sales", SALES), ("member_call_back", MEMBERS)):
        of = f"purpose = '{purpose}' AND result IN ('reached', 'refused')"
        # Two agents of a skill of their own.
        share_is(campaigns, settings["refused"], "result = 'refused'", of, more=0.15 * settings["refused"] + 0.02)
        share_is(campaigns, settings["complete"], "record_complete", of)
    assert none(campaigns, "attempts", "(record_complete IS NULL) = (result IN ('reached', 'refused'))")


def test_sales_are_made_to_who_listens_and_more_to_companies(campaigns: duckdb.DuckDBPyConnection) -> None:
    listens = "purpose = 'sales' AND result = 'reached'"
    share_is(campaigns, SALES["sold"], "sold", f"{listens} AND list_id = 'residents'", more=0.04)
    assert none(
        campaigns, "attempts", f"(sold IS NOT NULL) <> ({listens}) OR (amount IS NOT NULL) <> coalesce(sold, false)"
    )
    assert none(campaigns, "attempts", "purpose = 'sales' AND (reason IS NOT NULL) <> (result = 'refused')")
    for reason, share in SALES["reasons"].items():
        share_is(campaigns, share, f"reason = '{reason}'", "purpose = 'sales' AND result = 'refused'")
    mean, spread, number = campaigns.execute(
        "SELECT avg(amount), stddev(amount), count(*) FROM attempts WHERE sold"
    ).fetchone()
    assert abs(mean - SALES["amount"]["mean"]) < 4 * spread / math.sqrt(number)
    used, listed, last = campaigns.execute(
        """
        SELECT count(DISTINCT (attempts.campaign_id, attempts.customer_id)),
            (SELECT count(*) FROM entries WHERE purpose = 'sales'), max(day(occurred)) FILTER (attempt_no = 1)
        FROM attempts WHERE purpose = 'sales'
        """
    ).fetchone()
    assert abs(1 - used / listed - SALES["unused"]) < 4 * math.sqrt(SALES["unused"] / listed)
    assert last == SALES["from"] + SALES["days"]


def test_companies_buy_more(tmp_path: Path) -> None:
    found = []
    for name, odds in (("alike", 1), ("more", 5)):
        # Calls don't matter here, and a week is enough of a campaign of one day.
        changes = {
            "calls": {"per_day": 3000}, "customers": {"segments": {"=": {
                "shop": {"kind": "company", "share": 0.5, "arpu": 170, "spread": 0.7},
                "household": {"kind": "resident", "share": 0.5, "arpu": 52, "spread": 0.8}}}},
            "campaigns": {"sales": {"companies_buy": odds, "listed": 0.3, "days": 1, "from": 1}},
        }  # fmt: skip
        scenario = type(SHIPPED).read(changes=changes)
        simulate(tmp_path / name, agents=2, days=4, start=date(2024, 5, 1), seed=2, scenario=scenario)
        rows = duckdb.sql(
            f"SELECT list_id, avg(sold::INT) FROM read_csv('{tmp_path / name}/campaign_contacts/*.csv')"
            " WHERE sold IS NOT NULL GROUP BY ALL ORDER BY list_id"
        ).fetchall()
        (_, companies), (_, residents) = rows
        found.append(companies / (1 - companies) / (residents / (1 - residents)))
    assert abs(found[0] - 1) < 0.3
    assert abs(found[1] / 5 - 1) < 0.3


def test_new_members_are_called_within_three_days_and_say_how_it_was(campaigns: duckdb.DuckDBPyConnection) -> None:
    in_time, called, listed = campaigns.execute(
        """
        WITH members AS (
            SELECT campaign_id, customer_id, date_diff('day', any_value(extracted_at), min(occurred_at)) AS days
            FROM (SELECT * FROM entries WHERE purpose = 'member_call_back' AND extracted < ends_on - INTERVAL 3 DAY)
            LEFT JOIN campaign_contacts USING (campaign_id, list_id, customer_id)
            GROUP BY ALL)
        SELECT count(*) FILTER (days < 3), count(days), count(*) FROM members
        """
    ).fetchone()
    assert listed > 500
    # A few leave before they are called.
    assert abs(1 - called / listed - MEMBERS["unused"]) < 4 * math.sqrt(MEMBERS["unused"] / listed) + 0.01
    expected = 1 - (1 - MEMBERS["called_on_a_day"]) ** 3
    assert abs(in_time / called - expected) < 4 * math.sqrt(expected * (1 - expected) / called)

    listens = "purpose = 'member_call_back' AND result = 'reached'"
    assert none(campaigns, "attempts", f"(satisfaction IS NOT NULL) <> ({listens})")
    assert none(
        campaigns,
        "attempts",
        "purpose = 'member_call_back' AND (reason IS NOT NULL) <> coalesce(satisfaction = 'dissatisfied', false)",
    )
    for satisfaction, share in MEMBERS["satisfaction"].items():
        share_is(campaigns, share, f"satisfaction = '{satisfaction}'", listens)
    reasons = {
        reason
        for (reason,) in campaigns.execute(
            "SELECT DISTINCT reason FROM attempts WHERE satisfaction IS NOT NULL"
        ).fetchall()
    }
    assert reasons - {None} <= MEMBERS["reasons"].keys()


def test_targets_are_of_what_is_listed(campaigns: duckdb.DuckDBPyConnection) -> None:
    rows = campaigns.execute(
        """
        SELECT purpose, target, count(*), starts_on = min(extracted::DATE), ends_on = last_day(starts_on)
        FROM campaigns JOIN entries USING (campaign_id, purpose, starts_on, ends_on)
        GROUP BY campaign_id, purpose, target, starts_on, ends_on
        """
    ).fetchall()
    # Nobody becomes a customer in the first month that is simulated, so nobody is called for it in the second.
    assert Counter(purpose for purpose, *_ in rows) == {"sales": 6, "member_call_back": 5}
    for purpose, target, listed, *is_right in rows:
        assert (target, is_right) == (round(SETTINGS[purpose]["target"] * listed), [True, True])


def test_the_bureau_is_not_the_centre(campaigns: duckdb.DuckDBPyConnection) -> None:
    agents = campaigns.execute("SELECT DISTINCT agent_id FROM campaign_contacts ORDER BY 1").fetchall()
    assert agents == [("B001",), ("B002",)]
    assert campaigns.execute("SELECT count(*) FROM employees WHERE agent_id LIKE 'B%'").fetchone() == (0,)


def test_a_longer_run_begins_alike(tmp_path: Path) -> None:
    """What was extracted and tried by the last day of the shorter one is the same, and there is nothing after it."""
    made: list[SimulationSummary] = [
        simulate(tmp_path / name, agents=3, days=days, start=date(2024, 5, 3), seed=9)
        for name, days in (("short", 10), ("long", 40))
    ]
    for entity, moment in (("campaign_list", "extracted_at"), ("campaign_contacts", "occurred_at")):
        short, long = (
            duckdb.sql(
                f"SELECT * FROM read_csv('{one.out}/{entity}/{entity}_2024-05.csv', all_varchar = true)"
            ).fetchall()
            for one in made
        )
        at = duckdb.sql(f"DESCRIBE FROM read_csv('{made[0].out}/{entity}/*.csv')").fetchall()
        place = [name for name, *_ in at].index(moment)
        assert len(short) > 10
        assert max(row[place] for row in short)[:10] <= "2024-05-12"
        assert [row for row in long if row[place][:10] <= "2024-05-12"] == short
    rows = [duckdb.sql(f"FROM read_csv('{one.out}/campaigns/campaigns_2024-05.csv')").fetchall() for one in made]
    assert rows[0] == rows[1]


def test_hours_are_kept_where_clocks_change(tmp_path: Path) -> None:
    simulate(tmp_path, agents=12, days=9, start=date(2024, 10, 20), seed=3, zone=ZoneInfo("Europe/Berlin"))
    ((early, late, changed),) = duckdb.sql(
        f"""
        SELECT min(occurred_at[12:16]), max(occurred_at[12:16]), count(*) FILTER (occurred_at[:10] = '2024-10-27')
        FROM read_csv('{tmp_path}/campaign_contacts/*.csv', all_varchar = true)
        """
    ).fetchall()
    assert early >= "07:30"
    assert late < "21:00"
    assert changed > 5
