with visits as (
    select * from {{ ref('fct_queue_visit') }} as visits
    where {{ only_rebuilt_days('visits', 'arrival_on') }}
),

targets as (
    select * from {{ ref('int_operating_targets_by_day') }}
),

by_day as (
    select
        source,
        queue_id,
        business_type_id,
        arrival_on as day_local,
        coalesce(is_by_trainee, false) as is_by_trainee,
        any_value(queue) as queue,
        bool_or(is_simulated) as is_simulated,
        count_if(is_offered) as offered,
        count_if(is_answered) as answered,
        count_if(is_answered and is_by_trainee is not null) as answered_by_known,
        count_if(is_answered and coalesce(is_by_trainee, false)) as answered_by_trainees,
        count_if(is_first_answer) as contacts_answered,
        count_if(is_contact_transferred) as contacts_transferred,
        count_if(is_transferred) as visits_transferred,
        count_if(is_transferred_outside) as visits_transferred_outside,
        count_if(is_transferred_in) as visits_transferred_in,
        sum(case when is_answered then ring_seconds end) as ring_seconds,
        count(case when is_answered then ring_seconds end) as ring_count,
        count_if(is_ring_within_target) as rings_within_target,
        sum(case when is_answered then talk_seconds end) as talk_seconds,
        count(case when is_answered then talk_seconds end) as talk_count,
        count_if(is_talk_within_target) as talks_within_target,
        sum(case when is_answered then wrap_up_seconds end) as wrap_up_seconds,
        count(case when is_answered then wrap_up_seconds end) as wrap_up_count,
        count_if(is_wrap_up_within_target) as wrap_ups_within_target,
        sum(case when is_answered then handle_seconds end) as handle_seconds,
        count(case when is_answered then handle_seconds end) as handle_count,
        sum(case when is_answered then hold_seconds end) as hold_seconds,
        sum(case when is_answered then number_of_holds end) as holds,
        count_if(is_held) as visits_held,
        count_if(is_held_over_limit) as visits_held_over_limit,
        count_if(is_answered and is_rating_offered) as rating_offered,
        count_if(is_answered and is_rated) as ratings,
        count_if(is_answered and is_rated_satisfied) as ratings_satisfied,
        sum(case when is_answered and is_rated then rating end) as rating_points
    from visits
    group by source, queue_id, business_type_id, arrival_on, coalesce(is_by_trainee, false)
),

final as (
    select
        by_day.source,
        by_day.queue_id,
        by_day.queue,
        by_day.business_type_id,
        by_day.is_by_trainee,
        by_day.day_local,
        {{ iso_weekday('by_day.day_local') }} as weekday,
        by_day.is_simulated,
        cast(by_day.offered as bigint) as offered,
        cast(by_day.answered as bigint) as answered,
        cast(by_day.answered_by_known as bigint) as answered_by_known,
        cast(by_day.answered_by_trainees as bigint) as answered_by_trainees,
        cast(by_day.contacts_answered as bigint) as contacts_answered,
        cast(by_day.contacts_transferred as bigint) as contacts_transferred,
        cast(by_day.visits_transferred as bigint) as visits_transferred,
        cast(by_day.visits_transferred_outside as bigint) as visits_transferred_outside,
        cast(by_day.visits_transferred_in as bigint) as visits_transferred_in,
        cast(coalesce(by_day.ring_seconds, 0) as bigint) as ring_seconds,
        cast(by_day.ring_count as bigint) as ring_count,
        cast(by_day.rings_within_target as bigint) as rings_within_target,
        cast(coalesce(by_day.talk_seconds, 0) as bigint) as talk_seconds,
        cast(by_day.talk_count as bigint) as talk_count,
        cast(by_day.talks_within_target as bigint) as talks_within_target,
        cast(coalesce(by_day.wrap_up_seconds, 0) as bigint) as wrap_up_seconds,
        cast(by_day.wrap_up_count as bigint) as wrap_up_count,
        cast(by_day.wrap_ups_within_target as bigint) as wrap_ups_within_target,
        cast(coalesce(by_day.handle_seconds, 0) as bigint) as handle_seconds,
        cast(by_day.handle_count as bigint) as handle_count,
        cast(coalesce(by_day.hold_seconds, 0) as bigint) as hold_seconds,
        cast(coalesce(by_day.holds, 0) as bigint) as holds,
        cast(by_day.visits_held as bigint) as visits_held,
        cast(by_day.visits_held_over_limit as bigint) as visits_held_over_limit,
        cast(by_day.rating_offered as bigint) as rating_offered,
        cast(by_day.ratings as bigint) as ratings,
        cast(by_day.ratings_satisfied as bigint) as ratings_satisfied,
        cast(coalesce(by_day.rating_points, 0) as bigint) as rating_points,
        targets.ring_target_seconds,
        targets.talk_target_seconds,
        targets.wrap_up_target_seconds,
        targets.hold_limit_seconds,
        targets.transfer_target_share,
        cast(targets.ring_target_seconds * by_day.ring_count as bigint) as ring_seconds_target,
        cast(targets.talk_target_seconds * by_day.talk_count as bigint) as talk_seconds_target,
        cast(targets.wrap_up_target_seconds * by_day.wrap_up_count as bigint) as wrap_up_seconds_target,
        cast(targets.transfer_target_share * by_day.contacts_answered as decimal(18, 4)) as contacts_transferred_target
    from by_day
    left join targets on by_day.source = targets.source and by_day.day_local = targets.arrival_on
)

select * from final
