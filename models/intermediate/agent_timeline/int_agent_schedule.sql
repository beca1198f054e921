with planned as (
    select * from {{ ref('stg_hotline__agent_schedules') }}
    where ends_at > starts_at
),

activities as (
    select * from {{ ref('schedule_activities') }}
),

-- An activity ends where the agent's next one begins: two at once would count the same minute twice.
ended as (
    select
        planned.source,
        planned.agent,
        planned.activity,
        planned.shift_pattern,
        planned.time_zone,
        coalesce(activities.is_available, false) as is_available,
        coalesce(activities.is_paid, true) as is_paid,
        planned.starts_at,
        least(
            planned.ends_at,
            lead(planned.starts_at) over (
                partition by planned.source, planned.agent
                order by planned.starts_at, planned.ends_at, planned.activity
            )
        ) as ends_at
    from planned
    left join activities on planned.activity = activities.activity
),

placed as (
    select
        *,
        cast({{ local_time('starts_at', 'time_zone') }} as date) as starts_on,
        cast({{ local_time("ends_at - interval '1 millisecond'", 'time_zone') }} as date) as ends_on
    from ended
    where ends_at > starts_at
),

midnights as (
    select
        *,
        case
            when ends_on > starts_on
                then {{ instant_of("cast(starts_on + interval '1 day' as timestamp)", 'time_zone') }}
        end as midnight_at
    from placed
),

pieces as (
    select 0 as piece
    union all
    select 1 as piece
),

split as (
    select
        midnights.source,
        midnights.agent,
        midnights.activity,
        midnights.shift_pattern,
        midnights.is_available,
        midnights.is_paid,
        cast(midnights.starts_on + pieces.piece * interval '1 day' as date) as day_local,
        case when pieces.piece = 0 then midnights.starts_at else midnights.midnight_at end as starts_at,
        case
            when pieces.piece = 0 then coalesce(midnights.midnight_at, midnights.ends_at)
            else midnights.ends_at
        end as ends_at
    from midnights
    inner join pieces on pieces.piece = 0 or midnights.midnight_at is not null
)

select * from split
