with intervals as (
    select
        *,
        cast(date_trunc('month', day_local) as date) as month_start_on
    from {{ ref('service_level_by_interval') }}
),

opening_hours as (
    select * from {{ ref('int_opening_hours_by_day') }}
),

half_hours as (
    select
        source,
        queue_id,
        month_start_on,
        day_local,
        half_hour_start_at,
        any_value(queue) as queue,
        bool_or(is_simulated) as is_simulated,
        sum(offered) as offered
    from intervals
    where {{ only_rebuilt_days('intervals', 'month_start_on', 'month') }}
    group by source, queue_id, month_start_on, day_local, half_hour_start_at
    having sum(offered) > 0
),

days as (
    select
        source,
        queue_id,
        month_start_on,
        day_local,
        any_value(queue) as queue,
        bool_or(is_simulated) as is_simulated,
        sum(offered) as offered,
        max(offered) as busiest_half_hour_offered,
        count(*) as half_hours_with_calls
    from half_hours
    group by source, queue_id, month_start_on, day_local
),

opened as (
    select
        days.*,
        days.offered * 1.0 / coalesce(
            nullif(hours_of_queue.open_half_hours, 0),
            nullif(hours_of_source.open_half_hours, 0),
            days.half_hours_with_calls
        ) as mean_half_hour_offered
    from days
    left join opening_hours as hours_of_queue
        on
            days.source = hours_of_queue.source
            and days.queue = hours_of_queue.queue
            and days.day_local = hours_of_queue.date_day
    left join opening_hours as hours_of_source
        on
            days.source = hours_of_source.source
            and hours_of_source.queue = '*'
            and days.day_local = hours_of_source.date_day
),

final as (
    select
        source,
        queue_id,
        any_value(queue) as queue,
        month_start_on,
        bool_or(is_simulated) as is_simulated,
        count(*) as days,
        cast(sum(offered) as bigint) as offered,
        cast(sum(busiest_half_hour_offered) as double) as busiest_half_hours_offered,
        cast(sum(mean_half_hour_offered) as double) as mean_half_hours_offered,
        cast(max(offered) as double) as busiest_day_offered,
        cast(avg(offered) as double) as mean_day_offered
    from opened
    group by source, queue_id, month_start_on
)

select * from final
