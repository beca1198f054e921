with visits as (
    select * from {{ ref('fct_queue_visit') }} as visits
    where {{ only_read_days('visits', 'arrival_on') }}
),

visits_of_transferred as (
    select * from {{ ref('fct_queue_visit') }} as visits
    where {{ only_read_days('visits', 'arrival_on') }}
),

-- Few contacts have a second visit: they alone are grouped, all others pass through as they are. Each use has an
-- import of its own, because DuckDB keeps in memory what is used twice.
further_visits as (
    select
        source,
        contact_id
    from {{ ref('fct_queue_visit') }} as visits
    where visit_no > 1 and {{ only_read_days('visits', 'arrival_on') }}
),

transferred as (
    select distinct
        source,
        contact_id
    from further_visits
),

contacts_of_one_visit as (
    select
        visits.source,
        visits.contact_id,
        visits.queue_id as first_queue_id,
        visits.queue_id as last_queue_id,
        case when visits.is_answered then visits.queue_id end as answered_queue_id,
        visits.business_type_id,
        visits.tier,
        visits.customer_id,
        visits.agent_id as first_agent_id,
        visits.agent_id as last_agent_id,
        visits.team_id,
        visits.ticket_id,
        visits.outage_id,
        visits.priority,
        visits.spoken_language,
        visits.channel,
        visits.direction,
        visits.entered_at,
        visits.entered_local,
        visits.left_at,
        visits.left_local,
        visits.arrival_on,
        visits.outcome as first_outcome,
        visits.outcome as last_outcome,
        visits.source_outcome,
        visits.call_kind,
        visits.place,
        visits.ended_by,
        1 as visits,
        cast(visits.is_answered as integer) as visits_answered,
        visits.self_service_seconds,
        coalesce(visits.wait_seconds, 0) as wait_seconds,
        visits.ring_seconds,
        cast(visits.ring_seconds is not null as integer) as ring_count,
        cast(visits.is_ring_within_target as integer) as rings_within_target,
        visits.talk_seconds,
        cast(visits.talk_seconds is not null as integer) as talk_count,
        cast(visits.is_talk_within_target as integer) as talks_within_target,
        visits.hold_seconds,
        visits.number_of_holds,
        visits.longest_hold_seconds,
        visits.wrap_up_seconds,
        cast(visits.wrap_up_seconds is not null as integer) as wrap_up_count,
        cast(visits.is_wrap_up_within_target as integer) as wrap_ups_within_target,
        visits.handle_seconds,
        cast(visits.handle_seconds is not null as integer) as handle_count,
        case when visits.is_offered then visits.target_seconds end as target_seconds,
        case when visits.is_offered then visits.target_share end as target_share,
        case when visits.is_offered then visits.short_abandon_seconds end as short_abandon_seconds,
        visits.rating,
        visits.rating_scale,
        visits.is_entered,
        visits.is_offered,
        visits.is_answered,
        visits.is_answered_within_target,
        visits.is_abandoned,
        visits.is_short_abandoned,
        visits.is_flowed_out,
        visits.is_busy,
        visits.is_failed,
        visits.is_test,
        visits.is_silent,
        visits.is_nuisance,
        visits.is_outbound_attempt,
        visits.is_outbound_reached,
        visits.is_transferred,
        visits.is_transferred_outside,
        visits.is_self_service_entered,
        visits.is_self_served,
        visits.is_left_in_self_service,
        visits.is_held,
        visits.is_held_over_limit,
        visits.is_by_trainee,
        visits.is_rating_offered,
        visits.is_rated,
        visits.is_rated_satisfied,
        visits.has_clock_fault,
        visits.is_simulated
    from visits
    left join transferred on visits.source = transferred.source and visits.contact_id = transferred.contact_id
    where transferred.contact_id is null
),

