with states as (
    select * from {{ ref('int_agent_states') }}
),

assignments as (
    select * from {{ ref('int_agent_assignments') }}
),

rules as (
    select * from {{ ref('int_agent_rules_by_day') }}
),

rebuilt as (
    select * from states
    where {{ only_rebuilt_days('states', 'day_local') }}
),

-- What the day before began goes on after midnight until the agent has been gone for long, at the latest until noon:
-- that is what makes a duty depend on two days only.
dutiful as (
    select
        rebuilt.*,
        case
            when
                rebuilt.is_session_start
                and coalesce(rebuilt.gap_seconds > rules.longest_gap_in_duty_seconds, true)
                then 1
            when rebuilt.started_local >= rebuilt.day_local + interval '12 hours' then 1
            else 0
        end as begins_duty
    from rebuilt
    left join rules on rebuilt.source = rules.source and rebuilt.day_local = rules.date_day
),

numbered as (
    select
        *,
        sum(case when is_session_start or is_carried_over then 1 else 0 end) over agent_day as session_no,
        sum(begins_duty) over agent_day as duties_begun
    from dutiful
    window
        agent_day as (
            partition by source, agent, day_local
            order by started_at, raw_file_id, raw_row_number
            rows between unbounded preceding and current row
        )
),

final as (
    select
        numbered.source,
        numbered.source || '/' || numbered.agent as agent_id,
        numbered.source || '/' || coalesce(assignments.team, 'unknown') as team_id,
        coalesce(numbered.day_local <= assignments.trainee_until, false) as is_trainee,
        numbered.day_local,
        cast(numbered.day_local - case when numbered.duties_begun = 0 then 1 else 0 end * interval '1 day' as date)
            as duty_on,
        cast(numbered.session_no as integer) as session_no,
        numbered.state,
        numbered.reason,
        numbered.seat,
        numbered.contact_id,
        numbered.started_at,
        numbered.started_local,
        numbered.ended_at,
        numbered.ended_local,
        cast(numbered.duration_seconds as decimal(12, 3)) as duration_seconds,
        numbered.is_carried_over,
        numbered.is_session_start,
        numbered.is_session_end,
        numbered.is_inferred_start,
        numbered.is_inferred_end,
        numbered.is_repeated,
        cast(numbered.clock_offset_seconds as decimal(12, 3)) as clock_offset_seconds,
        numbered.raw_file_id,
        numbered.raw_row_number
    from numbered
    left join assignments
        on
            numbered.source = assignments.source
            and numbered.agent = assignments.agent
            and numbered.day_local between assignments.valid_from and assignments.valid_to
)

select * from final
