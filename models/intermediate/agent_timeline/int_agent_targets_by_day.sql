with days as (
    select * from {{ ref('int_calendar_days') }}
),

sources as (
    select * from {{ ref('int_sources') }}
),

targets as (
    select * from {{ ref('agent_targets') }}
),

in_force as (
    select
        sources.source,
        days.date_day,
        targets.kpi,
        -- A target of the source itself goes before one for all.
        max_by(targets.target, targets.source <> '*') as target
    from sources
    cross join days
    inner join targets
        on targets.source in (sources.source, '*') and days.date_day between targets.valid_from and targets.valid_to
    group by sources.source, days.date_day, targets.kpi
),

by_day as (
    select
        source,
        date_day,
        max(case when kpi = 'occupancy' then target end) as occupancy,
        max(case when kpi = 'utilisation' then target end) as utilisation,
        max(case when kpi = 'adherence' then target end) as adherence,
        max(case when kpi = 'away_compliance' then target end) as away_compliance,
        max(case when kpi = 'busy_agent_share' then target end) as busy_agent_share,
        max(case when kpi = 'contacts_per_hour' then target end) as contacts_per_hour,
        max(case when kpi = 'handle_time' then target end) as handle_time
    from in_force
    group by source, date_day
)

select * from by_day
