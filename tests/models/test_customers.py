"""Customers by month: corrected and emptied months end where a full build does, with the stages that look back."""

from __future__ import annotations

from datetime import date

from tests.models.conftest import Centre, some_visits

HEADER = "customer_id,month,arpu,joined_on,left_on,credit,list,kind,company_name,phone_present,address_present"
STAGES = (
    "select month_start_on, tier, previous_tier, life_cycle_stage from operations.marts.fct_customer_month"
    " where customer = '{}' order by all"
)


def land(centre: Centre, month: str, *rows: str) -> None:
    file = centre.home.landing / "customers" / f"customers_{month}.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")


def customer(name: str, month: str, arpu: float, kind: str = "resident") -> str:
    return f"{name},{month}-01,{arpu},2022-01-15,,A,normal,{kind},,true,true"


def agreed(centre: Centre) -> None:
    """Build what changed: the marts of customers are what a full build makes of the same files."""
    assert not centre.build().full
    incremental, full = centre.marts(), centre.marts_built_in_full()
    for mart in ("fct_customer_month", "customers_by_month"):
        assert incremental[f"operations.{mart}"] == full[f"operations.{mart}"], mart


def test_a_corrected_month_changes_the_stages_that_look_back_on_it(centre: Centre) -> None:
    # Visits on the first of a month: its customers are read again, and must be there once.
    centre.land("calls_2025-05-01", some_visits(date(2025, 5, 1), seed=1, count=20))
    for month in ("2025-01", "2025-02", "2025-03", "2025-04", "2025-05"):
        land(centre, month, customer("steady", month, 400), customer("falling", month, 100, "company"))
    assert centre.build().full
    assert centre.query(STAGES.format("steady"))[-1] == (date(2025, 5, 1), "high", "high", "stable")

    # February brought five times as much: March to May fall below the mean of the months before them.
    land(centre, "2025-02", customer("steady", "2025-02", 400), customer("falling", "2025-02", 500, "company"))
    agreed(centre)
    assert [stage for *_, stage in centre.query(STAGES.format("falling"))] == [
        *("stable", "stable", "warning", "warning", "warning"),
    ]
    ((companies, named),) = centre.query(
        "select sum(companies), sum(companies_with_name) from operations.marts.customers_by_month"
    )
    assert (companies, named) == (5, 0)

    # The month is emptied while the first of May, with its customers, is made again for its calls.
    land(centre, "2025-02")
    centre.land("calls_2025-05-01", some_visits(date(2025, 5, 1), seed=2, count=20))
    agreed(centre)
    assert centre.query(STAGES.format("falling"))[1] == (date(2025, 3, 1), "ordinary", None, "stable")
