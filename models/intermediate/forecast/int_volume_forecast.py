"""Forecasts and back-tests of all queues; remade whole, from a window of history that does not grow."""


def model(dbt, session):
    dbt.config(materialized="table")
    # Libraries that only this model needs: not before it runs.
    from hotline.statistics.volumes import forecast_queues

    return forecast_queues(
        calls=dbt.ref("int_volume_history").df(),
        days=dbt.ref("int_forecast_days").df(),
        heat=dbt.ref("int_weather_by_day").df(),
        events=dbt.ref("int_calendar_events").df(),
        rules=dbt.ref("int_forecast_rules").df(),
    )
