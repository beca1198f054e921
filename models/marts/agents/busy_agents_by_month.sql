with agent_days as (
    select
        *,
        cast(date_trunc('month', day_local) as date) as month_start_on
    from {{ ref('agent_by_day') }}
),

rules as (
    select * from {{ ref('int_agent_rules_by_day') }}
),

-- An agent who changed the team within the month stands in both, with what was done in each.
agents as (
    select
        source,
        team_id,
        is_trainee,
        month_start_on,
        agent_id,
        bool_or(is_simulated) as is_simulated,
        sum(signed_in_seconds) as signed_in_seconds,
        sum(answered_of_signed_in) as answered
    from agent_days
    where {{ only_rebuilt_days('agent_days', 'month_start_on', 'month') }}
    group by source, team_id, is_trainee, month_start_on, agent_id
    having sum(signed_in_seconds) > 0
),

judged as (
    select
        agents.*,
        agents.answered * 3600 > rules.busy_contacts_per_hour * agents.signed_in_seconds as is_busy
    from agents
    inner join rules on agents.source = rules.source and agents.month_start_on = rules.date_day
    where agents.signed_in_seconds >= rules.least_judged_seconds
),

final as (
    select
        source,
        team_id,
        is_trainee,
        month_start_on,
        bool_or(is_simulated) as is_simulated,
        cast(count(*) as bigint) as agents,
        cast(count_if(is_busy) as bigint) as agents_busy
    from judged
    group by source, team_id, is_trainee, month_start_on
)

select * from final
