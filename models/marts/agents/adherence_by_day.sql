with states as (
    select
        source,
        agent_id,
        day_local,
        state,
        started_at,
        ended_at
    from {{ ref('fct_agent_state') }} as states
    where {{ only_rebuilt_days('states', 'day_local') }}
),

schedule as (
    select
        source,
        source || '/' || agent as agent_id,
        day_local,
        activity,
        shift_pattern,
        is_known,
        is_available,
        is_paid,
        starts_at,
        ends_at,
        {{ exact_seconds_between('starts_at', 'ends_at') }} as planned_seconds
    from {{ ref('int_agent_schedule') }} as schedule
    where {{ only_rebuilt_days('schedule', 'day_local') }}
),

loaded as (
    select * from {{ ref('int_visits_loaded_through') }}
),

-- A roster may reach beyond the last loaded day: nobody has kept it yet, and nobody broken it.
due as (
    select schedule.*
    from schedule
    left join loaded on schedule.source = loaded.source
    where schedule.day_local <= coalesce(loaded.loaded_through_on, schedule.day_local)
),

state_kinds as (
    select * from {{ ref('agent_states') }}
),

planned as (
    select
        source,
        agent_id,
        day_local,
        max(shift_pattern) as shift_pattern,
        sum(planned_seconds) as scheduled_seconds,
        sum(case when is_available then planned_seconds else 0 end) as scheduled_available_seconds,
        sum(case when is_paid then planned_seconds else 0 end) as scheduled_paid_seconds,
        sum(case when is_known then 0 else planned_seconds end) as unknown_activity_seconds
    from due
    group by source, agent_id, day_local
),

-- As planned: a state within an activity that it belongs to.
kept as (
    select
        due.source,
        due.agent_id,
        due.day_local,
        sum(
            {{ exact_seconds_between(
                'greatest(due.starts_at, states.started_at)',
                'least(due.ends_at, states.ended_at)'
            ) }}
        ) as adherent_seconds
    from states
    inner join state_kinds on states.state = state_kinds.state
    inner join due
        on
            states.source = due.source
            and states.agent_id = due.agent_id
            and states.day_local = due.day_local
            and state_kinds.activity = due.activity
            and states.started_at < due.ends_at
            and states.ended_at > due.starts_at
    group by due.source, due.agent_id, due.day_local
),

-- Activities that follow each other without a break are one stretch of duty: few rows to lay over many states.
marked as (
    select
        *,
        case
            when starts_at = lag(ends_at) over (partition by source, agent_id, day_local order by starts_at) then 0
            else 1
        end as is_first
    from due
),

grouped as (
    select
        *,
        sum(is_first) over (
            partition by source, agent_id, day_local
            order by starts_at
            rows between unbounded preceding and current row
        ) as stretch
    from marked
),

stretches as (
    select
        source,
        agent_id,
        day_local,
        stretch,
        min(starts_at) as starts_at,
        max(ends_at) as ends_at
    from grouped
    group by source, agent_id, day_local, stretch
),

present as (
    select
        stretches.source,
        stretches.agent_id,
        stretches.day_local,
        sum(
            {{ exact_seconds_between(
                'greatest(stretches.starts_at, states.started_at)',
                'least(stretches.ends_at, states.ended_at)'
            ) }}
        ) as present_seconds,
        sum(
            case
                when state_kinds.activity = 'available'
                    then {{ exact_seconds_between(
                        'greatest(stretches.starts_at, states.started_at)',
                        'least(stretches.ends_at, states.ended_at)'
                    ) }}
                else 0
            end
        ) as serving_seconds
    from states
    inner join state_kinds on states.state = state_kinds.state
    inner join stretches
        on
            states.source = stretches.source
            and states.agent_id = stretches.agent_id
            and states.day_local = stretches.day_local
            and states.started_at < stretches.ends_at
            and states.ended_at > stretches.starts_at
    group by stretches.source, stretches.agent_id, stretches.day_local
),

final as (
    select
        planned.source,
        planned.agent_id,
        planned.day_local,
        planned.shift_pattern,
        cast(planned.scheduled_seconds as decimal(18, 3)) as scheduled_seconds,
        cast(planned.scheduled_available_seconds as decimal(18, 3)) as scheduled_available_seconds,
        cast(planned.scheduled_paid_seconds as decimal(18, 3)) as scheduled_paid_seconds,
        cast(planned.unknown_activity_seconds as decimal(18, 3)) as unknown_activity_seconds,
        cast(coalesce(kept.adherent_seconds, 0) as decimal(18, 3)) as adherent_seconds,
        cast(coalesce(present.present_seconds, 0) as decimal(18, 3)) as present_seconds,
        cast(coalesce(present.serving_seconds, 0) as decimal(18, 3)) as serving_seconds
    from planned
    left join kept on planned.agent_id = kept.agent_id and planned.day_local = kept.day_local
    left join present on planned.agent_id = present.agent_id and planned.day_local = present.day_local
)

select * from final
