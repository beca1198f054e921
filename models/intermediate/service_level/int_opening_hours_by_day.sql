with days as (
    select * from {{ ref('int_calendar_days') }}
),

opening_hours as (
    select * from {{ ref('opening_hours') }}
),

by_day as (
    select
        opening_hours.source,
        opening_hours.queue,
        days.date_day,
        cast(sum(opening_hours.closes_minute - opening_hours.opens_minute) / 30 as integer) as open_half_hours
    from days
    inner join opening_hours
        on
            {{ iso_weekday('days.date_day') }} = opening_hours.weekday
            and days.date_day between opening_hours.valid_from and opening_hours.valid_to
    group by opening_hours.source, opening_hours.queue, days.date_day
)

select * from by_day
