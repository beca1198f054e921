with days as (
    select * from {{ ref('int_calendar_days') }}
),

sources as (
    select * from {{ ref('int_sources') }}
),

rules as (
    select * from {{ ref('satisfaction_rules') }}
),

in_force as (
    select
        sources.source,
        days.date_day,
        rules.rule,
        -- A rule of the source itself goes before one for all.
        max_by(rules.value, rules.source <> '*') as value
    from sources
    cross join days
    inner join rules
        on rules.source in (sources.source, '*') and days.date_day between rules.valid_from and rules.valid_to
    group by sources.source, days.date_day, rules.rule
),

by_day as (
    select
        source,
        date_day,
        max(case when rule = 'least_ratings_ranked' then value end) as least_ratings_ranked,
        max(case when rule = 'regression_days' then value end) as regression_days,
        max(case when rule = 'repeat_days' then value end) as repeat_days
    from in_force
    group by source, date_day
)

select * from by_day
