"""The comparisons that the seed declares, from the marts that carry their measures; each looks at its own days only."""


def model(dbt, session):
    dbt.config(materialized="table")
    # Libraries that only this model needs: not before it runs.
    from hotline.statistics.comparisons import compare_declared

    marts = {
        "agent_by_day": dbt.ref("agent_by_day"),
        "complaint_rate_by_day": dbt.ref("complaint_rate_by_day"),
        "fct_quality_review": dbt.ref("fct_quality_review"),
        "handling_by_day": dbt.ref("handling_by_day"),
        "resolution_by_day": dbt.ref("resolution_by_day"),
        "service_level_by_day": dbt.ref("service_level_by_day"),
        "staffing_by_interval": dbt.ref("staffing_by_interval"),
    }

    def sums(mart, numerator, denominator, condition):
        by_day = f"day_local, sum({numerator}) as numerator, sum({denominator}) as denominator"
        return marts[mart].filter(condition).aggregate(by_day).df()

    catalogue = dbt.ref("kpi_catalogue").filter(f"mart in {tuple(marts)}")
    last_days = dbt.ref("int_visits_loaded_through").fetchall()
    return compare_declared(dbt.ref("declared_comparisons").df(), catalogue.df(), dict(last_days), sums)
