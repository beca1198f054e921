with days as (
    select * from {{ ref('int_calendar_days') }}
),

weekdays as (
    select * from {{ ref('weekdays') }}
),

numbered as (
    select
        date_day,
        {{ iso_weekday('date_day') }} as weekday
    from days
),

final as (
    select
        numbered.date_day,
        cast(extract(year from numbered.date_day) as integer) as year,
        cast(extract(quarter from numbered.date_day) as integer) as quarter,
        cast(extract(month from numbered.date_day) as integer) as month,
        cast(date_trunc('month', numbered.date_day) as date) as month_start_on,
        cast(date_trunc('week', numbered.date_day) as date) as week_start_on,
        cast(extract(week from numbered.date_day) as integer) as iso_week,
        cast(extract(day from numbered.date_day) as integer) as day_of_month,
        numbered.weekday,
        weekdays.label_en as weekday_en,
        weekdays.label_zh as weekday_zh,
        numbered.weekday in (6, 7) as is_weekend
    from numbered
    inner join weekdays on numbered.weekday = weekdays.weekday
)

select * from final