contacts_of_several_visits as (
    select
        visits.source,
        visits.contact_id,
        min_by(visits.queue_id, visits.visit_no) as first_queue_id,
        max_by(visits.queue_id, visits.visit_no) as last_queue_id,
        min_by(visits.queue_id, case when visits.is_answered then visits.visit_no end) as answered_queue_id,
        min_by(visits.business_type_id, visits.visit_no) as business_type_id,
        min_by(visits.tier, visits.visit_no) as tier,
        min_by(visits.customer_id, visits.visit_no) as customer_id,
        coalesce(
            min_by(
                visits.agent_id,
                case when visits.is_answered or visits.is_outbound_reached then visits.visit_no end
            ),
            min_by(visits.agent_id, visits.visit_no)
        ) as first_agent_id,
        coalesce(
            max_by(
                visits.agent_id,
                case when visits.is_answered or visits.is_outbound_reached then visits.visit_no end
            ),
            max_by(visits.agent_id, visits.visit_no)
        ) as last_agent_id,
        coalesce(
            min_by(
                visits.team_id,
                case when visits.is_answered or visits.is_outbound_reached then visits.visit_no end
            ),
            min_by(visits.team_id, visits.visit_no)
        ) as team_id,
        min_by(visits.ticket_id, case when visits.ticket_id is not null then visits.visit_no end) as ticket_id,
        min_by(visits.outage_id, case when visits.outage_id is not null then visits.visit_no end) as outage_id,
        min_by(visits.priority, visits.visit_no) as priority,
        min_by(visits.spoken_language, case when visits.spoken_language is not null then visits.visit_no end)
            as spoken_language,
        min_by(visits.channel, visits.visit_no) as channel,
        min_by(visits.direction, visits.visit_no) as direction,
        min(visits.entered_at) as entered_at,
        min_by(visits.entered_local, visits.visit_no) as entered_local,
        max(visits.left_at) as left_at,
        max_by(visits.left_local, visits.visit_no) as left_local,
        min_by(visits.arrival_on, visits.visit_no) as arrival_on,
        min_by(visits.outcome, visits.visit_no) as first_outcome,
        max_by(visits.outcome, visits.visit_no) as last_outcome,
        max_by(visits.source_outcome, visits.visit_no) as source_outcome,
        min_by(visits.call_kind, visits.visit_no) as call_kind,
        min_by(visits.place, visits.visit_no) as place,
        max_by(visits.ended_by, visits.visit_no) as ended_by,
        count(*) as visits,
        count_if(visits.is_answered) as visits_answered,
        min_by(visits.self_service_seconds, visits.visit_no) as self_service_seconds,
        sum(coalesce(visits.wait_seconds, 0)) as wait_seconds,
        sum(visits.ring_seconds) as ring_seconds,
        count(visits.ring_seconds) as ring_count,
        count_if(visits.is_ring_within_target) as rings_within_target,
        sum(visits.talk_seconds) as talk_seconds,
        count(visits.talk_seconds) as talk_count,
        count_if(visits.is_talk_within_target) as talks_within_target,
        sum(visits.hold_seconds) as hold_seconds,
        sum(visits.number_of_holds) as number_of_holds,
        max(visits.longest_hold_seconds) as longest_hold_seconds,
        sum(visits.wrap_up_seconds) as wrap_up_seconds,
        count(visits.wrap_up_seconds) as wrap_up_count,
        count_if(visits.is_wrap_up_within_target) as wrap_ups_within_target,
        sum(visits.handle_seconds) as handle_seconds,
        count(visits.handle_seconds) as handle_count,
        min_by(visits.target_seconds, case when visits.is_offered then visits.visit_no end) as target_seconds,
        min_by(visits.target_share, case when visits.is_offered then visits.visit_no end) as target_share,
        min_by(visits.short_abandon_seconds, case when visits.is_offered then visits.visit_no end)
            as short_abandon_seconds,
        -- The customer rates at the end: the last visit with a rating has it, with its scale.
        max_by(visits.rating, case when visits.rating is not null then visits.visit_no end) as rating,
        max_by(visits.rating_scale, case when visits.rating is not null then visits.visit_no end) as rating_scale,
        bool_or(visits.is_entered) as is_entered,
        bool_or(visits.is_offered) as is_offered,
        bool_or(visits.is_answered) as is_answered,
        coalesce(
            min_by(visits.is_answered_within_target, case when visits.is_offered then visits.visit_no end),
            false
        ) as is_answered_within_target,
        -- How the last queue was left, of who was never connected: who hung up while handed on had one.
        not bool_or(visits.is_answered) and coalesce(
            max_by(visits.is_abandoned, case when visits.is_offered then visits.visit_no end), false
        ) as is_abandoned,
        not bool_or(visits.is_answered) and coalesce(
            max_by(visits.is_short_abandoned, case when visits.is_offered then visits.visit_no end), false
        ) as is_short_abandoned,
        not bool_or(visits.is_answered) and coalesce(
            max_by(visits.is_flowed_out, case when visits.is_offered then visits.visit_no end), false
        ) as is_flowed_out,
        not bool_or(visits.is_answered) and max_by(visits.is_busy, visits.visit_no) as is_busy,
        not bool_or(visits.is_answered) and max_by(visits.is_failed, visits.visit_no) as is_failed,
        bool_or(visits.is_test) as is_test,
        bool_or(visits.is_silent) as is_silent,
        bool_or(visits.is_nuisance) as is_nuisance,
        bool_or(visits.is_outbound_attempt) as is_outbound_attempt,
        bool_or(visits.is_outbound_reached) as is_outbound_reached,
        bool_or(visits.is_transferred) as is_transferred,
        bool_or(visits.is_transferred_outside) as is_transferred_outside,
        bool_or(visits.is_self_service_entered) as is_self_service_entered,
        bool_or(visits.is_self_served) as is_self_served,
        bool_or(visits.is_left_in_self_service) as is_left_in_self_service,
        bool_or(visits.is_held) as is_held,
        bool_or(visits.is_held_over_limit) as is_held_over_limit,
        bool_or(visits.is_by_trainee) as is_by_trainee,
        bool_or(visits.is_rating_offered) as is_rating_offered,
        bool_or(visits.is_rated) as is_rated,
        coalesce(
            max_by(visits.is_rated_satisfied, case when visits.is_rated then visits.visit_no end),
            false
        ) as is_rated_satisfied,
        min_by(visits.has_clock_fault, visits.visit_no) as has_clock_fault,
        bool_or(visits.is_simulated) as is_simulated
    from visits_of_transferred as visits
    inner join transferred on visits.source = transferred.source and visits.contact_id = transferred.contact_id
    group by visits.source, visits.contact_id
),

