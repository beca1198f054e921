with intervals as (
    select * from {{ ref('service_level_by_interval') }}
),

days as (
    select * from {{ ref('int_forecast_days') }}
),

half_hours as (
    select
        intervals.source,
        intervals.queue_id,
        intervals.day_local,
        cast(
            extract(hour from intervals.half_hour_start_local) * 2
            + extract(minute from intervals.half_hour_start_local) / 30 as integer
        ) as half_hour,
        bool_or(intervals.is_simulated) as is_simulated,
        cast(sum(intervals.offered) as double) as calls
    from intervals
    inner join days on intervals.source = days.source and intervals.day_local = days.day_local
    where intervals.offered > 0
    group by intervals.source, intervals.queue_id, intervals.day_local, half_hour
)

select * from half_hours
