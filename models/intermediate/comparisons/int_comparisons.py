"""The comparisons that the seed declares, from the marts that carry their measures; each looks at its own days only."""


def model(dbt, session):
    dbt.config(materialized="table")
    # Libraries that only this model needs: not before it runs.
    from functools import cache

    from hotline.statistics.comparisons import compare_declared

    # Every mart with KPIs and a day, week or month of its own. dbt reads the names, to know what is built before;
    # none is opened before a comparison asks for it.
    marts = {
        "agent_by_day": lambda: dbt.ref("agent_by_day"),
        "agent_warnings": lambda: dbt.ref("agent_warnings"),
        "busy_agents_by_month": lambda: dbt.ref("busy_agents_by_month"),
        "call_back_satisfaction": lambda: dbt.ref("call_back_satisfaction"),
        "call_backs_by_day": lambda: dbt.ref("call_backs_by_day"),
        "call_kinds_by_day": lambda: dbt.ref("call_kinds_by_day"),
        "calls_and_weather_by_day": lambda: dbt.ref("calls_and_weather_by_day"),
        "claims_by_month": lambda: dbt.ref("claims_by_month"),
        "complaint_causes": lambda: dbt.ref("complaint_causes"),
        "complaint_rate_by_day": lambda: dbt.ref("complaint_rate_by_day"),
        "complaints_by_day": lambda: dbt.ref("complaints_by_day"),
        "customers_asking_by_month": lambda: dbt.ref("customers_asking_by_month"),
        "customers_by_month": lambda: dbt.ref("customers_by_month"),
        "duplicates_by_month": lambda: dbt.ref("duplicates_by_month"),
        "errors_followed_up_by_month": lambda: dbt.ref("errors_followed_up_by_month"),
        "fct_quality_review": lambda: dbt.ref("fct_quality_review"),
        "handling_by_day": lambda: dbt.ref("handling_by_day"),
        "missed_calls_by_day": lambda: dbt.ref("missed_calls_by_day"),
        "outages_by_month": lambda: dbt.ref("outages_by_month"),
        "peak_factor_by_month": lambda: dbt.ref("peak_factor_by_month"),
        "pooled_staffing_by_interval": lambda: dbt.ref("pooled_staffing_by_interval"),
        "quality_pass_rates": lambda: dbt.ref("quality_pass_rates"),
        "resolution_by_day": lambda: dbt.ref("resolution_by_day"),
        "satisfaction_by_week": lambda: dbt.ref("satisfaction_by_week"),
        "service_level_by_day": lambda: dbt.ref("service_level_by_day"),
        "staffing_by_interval": lambda: dbt.ref("staffing_by_interval"),
        "ticket_backlog_by_day": lambda: dbt.ref("ticket_backlog_by_day"),
        "ticket_step_timeliness": lambda: dbt.ref("ticket_step_timeliness"),
        "tickets_by_day": lambda: dbt.ref("tickets_by_day"),
        "tier_moves_by_month": lambda: dbt.ref("tier_moves_by_month"),
        "training_by_month": lambda: dbt.ref("training_by_month"),
        "waits_by_day": lambda: dbt.ref("waits_by_day"),
    }

    @cache
    def relation(mart):
        return marts[mart]()

    def columns_of(mart):
        return relation(mart).columns if mart in marts else None

    def ask(mart, columns, condition):
        return relation(mart).filter(condition).aggregate(columns).df()

    catalogue = dbt.ref("kpi_catalogue").filter(f"mart in {tuple(marts)}").df()
    delivered = {}
    for source, day, _ in dbt.ref("int_landed_visits_by_day").fetchall():
        delivered.setdefault(source, set()).add(day)
    return compare_declared(dbt.ref("declared_comparisons").df(), catalogue, delivered, columns_of, ask)
