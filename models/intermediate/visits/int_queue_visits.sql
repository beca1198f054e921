with visits as (
    select * from {{ ref('int_visits_arrived') }}
),

transferred as (
    select * from {{ ref('int_visits_of_transferred_contacts') }}
),

targets as (
    select * from {{ ref('int_service_level_targets') }}
),

operating_targets as (
    select * from {{ ref('int_operating_targets_by_day') }}
),

rating_scales as (
    select * from {{ ref('rating_scales') }}
),

joined as (
    select
        visits.*,
        targets.target_seconds,
        targets.target_share,
        targets.short_abandon_seconds,
        operating_targets.ring_target_seconds,
        operating_targets.talk_target_seconds,
        operating_targets.wrap_up_target_seconds,
        operating_targets.hold_limit_seconds,
        visits.rating >= rating_scales.satisfied_from as is_satisfied,
        visits.outcome = 'answered' as has_answer,
        coalesce(transferred.is_first_visit, true) as is_first_visit,
        coalesce(transferred.is_last_visit, true) as is_last_visit,
        coalesce(transferred.is_first_answer, visits.outcome = 'answered') as has_first_answer,
        coalesce(transferred.is_transferred, visits.outcome = 'answered' and visits.transferred_to is not null)
            as has_transfer,
        coalesce(transferred.is_contact_transferred, visits.outcome = 'answered' and visits.transferred_to is not null)
            as has_contact_transfer,
        -- Test, silent and nuisance calls stand in columns of their own and in no other count.
        visits.outcome = 'test' as is_test,
        visits.outcome <> 'test' and coalesce(visits.call_kind = 'silent', false) as is_silent,
        visits.outcome <> 'test' and coalesce(visits.call_kind = 'nuisance', false) as is_nuisance,
        visits.outcome <> 'test' and coalesce(visits.call_kind not in ('silent', 'nuisance'), true) as is_plain,
        {{ seconds_between('visits.entered_at', 'coalesce(visits.queued_at, visits.left_at)') }}
            as self_service_clock_seconds,
        {{ seconds_between('visits.arrived_at', 'coalesce(visits.answered_at, visits.left_at)') }}
            as wait_clock_seconds
    from visits
    left join transferred
        on
            visits.source = transferred.source
            and visits.contact_id = transferred.contact_id
            and visits.visit_no = transferred.visit_no
    left join targets
        on
            visits.source = targets.source
            and visits.queue = targets.queue
            and visits.tier = targets.tier
            and visits.arrival_on = targets.arrival_on
    left join operating_targets
        on visits.source = operating_targets.source and visits.arrival_on = operating_targets.arrival_on
    left join rating_scales on visits.rating_scale = rating_scales.rating_scale
),

classified as (
    select
        *,
        is_plain and direction = 'inbound' as is_inbound,
        is_plain and direction = 'outbound' as is_outbound,
        is_plain and direction = 'inbound'
        and outcome in ('answered', 'abandoned', 'callback_requested', 'voicemail', 'overflow') as is_offered,
        is_plain and has_answer as is_connected,
        -- A wait below zero is a fault of a clock: nobody waited.
        greatest(coalesce(wait_seconds, wait_clock_seconds), 0) as counted_wait_seconds,
        is_first_visit and self_service_clock_seconds < 0 as has_clock_fault
    from joined
),

