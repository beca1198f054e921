with days as (
    select * from {{ ref('int_calendar_days') }}
),

sources as (
    select * from {{ ref('int_sources') }}
),

rules as (
    select * from {{ ref('agent_rules') }}
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
        max(case when rule = 'busy_contacts_per_hour' then value end) as busy_contacts_per_hour,
        max(case when rule = 'least_judged_seconds' then value end) as least_judged_seconds,
        max(case when rule = 'limit_robust_deviations' then value end) as limit_robust_deviations,
        max(case when rule = 'limit_least_contacts' then value end) as limit_least_contacts,
        max(case when rule = 'longest_gap_in_duty_seconds' then value end) as longest_gap_in_duty_seconds,
        max(case when rule = 'hard_phone_tolerance_seconds' then value end) as hard_phone_tolerance_seconds,
        max(case when rule = 'longest_dialling_delay_seconds' then value end) as longest_dialling_delay_seconds,
        max(case when rule = 'second_dialling_within_seconds' then value end) as second_dialling_within_seconds,
        max(case when rule = 'smallest_clock_offset_seconds' then value end) as smallest_clock_offset_seconds,
        max(case when rule = 'largest_clock_offset_seconds' then value end) as largest_clock_offset_seconds,
        max(case when rule = 'least_clock_contacts' then value end) as least_clock_contacts
    from in_force
    group by source, date_day
)

select * from by_day
