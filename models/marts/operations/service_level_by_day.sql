with intervals as (
    select * from {{ ref('service_level_by_interval') }} as intervals
    where {{ only_rebuilt_days('intervals', 'day_local') }}
),

opening_hours as (
    select * from {{ ref('int_opening_hours_by_day') }}
),

days as (
    select
        source,
        queue_id,
        any_value(queue) as queue,
        tier,
        day_local,
        any_value(weekday) as weekday,
        bool_or(is_simulated) as is_simulated,
        cast(sum(entered) as bigint) as entered,
        cast(sum(self_service_entered) as bigint) as self_service_entered,
        cast(sum(self_served) as bigint) as self_served,
        cast(sum(left_in_self_service) as bigint) as left_in_self_service,
        cast(sum(busy) as bigint) as busy,
        cast(sum(failed) as bigint) as failed,
        cast(sum(test_calls) as bigint) as test_calls,
        cast(sum(silent_calls) as bigint) as silent_calls,
        cast(sum(nuisance_calls) as bigint) as nuisance_calls,
        cast(sum(offered) as bigint) as offered,
        cast(sum(answered) as bigint) as answered,
        cast(sum(abandoned) as bigint) as abandoned,
        cast(sum(short_abandoned) as bigint) as short_abandoned,
        cast(sum(flowed_out) as bigint) as flowed_out,
        cast(sum(answered_within_target) as bigint) as answered_within_target,
        cast(sum(abandoned_within_target) as bigint) as abandoned_within_target,
        cast(sum(contacts_answered) as bigint) as contacts_answered,
        cast(sum(contacts_transferred) as bigint) as contacts_transferred,
        cast(sum(visits_transferred) as bigint) as visits_transferred,
        cast(sum(outbound_attempts) as bigint) as outbound_attempts,
        cast(sum(outbound_reached) as bigint) as outbound_reached,
        cast(sum(wait_seconds_answered) as bigint) as wait_seconds_answered,
        cast(sum(wait_seconds_abandoned) as bigint) as wait_seconds_abandoned,
        cast(sum(ring_seconds) as bigint) as ring_seconds,
        cast(sum(ring_count) as bigint) as ring_count,
        cast(sum(talk_seconds) as bigint) as talk_seconds,
        cast(sum(talk_count) as bigint) as talk_count,
        cast(sum(hold_seconds) as bigint) as hold_seconds,
        cast(sum(hold_count) as bigint) as hold_count,
        cast(sum(wrap_up_seconds) as bigint) as wrap_up_seconds,
        cast(sum(wrap_up_count) as bigint) as wrap_up_count,
        cast(sum(handle_seconds) as bigint) as handle_seconds,
        cast(sum(handle_count) as bigint) as handle_count,
        max(longest_wait_seconds) as longest_wait_seconds,
        cast(sum(rating_offered) as bigint) as rating_offered,
        cast(sum(ratings) as bigint) as ratings,
        cast(sum(ratings_satisfied) as bigint) as ratings_satisfied,
        cast(sum(target_answers) as decimal(18, 4)) as target_answers,
        max(target_seconds) as target_seconds
    from intervals
    group by source, queue_id, tier, day_local
),

half_hours as (
    select
        source,
        queue_id,
        tier,
        day_local,
        half_hour_start_at,
        sum(offered) as offered
    from intervals
    group by source, queue_id, tier, day_local, half_hour_start_at
),

busiest_half_hours as (
    select
        source,
        queue_id,
        tier,
        day_local,
        max(offered) as offered
    from half_hours
    group by source, queue_id, tier, day_local
),

-- A queue is open for all its tiers, also in the half hours in which one of them did not call.
half_hours_with_calls as (
    select
        source,
        queue_id,
        day_local,
        count(distinct half_hour_start_at) as half_hours
    from half_hours
    where offered > 0
    group by source, queue_id, day_local
),

final as (
    select
        days.source,
        days.queue_id,
        days.queue,
        days.tier,
        days.day_local,
        days.weekday,
        days.is_simulated,
        days.entered,
        days.self_service_entered,
        days.self_served,
        days.left_in_self_service,
        days.busy,
        days.failed,
        days.test_calls,
        days.silent_calls,
        days.nuisance_calls,
        days.offered,
        days.answered,
        days.abandoned,
        days.short_abandoned,
        days.flowed_out,
        days.answered_within_target,
        days.abandoned_within_target,
        days.contacts_answered,
        days.contacts_transferred,
        days.visits_transferred,
        days.outbound_attempts,
        days.outbound_reached,
        days.wait_seconds_answered,
        days.wait_seconds_abandoned,
        days.ring_seconds,
        days.ring_count,
        days.talk_seconds,
        days.talk_count,
        days.hold_seconds,
        days.hold_count,
        days.wrap_up_seconds,
        days.wrap_up_count,
        days.handle_seconds,
        days.handle_count,
        days.longest_wait_seconds,
        days.rating_offered,
        days.ratings,
        days.ratings_satisfied,
        days.target_answers,
        days.target_seconds,
        cast(busiest_half_hours.offered as bigint) as busiest_half_hour_offered,
        cast(
            coalesce(
                hours_of_queue.open_half_hours,
                hours_of_source.open_half_hours,
                half_hours_with_calls.half_hours,
                0
            ) as integer
        ) as open_half_hours
    from days
    inner join busiest_half_hours
        on
            days.source = busiest_half_hours.source
            and days.queue_id = busiest_half_hours.queue_id
            and days.tier = busiest_half_hours.tier
            and days.day_local = busiest_half_hours.day_local
    left join half_hours_with_calls
        on
            days.source = half_hours_with_calls.source
            and days.queue_id = half_hours_with_calls.queue_id
            and days.day_local = half_hours_with_calls.day_local
    left join opening_hours as hours_of_queue
        on
            days.source = hours_of_queue.source
            and days.queue = hours_of_queue.queue
            and days.day_local = hours_of_queue.date_day
    left join opening_hours as hours_of_source
        on
            days.source = hours_of_source.source
            and hours_of_source.queue = '*'
            and days.day_local = hours_of_source.date_day
)

select * from final
