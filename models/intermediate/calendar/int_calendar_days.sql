with landed as (
    select
        min(day) as first_day,
        max(day) as last_day
    from {{ source('control', 'days') }}
),

years as (
    select
        cast(date_trunc('year', first_day) as date) as first_day,
        cast(date_trunc('year', last_day) + interval '1 year' - interval '1 day' as date) as last_day
    from landed
),

days as (
    {{ days_between('(select first_day from years)', '(select last_day from years)') }}
)

select * from days
