with employees as (
    select
        source,
        as_of
    from {{ ref('stg_hotline__employees') }} as records
    where {{ of_changed_sources('records', ['employees']) }}
),

rules as (
    select * from {{ ref('hr_rules') }}
),

counted as (
    select
        source,
        as_of,
        count(*) as employees
    from employees
    group by source, as_of
),

-- A rule of the source itself goes before one for all.
ruled as (
    select
        counted.source,
        counted.as_of,
        any_value(counted.employees) as employees,
        max_by(rules.value, rules.source <> '*') filter (where rules.rule = 'complete_snapshot_share') as least_share,
        max_by(rules.value, rules.source <> '*') filter (where rules.rule = 'complete_snapshot_days') as days_before,
        max_by(rules.value, rules.source <> '*') filter (where rules.rule = 'snapshot_slack_days') as slack_days
    from counted
    inner join rules
        on
            rules.source in (counted.source, '*')
            and counted.as_of between rules.valid_from and rules.valid_to
    group by counted.source, counted.as_of
),

compared as (
    select
        ruled.source,
        ruled.as_of,
        any_value(ruled.employees) as employees,
        any_value(ruled.least_share) as least_share,
        any_value(ruled.slack_days) as slack_days,
        max(earlier.employees) as largest
    from ruled
    inner join ruled as earlier
        on
            ruled.source = earlier.source
            and earlier.as_of between ruled.as_of - ruled.days_before * interval '1 day' and ruled.as_of
    group by ruled.source, ruled.as_of
),

final as (
    select
        source,
        as_of,
        cast(employees as bigint) as employees,
        employees >= least_share * largest as is_complete,
        cast(slack_days as integer) as slack_days
    from compared
)

select * from final
