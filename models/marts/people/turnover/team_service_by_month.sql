with agent_days as (
    select
        *,
        cast(date_trunc('month', day_local) as date) as month_start_on
    from {{ ref('agent_by_day') }}
),

-- Callers wait for a queue and not for a team: the service level is that of the whole centre.
centre_days as (
    select
        *,
        cast(date_trunc('month', day_local) as date) as month_start_on
    from {{ ref('service_level_by_day') }}
),

teams as (
    select
        source,
        team_id,
        month_start_on,
        sum(scheduled_seconds) as scheduled_seconds,
        sum(present_seconds) as present_seconds,
        sum(answered) as answered,
        sum(ratings) as ratings,
        sum(ratings_satisfied) as ratings_satisfied
    from agent_days
    where {{ only_rebuilt_days('agent_days', 'month_start_on', 'month') }}
    group by source, team_id, month_start_on
),

centres as (
    select
        source,
        month_start_on,
        sum(answered_within_target) as centre_answered_within_target,
        sum(answered + abandoned) as centre_calls
    from centre_days
    where {{ only_rebuilt_days('centre_days', 'month_start_on', 'month') }}
    group by source, month_start_on
),

final as (
    select
        teams.source,
        teams.team_id,
        teams.month_start_on,
        cast(teams.scheduled_seconds as double) as scheduled_seconds,
        cast(teams.present_seconds as double) as present_seconds,
        cast(teams.answered as bigint) as answered,
        cast(teams.ratings as bigint) as ratings,
        cast(teams.ratings_satisfied as bigint) as ratings_satisfied,
        cast(centres.centre_answered_within_target as bigint) as centre_answered_within_target,
        cast(centres.centre_calls as bigint) as centre_calls
    from teams
    left join centres on teams.source = centres.source and teams.month_start_on = centres.month_start_on
)

select * from final
