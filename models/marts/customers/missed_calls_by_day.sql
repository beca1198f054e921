with missed as (
    select * from {{ ref('fct_contact') }} as contacts
    where
        (is_abandoned or is_flowed_out or is_busy)
        and last_outcome in ('abandoned', 'overflow', 'busy')
        and {{ only_rebuilt_days('contacts', 'arrival_on', days_ahead=3) }}
),

-- What may follow: the centre calls, or the customer comes again and is answered.
followers as (
    select
        source,
        customer_id,
        nullif(queue_id, source || '/unknown') as queue_id,
        nullif(business_type_id, source || '/unknown') as business_type_id,
        entered_at,
        is_outbound_attempt,
        is_outbound_reached
    from {{ ref('fct_queue_visit') }} as visits
    where
        (is_outbound_attempt or is_answered)
        and customer_id <> source || '/unknown'
        and {{ only_days_looked_at('visits', 'arrival_on', 3) }}
),

targets as (
    select * from {{ ref('operating_targets') }}
    where measure = 'call_back_hours'
),

loaded_through as (
    select * from {{ ref('int_visits_loaded_through') }}
),

-- What a source sets for itself goes before what holds for all.
timed as (
    select
        missed.source,
        missed.tier,
        missed.arrival_on,
        missed.is_simulated,
        missed.contact_id,
        missed.customer_id,
        nullif(missed.first_queue_id, missed.source || '/unknown') as first_queue_id,
        nullif(missed.last_queue_id, missed.source || '/unknown') as last_queue_id,
        nullif(missed.business_type_id, missed.source || '/unknown') as business_type_id,
        missed.left_at,
        missed.left_local,
        missed.last_outcome,
        missed.customer_id = missed.source || '/unknown' as is_unknown_customer,
        targets.target * interval '1 hour' as time_to_call_back
    from missed
    left join targets
        on
            targets.source in (missed.source, '*')
            and missed.arrival_on between targets.valid_from and targets.valid_to
    qualify
        row_number() over (
            partition by missed.source, missed.contact_id
            order by case when targets.source = '*' then 1 else 0 end
        ) = 1
),

-- Of another queue and another business type it is another matter; what names neither may be this one.
followed as (
    select
        timed.source,
        timed.contact_id,
        min(case when followers.is_outbound_attempt then followers.entered_at end) as called_back_at,
        min(case when not followers.is_outbound_attempt then followers.entered_at end) as answered_later_at,
        bool_or(followers.is_outbound_reached) as is_reached
    from timed
    inner join followers
        on
            timed.customer_id = followers.customer_id
            and timed.left_at < followers.entered_at
            and timed.left_at + timed.time_to_call_back >= followers.entered_at
            and (
                followers.queue_id in (timed.first_queue_id, timed.last_queue_id)
                or timed.business_type_id = followers.business_type_id
                or (followers.queue_id is null and followers.business_type_id is null)
            )
    group by timed.source, timed.contact_id
),

judged as (
    select
        timed.source,
        timed.tier,
        timed.arrival_on,
        timed.is_simulated,
        timed.last_outcome,
        timed.is_unknown_customer,
        -- Who got through before the centre called needs no call any more.
        coalesce(
            followed.answered_later_at < coalesce(followed.called_back_at, timestamptz 'infinity'), false
        ) as is_answered_later,
        followed.called_back_at is not null as is_called,
        coalesce(followed.is_reached, false) as is_reached,
        -- The day on which the time ends has not been loaded.
        coalesce(
            cast(timed.left_local + timed.time_to_call_back as date) > loaded_through.loaded_through_on, false
        ) as is_too_young
    from timed
    left join followed on timed.source = followed.source and timed.contact_id = followed.contact_id
    left join loaded_through on timed.source = loaded_through.source
),

-- While the time runs nobody counts: of a day that is not over, those already called would be all that are due.
placed as (
    select
        *,
        not is_unknown_customer and is_too_young as is_not_yet_known,
        not is_unknown_customer and not is_too_young and is_answered_later as is_answered_in_time,
        not is_unknown_customer and not is_too_young and not is_answered_later as is_due
    from judged
),

by_day as (
    select
        source,
        tier,
        arrival_on as day_local,
        bool_or(is_simulated) as is_simulated,
        count(*) as missed,
        count_if(last_outcome = 'abandoned') as missed_abandoned,
        count_if(last_outcome = 'busy') as missed_busy,
        count_if(last_outcome = 'overflow') as missed_overflow,
        count_if(is_unknown_customer) as missed_unknown_customers,
        count_if(is_answered_in_time) as answered_later,
        count_if(is_not_yet_known) as not_yet_known,
        count_if(is_due) as call_backs_due,
        count_if(is_due and is_called) as called_back,
        count_if(is_due and is_called and is_reached) as reached
    from placed
    group by source, tier, arrival_on
),

final as (
    select
        source,
        tier,
        day_local,
        is_simulated,
        cast(missed as bigint) as missed,
        cast(missed_abandoned as bigint) as missed_abandoned,
        cast(missed_busy as bigint) as missed_busy,
        cast(missed_overflow as bigint) as missed_overflow,
        cast(missed_unknown_customers as bigint) as missed_unknown_customers,
        cast(answered_later as bigint) as answered_later,
        cast(not_yet_known as bigint) as not_yet_known,
        cast(call_backs_due as bigint) as call_backs_due,
        cast(called_back as bigint) as called_back,
        cast(reached as bigint) as reached
    from by_day
)

select * from final
