-- Two imports and not one used twice: DuckDB would keep all visits in memory between the two uses.
with visits as (
    select * from {{ ref('fct_queue_visit') }} as visits
    where {{ only_rebuilt_days('visits', 'arrival_on') }}
),

-- Answers stand in the interval of the answer, which may lie on the day after the arrival.
answered_visits as (
    select
        source,
        queue_id,
        queue,
        tier,
        is_simulated,
        time_bucket(interval '15 minutes', answered_at) as interval_start_at,
        time_bucket(interval '15 minutes', answered_local) as interval_start_local,
        cast(answered_local as date) as day_local
    from {{ ref('fct_queue_visit') }} as visits
    where is_answered and {{ only_read_days('visits', 'arrival_on') }}
),

arrivals as (
    select
        source,
        queue_id,
        tier,
        interval_start_at,
        any_value(queue) as queue,
        any_value(interval_start_local) as interval_start_local,
        bool_or(is_simulated) as is_simulated,
        count_if(is_entered) as entered,
        count_if(is_self_service_entered) as self_service_entered,
        count_if(is_self_served) as self_served,
        count_if(is_left_in_self_service) as left_in_self_service,
        count_if(is_busy) as busy,
        count_if(is_failed) as failed,
        count_if(is_test) as test_calls,
        count_if(is_silent) as silent_calls,
        count_if(is_nuisance) as nuisance_calls,
        count_if(is_offered) as offered,
        count_if(is_answered) as answered,
        count_if(is_abandoned) as abandoned,
        count_if(is_short_abandoned) as short_abandoned,
        count_if(is_flowed_out) as flowed_out,
        count_if(is_answered_within_target) as answered_within_target,
        count_if(is_abandoned_within_target) as abandoned_within_target,
        count_if(is_first_answer) as contacts_answered,
        count_if(is_contact_transferred) as contacts_transferred,
        count_if(is_transferred) as visits_transferred,
        count_if(is_outbound_attempt) as outbound_attempts,
        count_if(is_outbound_reached) as outbound_reached,
        sum(case when is_answered then wait_seconds end) as wait_seconds_answered,
        sum(case when is_abandoned then wait_seconds end) as wait_seconds_abandoned,
        sum(case when is_answered then ring_seconds end) as ring_seconds,
        count(case when is_answered then ring_seconds end) as ring_count,
        sum(case when is_answered then talk_seconds end) as talk_seconds,
        count(case when is_answered then talk_seconds end) as talk_count,
        sum(case when is_answered then hold_seconds end) as hold_seconds,
        count(case when is_answered then hold_seconds end) as hold_count,
        sum(case when is_answered then wrap_up_seconds end) as wrap_up_seconds,
        count(case when is_answered then wrap_up_seconds end) as wrap_up_count,
        sum(case when is_answered then handle_seconds end) as handle_seconds,
        count(case when is_answered then handle_seconds end) as handle_count,
        max(case when is_offered then wait_seconds end) as longest_wait_seconds,
        count_if(is_answered and is_rating_offered) as rating_offered,
        count_if(is_answered and is_rated) as ratings,
        count_if(is_answered and is_rated_satisfied) as ratings_satisfied,
        sum(case when is_answered or is_abandoned then target_share end) as target_answers,
        max(case when is_offered then target_seconds end) as target_seconds
    from visits
    group by source, queue_id, tier, interval_start_at
),

answers as (
    select
        source,
        queue_id,
        tier,
        interval_start_at,
        any_value(queue) as queue,
        any_value(interval_start_local) as interval_start_local,
        bool_or(is_simulated) as is_simulated,
        count(*) as answered_in_interval
    from answered_visits
    where {{ only_rebuilt_days('answered_visits', 'day_local') }}
    group by source, queue_id, tier, interval_start_at
),

