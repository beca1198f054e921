with visits as (
    select * from {{ ref('fct_queue_visit') }} as visits
    where is_answered and {{ only_rebuilt_days('visits', 'arrival_on') }}
),

limits as (
    select
        source,
        business_type_id,
        day_local,
        max(case when measure = 'call' then limit_seconds end) as call_limit_seconds,
        max(case when measure = 'wrap_up' then limit_seconds end) as wrap_up_limit_seconds
    from {{ ref('handling_limits_by_day') }} as limits
    where {{ only_rebuilt_days('limits', 'day_local') }}
    group by source, business_type_id, day_local
),

assignments as (
    select
        source || '/' || agent as agent_id,
        valid_from,
        valid_to,
        trainee_until
    from {{ ref('int_agent_assignments') }}
),

flagged as (
    select
        visits.*,
        coalesce(visits.arrival_on <= assignments.trainee_until, false) as is_trainee,
        coalesce(visits.talk_seconds + coalesce(visits.hold_seconds, 0) > limits.call_limit_seconds, false)
            as is_overlong_call,
        coalesce(visits.wrap_up_seconds > limits.wrap_up_limit_seconds, false) as is_overlong_wrap_up,
        visits.is_rated and not visits.is_rated_satisfied as is_rated_unsatisfied
    from visits
    left join limits
        on
            visits.source = limits.source
            and visits.business_type_id = limits.business_type_id
            and visits.arrival_on = limits.day_local
    left join assignments
        on
            visits.agent_id = assignments.agent_id
            and visits.arrival_on between assignments.valid_from and assignments.valid_to
),

final as (
    select
        source,
        contact_id,
        visit_no,
        agent_id,
        team_id,
        is_trainee,
        queue_id,
        business_type_id,
        arrival_on,
        interval_start_local,
        answered_local,
        wait_seconds,
        talk_seconds,
        hold_seconds,
        wrap_up_seconds,
        handle_seconds,
        rating,
        is_overlong_call,
        is_overlong_wrap_up,
        is_transferred,
        is_held_over_limit,
        is_rated_unsatisfied,
        cast(
            cast(is_overlong_call as integer) + cast(is_overlong_wrap_up as integer) + cast(is_transferred as integer)
            + cast(is_held_over_limit as integer) + cast(is_rated_unsatisfied as integer) as integer
        ) as marks,
        is_simulated,
        raw_file_id,
        raw_row_number
    from flagged
)

select * from final
