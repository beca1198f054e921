with states as (
    select * from {{ ref('int_agent_states') }}
),

assignments as (
    select * from {{ ref('int_agent_assignments') }}
),

rebuilt as (
    select * from states
    where {{ only_rebuilt_days('states', 'day_local') }}
),

numbered as (
    select
        *,
        sum(case when is_session_start or is_carried_over then 1 else 0 end) over (
            partition by source, agent, day_local
            order by started_at, raw_file_id, raw_row_number
            rows between unbounded preceding and current row
        ) as session_no
    from rebuilt
),

final as (
    select
        numbered.source,
        numbered.source || '/' || numbered.agent as agent_id,
        numbered.source || '/' || coalesce(assignments.team, 'unknown') as team_id,
        coalesce(numbered.day_local <= assignments.trainee_until, false) as is_trainee,
        numbered.day_local,
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
