with half_hours as (
    select * from {{ ref('volume_forecast') }}
    where is_backtest
),

days as (
    select * from {{ ref('volume_forecast_by_day') }}
    where is_backtest
),

forecasts as (
    select * from {{ ref('int_volume_forecast') }}
),

queues as (
    select
        source,
        queue_id,
        any_value(is_simulated) as is_simulated,
        any_value(history_days) as history_days,
        any_value(problem) as problem
    from forecasts
    group by source, queue_id
),

-- Judged by half hour and by day: a day is easier.
judged as (
    select
        'half hour' as judged_by,
        source,
        queue_id,
        tested_calls,
        error_calls,
        absolute_error_calls,
        naive_absolute_error_calls,
        tested_intervals,
        covering_intervals
    from half_hours
    union all
    select
        'day' as judged_by,
        source,
        queue_id,
        tested_calls,
        error_calls,
        absolute_error_calls,
        naive_absolute_error_calls,
        tested_intervals,
        covering_intervals
    from days
),

final as (
    select
        queues.source,
        queues.queue_id,
        coalesce(substr(queues.queue_id, length(queues.source) + 2), 'all queues') as queue,
        queues.queue_id is null as is_all_queues,
        case when queues.queue_id is null then 0 else 1 end as queue_rows,
        coalesce(judged.judged_by, 'half hour') as judged_by,
        any_value(queues.is_simulated) as is_simulated,
        case when any_value(queues.problem) is null then 'forecast' else 'history too short' end as status,
        any_value(queues.problem) as reason,
        cast(any_value(queues.history_days) as integer) as history_days,
        cast(coalesce(sum(judged.tested_calls), 0) as decimal(18, 3)) as tested_calls,
        cast(coalesce(sum(judged.error_calls), 0) as decimal(18, 3)) as error_calls,
        cast(coalesce(sum(judged.absolute_error_calls), 0) as decimal(18, 3)) as absolute_error_calls,
        cast(coalesce(sum(judged.naive_absolute_error_calls), 0) as decimal(18, 3)) as naive_absolute_error_calls,
        cast(coalesce(sum(judged.tested_intervals), 0) as bigint) as tested_intervals,
        cast(coalesce(sum(judged.covering_intervals), 0) as bigint) as covering_intervals
    from queues
    left join judged on queues.source = judged.source and queues.queue_id is not distinct from judged.queue_id
    group by queues.source, queues.queue_id, judged.judged_by
)

select * from final
