"""How much slower trainees are on the same matters, over the last thirteen weeks of each source."""


def model(dbt, session):
    dbt.config(materialized="table")
    # Libraries that only this model needs: not before it runs.
    import pandas as pd

    from hotline.statistics.trainees import DAYS, MEASURES, trainee_effects

    visits = dbt.ref("fct_queue_visit")
    values = {
        "average_talk_time": ("talk_seconds", "is_answered"),
        "average_wrap_up_time": ("wrap_up_seconds", "is_answered"),
        "average_handle_time": ("handle_seconds", "is_answered"),
        "transfer_rate": ("cast(is_contact_transferred as integer)", "is_first_answer"),
    }
    parts = [pd.DataFrame(columns=["source", "measure"])]
    for source, last_day in dbt.ref("int_visits_loaded_through").fetchall():
        of_source = visits.filter(
            f"source = '{source}' and arrival_on > date '{last_day}' - {DAYS} and agent_id is not null and is_answered"
        )
        for measure in MEASURES:
            value, condition = values[measure]
            sums = of_source.filter(f"{condition} and {value} is not null").aggregate(
                "source, agent_id, coalesce(business_type_id, '') as business_type_id,"
                " coalesce(is_by_trainee, false) as is_by_trainee, count(*) as cases,"
                f" cast(sum({value}) as double) as total, cast(sum({value} * {value}) as double) as squares"
            )
            first_day = last_day - pd.Timedelta(days=DAYS - 1)
            parts.append(sums.df().assign(measure=measure, first_day=first_day, last_day=last_day))
    return trainee_effects(pd.concat(parts))