contacts as (
    select * from contacts_of_one_visit
    union all
    select * from contacts_of_several_visits
),

final as (
    select
        source,
        contact_id,
        first_queue_id,
        last_queue_id,
        answered_queue_id,
        business_type_id,
        tier,
        customer_id,
        first_agent_id,
        last_agent_id,
        team_id,
        ticket_id,
        outage_id,
        priority,
        spoken_language,
        channel,
        direction,
        entered_at,
        entered_local,
        left_at,
        left_local,
        arrival_on,
        first_outcome,
        last_outcome,
        source_outcome,
        call_kind,
        place,
        ended_by,
        cast(visits as integer) as visits,
        cast(visits_answered as integer) as visits_answered,
        self_service_seconds,
        cast(wait_seconds as bigint) as wait_seconds,
        cast(ring_seconds as bigint) as ring_seconds,
        cast(ring_count as bigint) as ring_count,
        cast(rings_within_target as bigint) as rings_within_target,
        cast(talk_seconds as bigint) as talk_seconds,
        cast(talk_count as bigint) as talk_count,
        cast(talks_within_target as bigint) as talks_within_target,
        cast(hold_seconds as bigint) as hold_seconds,
        cast(number_of_holds as bigint) as number_of_holds,
        longest_hold_seconds,
        cast(wrap_up_seconds as bigint) as wrap_up_seconds,
        cast(wrap_up_count as bigint) as wrap_up_count,
        cast(wrap_ups_within_target as bigint) as wrap_ups_within_target,
        cast(handle_seconds as bigint) as handle_seconds,
        cast(handle_count as bigint) as handle_count,
        target_seconds,
        target_share,
        short_abandon_seconds,
        rating,
        rating_scale,
        is_entered,
        is_offered,
        is_answered,
        is_answered_within_target,
        is_abandoned,
        is_short_abandoned,
        is_flowed_out,
        is_busy,
        is_failed,
        is_test,
        is_silent,
        is_nuisance,
        is_outbound_attempt,
        is_outbound_reached,
        is_transferred,
        is_transferred_outside,
        is_self_service_entered,
        is_self_served,
        is_left_in_self_service,
        is_held,
        is_held_over_limit,
        is_by_trainee,
        is_rating_offered,
        is_rated,
        is_rated_satisfied,
        has_clock_fault,
        is_simulated
    from contacts
    where {{ only_rebuilt_days('contacts', 'arrival_on') }}
)

select * from final
