with days as (
    select * from {{ ref('int_calendar_days') }}
),

sources as (
    select * from {{ ref('int_sources') }}
),

rules as (
    select * from {{ ref('quality_rules') }}
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
        cast(max(case when rule = 'least_reviews_ranked' then value end) as integer) as least_reviews_ranked,
        cast(max(case when rule = 'learning_days' then value end) as integer) as learning_days,
        cast(max(case when rule = 'least_persons_shown' then value end) as integer) as least_persons_shown,
        cast(max(case when rule = 'follow_up_days' then value end) as integer) as follow_up_days,
        cast(max(case when rule = 'pass_target' then value end) as decimal(9, 6)) as pass_target,
        cast(max(case when rule = 'key_business_pass_target' then value end) as decimal(9, 6))
            as key_business_pass_target
    from in_force
    group by source, date_day
)

select * from by_day
