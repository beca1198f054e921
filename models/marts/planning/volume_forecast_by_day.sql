with forecasts as (
    select * from {{ ref('int_volume_forecast_tested') }}
    where half_hour is null
),

final as (
    select
        source,
        queue_id,
        coalesce(substr(queue_id, length(source) + 2), 'all queues') as queue,
        is_all_queues,
        case when is_all_queues then 0 else 1 end as queue_rows,
        is_simulated,
        is_backtest,
        known_through_on,
        cast(days_ahead as integer) as days_ahead,
        day_local,
        {{ iso_weekday('day_local') }} as weekday,
        calls_expected,
        calls_low,
        calls_high,
        calls_naive,
        calls_actual,
        tested_calls,
        error_calls,
        absolute_error_calls,
        naive_absolute_error_calls,
        cast(tested_intervals as bigint) as tested_intervals,
        cast(covering_intervals as bigint) as covering_intervals
    from forecasts
)

select * from final
