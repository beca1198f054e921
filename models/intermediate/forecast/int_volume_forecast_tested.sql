with forecasts as (
    select * from {{ ref('int_volume_forecast') }}
    where day_local is not null
),

rounded as (
    select
        source,
        queue_id,
        queue_id is null as is_all_queues,
        is_simulated,
        is_backtest,
        half_hour,
        cast(known_through_on as date) as known_through_on,
        cast(day_local as date) as day_local,
        cast(calls_expected as decimal(12, 3)) as calls_expected,
        cast(calls_low as decimal(12, 3)) as calls_low,
        cast(calls_high as decimal(12, 3)) as calls_high,
        cast(case when not isnan(calls_naive) then calls_naive end as decimal(12, 3)) as calls_naive,
        cast(case when not isnan(calls_actual) then calls_actual end as decimal(12, 3)) as calls_actual
    from forecasts
),

-- Judged where it is known what came and what the naive forecast would have said, so that both are judged alike. The
-- interval is judged where calls are expected at all: a closed half hour is no success of a forecast.
tested as (
    select
        *,
        {{ days_from('known_through_on', 'day_local') }} as days_ahead,
        calls_actual is not null and calls_naive is not null as is_tested,
        calls_actual is not null and calls_naive is not null and calls_expected > 0 as is_interval_tested
    from rounded
),

measured as (
    select
        *,
        cast(case when is_tested then calls_actual else 0 end as decimal(12, 3)) as tested_calls,
        cast(case when is_tested then calls_expected - calls_actual else 0 end as decimal(12, 3)) as error_calls,
        cast(case when is_tested then abs(calls_expected - calls_actual) else 0 end as decimal(12, 3))
            as absolute_error_calls,
        cast(case when is_tested then abs(calls_naive - calls_actual) else 0 end as decimal(12, 3))
            as naive_absolute_error_calls,
        case when is_interval_tested then 1 else 0 end as tested_intervals,
        case when is_interval_tested and calls_actual between calls_low and calls_high then 1 else 0 end
            as covering_intervals
    from tested
)

select * from measured
