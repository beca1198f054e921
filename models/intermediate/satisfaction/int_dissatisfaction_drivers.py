"""What goes with dissatisfaction, over the last weeks of each source: a fit of the odds and one of the rating each."""


def model(dbt, session):
    dbt.config(materialized="table")
    # Libraries that only this model needs: not before it runs.
    from hotline.statistics.dissatisfaction import drivers_of_sources

    contacts, resolution = dbt.ref("fct_contact"), dbt.ref("contact_resolution")
    visits, scales = dbt.ref("fct_queue_visit"), dbt.ref("rating_scales").project("rating_scale, lowest, highest")

    def rated(source, first, last):
        of_source = f"source = '{source}' and is_rated and arrival_on between date '{first}' and date '{last}'"
        of_contacts = contacts.filter(f"{of_source} and is_answered and handle_seconds > 0").project(
            "contact_id, arrival_on as day, not is_rated_satisfied as is_dissatisfied, business_type_id,"
            " is_transferred, (coalesce(talk_seconds, 0) + coalesce(hold_seconds, 0)) / 60.0 as handle_minutes,"
            " coalesce(hold_seconds, 0) > 0 as is_held"
        )
        # The last visit that was rated, perhaps after midnight: its rating, the wait before it, and who answered.
        of_visits = visits.filter(f"{of_source} + 1").aggregate(
            "contact_id, max_by(coalesce(wait_seconds, 0), visit_no) / 60.0 as wait_minutes,"
            " max_by(coalesce(is_by_trainee, false), visit_no) as is_by_trainee,"
            " arg_max_null(agent_id, visit_no) as agent_id,"
            " max_by(rating, visit_no) as rating, max_by(rating_scale, visit_no) as rating_scale"
        )
        return of_contacts.join(of_visits, "contact_id").join(scales, "rating_scale", how="left").df()

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