flagged as (
    select
        source,
        contact_id,
        visit_no,
        queue,
        business_type,
        priority,
        tier,
        customer,
        agent,
        channel,
        direction,
        call_kind,
        entered_at,
        entered_local,
        queued_at,
        queued_local,
        -- Answered, but nobody says when: after the wait.
        coalesce(
            answered_at,
            case when has_answer then arrived_at + counted_wait_seconds * interval '1 second' end
        ) as answered_at,
        coalesce(
            answered_local,
            case when has_answer then arrived_local + counted_wait_seconds * interval '1 second' end
        ) as answered_local,
        left_at,
        left_local,
        arrived_at,
        arrival_on,
        time_zone,
        outcome,
        source_outcome,
        case when is_first_visit and not has_clock_fault then self_service_clock_seconds end as self_service_seconds,
        case when is_offered or queued_at is not null then counted_wait_seconds end as wait_seconds,
        case when is_connected then ring_seconds end as ring_seconds,
        case when is_connected then talk_seconds end as talk_seconds,
        case when is_connected then hold_seconds end as hold_seconds,
        case when is_connected then number_of_holds end as number_of_holds,
        case when is_connected then longest_hold_seconds end as longest_hold_seconds,
        case when is_connected then wrap_up_seconds end as wrap_up_seconds,
        -- Without talk time nothing is known of the handling; hold and after-call work may simply not be recorded.
        case
            when is_connected then talk_seconds + coalesce(hold_seconds, 0) + coalesce(wrap_up_seconds, 0)
        end as handle_seconds,
        target_seconds,
        target_share,
        short_abandon_seconds,
        is_inbound and is_first_visit and outcome not in ('busy', 'failed') as is_entered,
        is_inbound and is_first_visit and (
            outcome in ('self_served', 'left_in_self_service')
            or coalesce(is_offered and self_service_clock_seconds <> 0, false)
        ) as is_self_service_entered,
        is_offered,
        is_offered and has_answer as is_answered,
        is_offered and outcome = 'abandoned' as is_abandoned,
        is_offered and outcome = 'abandoned' and counted_wait_seconds <= short_abandon_seconds as is_short_abandoned,
        is_offered and outcome in ('callback_requested', 'voicemail', 'overflow') as is_flowed_out,
        is_offered and has_answer and counted_wait_seconds <= target_seconds as is_answered_within_target,
        is_offered and outcome = 'abandoned' and counted_wait_seconds <= target_seconds as is_abandoned_within_target,
        is_inbound and outcome = 'self_served' as is_self_served,
        is_inbound and outcome = 'left_in_self_service' as is_left_in_self_service,
        is_inbound and outcome = 'busy' as is_busy,
        is_inbound and outcome = 'failed' as is_failed,
        is_test,
        is_silent,
        is_nuisance,
        is_offered and has_first_answer as is_first_answer,
        is_offered and has_transfer as is_transferred,
        is_offered and not is_first_visit as is_transferred_in,
        is_offered and has_transfer and is_last_visit as is_transferred_outside,
        is_offered and has_first_answer and has_contact_transfer as is_contact_transferred,
        is_outbound as is_outbound_attempt,
        is_outbound and has_answer as is_outbound_reached,
        is_connected and coalesce(is_rating_offered, rating is not null) as is_rating_offered,
        is_connected and is_satisfied is not null as is_rated,
        is_connected and coalesce(is_satisfied, false) as is_rated_satisfied,
        is_offered and has_answer and coalesce(ring_seconds <= ring_target_seconds, false) as is_ring_within_target,
        is_offered and has_answer and coalesce(talk_seconds <= talk_target_seconds, false) as is_talk_within_target,
        is_offered and has_answer and coalesce(wrap_up_seconds <= wrap_up_target_seconds, false)
            as is_wrap_up_within_target,
        is_offered and has_answer
        and (coalesce(number_of_holds > 0, false) or coalesce(hold_seconds > 0, false)) as is_held,
        -- Where the longest hold is not told, all of it counts as one: never fewer than there were.
        is_offered and has_answer
        and coalesce(coalesce(longest_hold_seconds, hold_seconds) > hold_limit_seconds, false) as is_held_over_limit,
        is_by_trainee,
        ended_by,
        place,
        spoken_language,
        ticket_id,
        outage_id,
        has_clock_fault,
        transferred_to,
        rating,
        rating_scale,
        is_simulated,
        raw_file_id,
        raw_row_number
    from classified
)

select * from flagged
