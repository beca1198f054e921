with visits as (
    select * from {{ ref('int_visits_arrived') }}
),

targets as (
    select * from {{ ref('service_level_targets') }}
),

groups as (
    select distinct
        source,
        queue,
        tier,
        arrival_on
    from visits
),

fitting as (
    select
        groups.source,
        groups.queue,
        groups.tier,
        groups.arrival_on,
        targets.target_seconds,
        targets.target_share,
        targets.short_abandon_seconds,
        case when targets.queue <> '*' then 4 else 0 end
        + case when targets.tier <> '*' then 2 else 0 end
        + case when targets.source <> '*' then 1 else 0 end as named_parts
    from groups
    inner join targets
        on
            targets.source in (groups.source, '*')
            and targets.queue in (groups.queue, '*')
            and targets.tier in (groups.tier, '*')
            and groups.arrival_on between targets.valid_from and targets.valid_to
),

most_specific as (
    select
        source,
        queue,
        tier,
        arrival_on,
        max_by(target_seconds, named_parts) as target_seconds,
        max_by(target_share, named_parts) as target_share,
        max_by(short_abandon_seconds, named_parts) as short_abandon_seconds
    from fitting
    group by source, queue, tier, arrival_on
)

select * from most_specific
