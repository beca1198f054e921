with days as (
    select * from {{ ref('service_level_by_day') }}
),

intervals as (
    select * from {{ ref('service_level_by_interval') }}
),

weather as (
    select * from {{ ref('int_weather_by_day') }}
),

events as (
    select * from {{ ref('int_calendar_events') }}
),

opening_hours as (
    select * from {{ ref('int_opening_hours_by_day') }}
),

calls as (
    select
        source,
        day_local,
        bool_or(is_simulated) as is_simulated,
        sum(entered) as entered,
        sum(self_served) as self_served,
        sum(offered) as offered,
        sum(answered) as answered,
        sum(abandoned) as abandoned
    from days
    group by source, day_local
),

half_hours as (
    select
        source,
        day_local,
        half_hour_start_at,
        sum(offered) as offered
    from intervals
    group by source, day_local, half_hour_start_at
    having sum(offered) > 0
),

busiest as (
    select
        source,
        day_local,
        max(offered) as busiest_half_hour_offered,
        count(*) as half_hours_with_calls
    from half_hours
    group by source, day_local
),

-- Open when the queue with the longest hours is.
opened as (
    select
        source,
        date_day as day_local,
        max(open_half_hours) as open_half_hours
    from opening_hours
    group by source, date_day
),

events_of_day as (
    select
        source,
        day_local,
        string_agg(distinct label_en, ', ' order by label_en) as events_en,
        string_agg(distinct label_zh, '、' order by label_zh) as events_zh
    from events
    group by source, day_local
),

final as (
    select
        calls.source,
        calls.day_local,
        {{ iso_weekday('calls.day_local') }} as weekday,
        calls.is_simulated,
        cast(1 as bigint) as days,
        weather.source is not null as has_weather,
        cast(case when weather.source is not null then 1 else 0 end as bigint) as days_with_weather,
        cast(calls.entered as bigint) as entered,
        cast(calls.self_served as bigint) as self_served,
        cast(calls.offered as bigint) as offered,
        cast(calls.answered as bigint) as answered,
        cast(calls.abandoned as bigint) as abandoned,
        cast(coalesce(busiest.busiest_half_hour_offered, 0) as bigint) as busiest_half_hour_offered,
        cast(
            calls.offered * 1.0
            / coalesce(nullif(opened.open_half_hours, 0), busiest.half_hours_with_calls) as decimal(18, 6)
        ) as mean_half_hour_offered,
        cast(weather.places as bigint) as places,
        cast(weather.max_celsius_of_hottest as decimal(4, 1)) as max_celsius_of_hottest,
        cast(floor(weather.max_celsius_of_hottest / 2) * 2 as integer) as celsius_band,
        cast(weather.max_celsius_mean as decimal(6, 3)) as max_celsius_mean,
        cast(weather.heat_degrees as decimal(6, 3)) as heat_degrees,
        cast(weather.rain_mm_mean as decimal(8, 3)) as rain_mm_mean,
        events_of_day.events_en,
        events_of_day.events_zh
    from calls
    left join busiest on calls.source = busiest.source and calls.day_local = busiest.day_local
    left join opened on calls.source = opened.source and calls.day_local = opened.day_local
    left join weather on calls.source = weather.source and calls.day_local = weather.day_local
    left join events_of_day on calls.source = events_of_day.source and calls.day_local = events_of_day.day_local
)

select * from final
