with visits as (
    select * from {{ ref('int_queue_visits') }}
),

assignments as (
    select * from {{ ref('int_agent_assignments') }}
),

-- Team and standing by HR's record of the day; what the call itself says of a trainee goes before it.
assigned as (
    select
        visits.*,
        coalesce(assignments.team, 'unknown') as team,
        coalesce(visits.is_by_trainee, visits.arrival_on <= assignments.trainee_until) as has_trainee
    from visits
    left join assignments
        on
            visits.source = assignments.source
            and visits.agent = assignments.agent
            and visits.arrival_on between assignments.valid_from and assignments.valid_to
    where {{ only_rebuilt_days('visits', 'arrival_on') }}
),

final as (
    select
        source,
        contact_id,
        visit_no,
        source || '/' || queue as queue_id,
        queue,
        source || '/' || coalesce(business_type, 'unknown') as business_type_id,
        business_type,
        priority,
        tier,
        source || '/' || coalesce(customer, 'unknown') as customer_id,
        source || '/' || coalesce(agent, 'unknown') as agent_id,
        source || '/' || team as team_id,
        channel,
        direction,
        call_kind,
        entered_at,
        entered_local,
        queued_at,
        queued_local,
        answered_at,
        answered_local,
        left_at,
        left_local,
        arrival_on,
        time_bucket(interval '15 minutes', arrived_at) as interval_start_at,
        {{ local_time("time_bucket(interval '15 minutes', arrived_at)", 'time_zone') }} as interval_start_local,
        outcome,
        source_outcome,
        self_service_seconds,
        wait_seconds,
        ring_seconds,
        talk_seconds,
        hold_seconds,
        number_of_holds,
        longest_hold_seconds,
        wrap_up_seconds,
        handle_seconds,
        target_seconds,
        target_share,
        short_abandon_seconds,
        is_entered,
        is_self_service_entered,
        is_offered,
        is_answered,
        is_abandoned,
        is_short_abandoned,
        is_flowed_out,
        is_answered_within_target,
        is_abandoned_within_target,
        is_self_served,
        is_left_in_self_service,
        is_busy,
        is_failed,
        is_test,
        is_silent,
        is_nuisance,
        is_first_answer,
        is_transferred,
        is_transferred_in,
        is_transferred_outside,
        is_contact_transferred,
        is_outbound_attempt,
        is_outbound_reached,
        is_ring_within_target,
        is_talk_within_target,
        is_wrap_up_within_target,
        is_held,
        is_held_over_limit,
        has_trainee as is_by_trainee,
        is_rating_offered,
        is_rated,
        is_rated_satisfied,
        transferred_to,
        ended_by,
        place,
        spoken_language,
        ticket_id,
        outage_id,
        rating,
        rating_scale,
        has_clock_fault,
        is_simulated,
        raw_file_id,
        raw_row_number
    from assigned
)

select * from final
