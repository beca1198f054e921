"""What goes with dissatisfaction, over the last weeks of each source: one regression per source."""


def model(dbt, session):
    dbt.config(materialized="table")
    # Libraries that only this model needs: not before it runs.
    from hotline.statistics.dissatisfaction import drivers_of_sources

    contacts, resolution = dbt.ref("fct_contact"), dbt.ref("contact_resolution")

    def rated(source, first, last):
        of_source = f"source = '{source}' and arrival_on between date '{first}' and date '{last}'"
        return (
            contacts.filter(f"{of_source} and is_rated and is_answered and handle_seconds > 0")
            .project(
                "contact_id, arrival_on as day, not is_rated_satisfied as is_dissatisfied, business_type_id,"
                " wait_seconds / 60.0 as wait_minutes, is_transferred, is_by_trainee,"
                " (coalesce(talk_seconds, 0) + coalesce(hold_seconds, 0)) / 60.0 as handle_minutes,"
                " coalesce(hold_seconds, 0) > 0 as is_held"
            )
            .df()
        )

    def repeats(source, first, last, days):
        found = resolution.filter(
            f"source = '{source}' and has_repeat and arrival_on between date '{first}' - {days} and date '{last}'"
            f" and repeat_entered_at <= entered_at + interval '{days} days'"
        )
        return found.project("contact_id, repeat_contact_id").fetchall()

    last_days = dict(dbt.ref("int_visits_loaded_through").fetchall())
    # Of all days that there are, the last loaded ones.
    days = ", ".join(f"date '{day}'" for day in set(last_days.values())) or "null"
    rules = {
        (source, day): (regression_days, repeat_days)
        for source, day, regression_days, repeat_days in dbt.ref("int_satisfaction_rules_by_day")
        .filter(f"date_day in ({days})")
        .project("source, date_day, regression_days, repeat_days")
        .fetchall()
    }
    return drivers_of_sources(last_days, rules, rated, repeats)