combined as (
    select
        coalesce(arrivals.source, answers.source) as source,
        coalesce(arrivals.queue_id, answers.queue_id) as queue_id,
        coalesce(arrivals.queue, answers.queue) as queue,
        coalesce(arrivals.tier, answers.tier) as tier,
        coalesce(arrivals.interval_start_at, answers.interval_start_at) as interval_start_at,
        coalesce(arrivals.interval_start_local, answers.interval_start_local) as interval_start_local,
        coalesce(arrivals.is_simulated, answers.is_simulated) as is_simulated,
        cast(coalesce(arrivals.entered, 0) as bigint) as entered,
        cast(coalesce(arrivals.self_service_entered, 0) as bigint) as self_service_entered,
        cast(coalesce(arrivals.self_served, 0) as bigint) as self_served,
        cast(coalesce(arrivals.left_in_self_service, 0) as bigint) as left_in_self_service,
        cast(coalesce(arrivals.busy, 0) as bigint) as busy,
        cast(coalesce(arrivals.failed, 0) as bigint) as failed,
        cast(coalesce(arrivals.test_calls, 0) as bigint) as test_calls,
        cast(coalesce(arrivals.silent_calls, 0) as bigint) as silent_calls,
        cast(coalesce(arrivals.nuisance_calls, 0) as bigint) as nuisance_calls,
        cast(coalesce(arrivals.offered, 0) as bigint) as offered,
        cast(coalesce(arrivals.answered, 0) as bigint) as answered,
        cast(coalesce(arrivals.abandoned, 0) as bigint) as abandoned,
        cast(coalesce(arrivals.short_abandoned, 0) as bigint) as short_abandoned,
        cast(coalesce(arrivals.flowed_out, 0) as bigint) as flowed_out,
        cast(coalesce(answers.answered_in_interval, 0) as bigint) as answered_in_interval,
        cast(coalesce(arrivals.answered_within_target, 0) as bigint) as answered_within_target,
        cast(coalesce(arrivals.abandoned_within_target, 0) as bigint) as abandoned_within_target,
        cast(coalesce(arrivals.contacts_answered, 0) as bigint) as contacts_answered,
        cast(coalesce(arrivals.contacts_transferred, 0) as bigint) as contacts_transferred,
        cast(coalesce(arrivals.visits_transferred, 0) as bigint) as visits_transferred,
        cast(coalesce(arrivals.outbound_attempts, 0) as bigint) as outbound_attempts,
        cast(coalesce(arrivals.outbound_reached, 0) as bigint) as outbound_reached,
        cast(coalesce(arrivals.wait_seconds_answered, 0) as bigint) as wait_seconds_answered,
        cast(coalesce(arrivals.wait_seconds_abandoned, 0) as bigint) as wait_seconds_abandoned,
        cast(coalesce(arrivals.ring_seconds, 0) as bigint) as ring_seconds,
        cast(coalesce(arrivals.ring_count, 0) as bigint) as ring_count,
        cast(coalesce(arrivals.talk_seconds, 0) as bigint) as talk_seconds,
        cast(coalesce(arrivals.talk_count, 0) as bigint) as talk_count,
        cast(coalesce(arrivals.hold_seconds, 0) as bigint) as hold_seconds,
        cast(coalesce(arrivals.hold_count, 0) as bigint) as hold_count,
        cast(coalesce(arrivals.wrap_up_seconds, 0) as bigint) as wrap_up_seconds,
        cast(coalesce(arrivals.wrap_up_count, 0) as bigint) as wrap_up_count,
        cast(coalesce(arrivals.handle_seconds, 0) as bigint) as handle_seconds,
        cast(coalesce(arrivals.handle_count, 0) as bigint) as handle_count,
        arrivals.longest_wait_seconds,
        cast(coalesce(arrivals.rating_offered, 0) as bigint) as rating_offered,
        cast(coalesce(arrivals.ratings, 0) as bigint) as ratings,
        cast(coalesce(arrivals.ratings_satisfied, 0) as bigint) as ratings_satisfied,
        cast(coalesce(arrivals.target_answers, 0) as decimal(18, 4)) as target_answers,
        arrivals.target_seconds
    from arrivals
    full outer join answers
        on
            arrivals.source = answers.source
            and arrivals.queue_id = answers.queue_id
            and arrivals.tier = answers.tier
            and arrivals.interval_start_at = answers.interval_start_at
),

placed as (
    select
        *,
        cast(interval_start_local as date) as day_local,
        time_bucket(interval '30 minutes', interval_start_local) as half_hour_start_local
    from combined
),

final as (
    select
        source,
        queue_id,
        queue,
        tier,
        day_local,
        interval_start_at,
        interval_start_local,
        interval_start_at - (interval_start_local - half_hour_start_local) as half_hour_start_at,
        half_hour_start_local,
        {{ clock_label('half_hour_start_local') }} as half_hour_label,
        {{ iso_weekday('day_local') }} as weekday,
        is_simulated,
        entered,
        self_service_entered,
        self_served,
        left_in_self_service,
        busy,
        failed,
        test_calls,
        silent_calls,
        nuisance_calls,
        offered,
        answered,
        abandoned,
        short_abandoned,
        flowed_out,
        answered_in_interval,
        answered_within_target,
        abandoned_within_target,
        contacts_answered,
        contacts_transferred,
        visits_transferred,
        outbound_attempts,
        outbound_reached,
        wait_seconds_answered,
        wait_seconds_abandoned,
        ring_seconds,
        ring_count,
        talk_seconds,
        talk_count,
        hold_seconds,
        hold_count,
        wrap_up_seconds,
        wrap_up_count,
        handle_seconds,
        handle_count,
        longest_wait_seconds,
        rating_offered,
        ratings,
        ratings_satisfied,
        target_answers,
        target_seconds
    from placed
)

select * from final
