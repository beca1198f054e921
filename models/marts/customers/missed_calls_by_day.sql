-- Two imports and not one used twice: DuckDB would keep all visits in memory between the two uses.
with visits as (
    select * from {{ ref('fct_queue_visit') }} as visits
    where
        (is_abandoned or is_busy or (is_flowed_out and outcome = 'overflow'))
        and {{ only_rebuilt_days('visits', 'arrival_on') }}
),

call_backs as (
    select * from {{ ref('fct_queue_visit') }} as visits
    where is_outbound_attempt and {{ only_read_days('visits', 'arrival_on') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
),

targets as (
    select * from {{ ref('int_operating_targets_by_day') }}
),

landed_days as (
    select * from {{ ref('int_landed_visits_by_day') }}
),

loaded as (
    select
        source,
        max(entered_on) as last_day
    from landed_days
    group by source
),

known as (
    select
        visits.source,
        visits.tier,
        visits.arrival_on,
        visits.is_simulated,
        visits.contact_id,
        visits.visit_no,
        visits.customer_id,
        visits.left_at,
        visits.outcome,
        customers.is_unknown as is_unknown_customer,
        -- What happened in the hours after a call of the last day is in a file that has not come yet.
        visits.arrival_on >= loaded.last_day as is_too_young,
        targets.call_back_hours * interval '1 hour' as time_to_call_back
    from visits
    inner join customers on visits.customer_id = customers.customer_id
    left join targets on visits.source = targets.source and visits.arrival_on = targets.arrival_on
    left join loaded on visits.source = loaded.source
),

followed as (
    select
        known.source,
        known.tier,
        known.arrival_on,
        known.contact_id,
        known.visit_no,
        any_value(known.is_simulated) as is_simulated,
        any_value(known.outcome) as outcome,
        any_value(known.is_unknown_customer) as is_unknown_customer,
        any_value(known.is_too_young) as is_too_young,
        count(call_backs.contact_id) > 0 as is_called_back,
        coalesce(bool_or(call_backs.is_outbound_reached), false) as is_reached
    from known
    left join call_backs
        on
            known.customer_id = call_backs.customer_id
            and not known.is_unknown_customer
            and known.left_at < call_backs.entered_at
            and known.left_at + known.time_to_call_back >= call_backs.entered_at
    group by known.source, known.tier, known.arrival_on, known.contact_id, known.visit_no
),

by_day as (
    select
        source,
        tier,
        arrival_on as day_local,
        bool_or(is_simulated) as is_simulated,
        count(*) as missed,
        count_if(outcome = 'abandoned') as missed_abandoned,
        count_if(outcome = 'busy') as missed_busy,
        count_if(outcome = 'overflow') as missed_overflow,
        count_if(is_unknown_customer) as missed_unknown_customers,
        count_if(not is_unknown_customer and is_too_young and not is_called_back) as not_yet_known,
        count_if(not is_unknown_customer and (is_called_back or not is_too_young)) as call_backs_due,
        count_if(not is_unknown_customer and is_called_back) as called_back,
        count_if(not is_unknown_customer and is_reached) as reached
    from followed
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
        cast(not_yet_known as bigint) as not_yet_known,
        cast(call_backs_due as bigint) as call_backs_due,
        cast(called_back as bigint) as called_back,
        cast(reached as bigint) as reached
    from by_day
)

select * from final
