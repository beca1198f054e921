with planned as (
    select * from {{ ref('stg_hotline__agent_schedules') }}
    where ends_at > starts_at
),

activities as (
    select * from {{ ref('schedule_activities') }}
),

reached as (
    select
        *,
        max(ends_at) over (
            partition by source, agent
            order by starts_at, ends_at, activity, shift_pattern
            rows between unbounded preceding and 1 preceding
        ) as reached_at
    from planned
),

-- Activities that overlap make a stretch; those that follow each other are one each.
stretches as (
    select
        *,
        sum(case when starts_at < reached_at then 0 else 1 end) over (
            partition by source, agent
            order by starts_at, ends_at, activity, shift_pattern
            rows between unbounded preceding and current row
        ) as stretch
    from reached
),

moments as (
    select
        source,
        agent,
        stretch,
        starts_at as moment_at
    from stretches
    union
    select
        source,
        agent,
        stretch,
        ends_at as moment_at
    from stretches
),

pieces_of_stretches as (
    select
        *,
        lead(moment_at) over (partition by source, agent, stretch order by moment_at) as next_at
    from moments
),

-- Of several at once holds what began last, which is the meal within a shift; after it the shift goes on.
innermost as (
    select
        stretches.source,
        stretches.agent,
        stretches.activity,
        stretches.shift_pattern,
        stretches.time_zone,
        pieces_of_stretches.moment_at as starts_at,
        pieces_of_stretches.next_at as ends_at
    from pieces_of_stretches
    inner join stretches
        on
            pieces_of_stretches.source = stretches.source
            and pieces_of_stretches.agent = stretches.agent
            and pieces_of_stretches.stretch = stretches.stretch
            and pieces_of_stretches.moment_at >= stretches.starts_at
            and pieces_of_stretches.next_at <= stretches.ends_at
    qualify
        row_number() over (
            partition by pieces_of_stretches.source, pieces_of_stretches.agent, pieces_of_stretches.moment_at
            order by
                stretches.starts_at desc, stretches.ends_at asc, stretches.activity asc, stretches.shift_pattern asc
        ) = 1
),

known as (
    select
        innermost.*,
        activities.activity is not null as is_known,
        coalesce(activities.is_available, false) as is_available,
        coalesce(activities.is_paid, true) as is_paid
    from innermost
    left join activities on innermost.activity = activities.activity
),

placed as (
    select
        *,
        cast({{ local_time('starts_at', 'time_zone') }} as date) as starts_on,
        cast({{ local_time("ends_at - interval '1 millisecond'", 'time_zone') }} as date) as ends_on
    from known
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
        midnights.time_zone,
        midnights.is_known,
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
