with days as (
    select * from {{ ref('int_calendar_days') }}
),

sources as (
    select * from {{ ref('int_sources') }}
),

rules as (
    select * from {{ ref('risk_rules') }}
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
        max(case when rule = 'window_months' then value end) as window_months,
        max(case when rule = 'correction_days' then value end) as correction_days,
        max(case when rule = 'control_leeway' then value end) as control_leeway,
        max(case when rule = 'history_high_months' then value end) as history_high_months,
        max(case when rule = 'history_medium_months' then value end) as history_medium_months,
        max(case when rule = 'least_reviews_ranked' then value end) as least_reviews_ranked
    from in_force
    group by source, date_day
)

select * from by_day
