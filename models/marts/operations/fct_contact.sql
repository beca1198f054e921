with visits as (
    select * from {{ ref('fct_queue_visit') }} as visits
    where {{ only_read_days('visits', 'arrival_on') }}
),

-- Few contacts have a second visit: they alone are grouped, all others pass through as they are.
transferred as (
    select distinct
        source,
        contact_id
    from visits
    where visit_no > 1
),

single_visits as (
    select visits.*
    from visits
    left join transferred on visits.source = transferred.source and visits.contact_id = transferred.contact_id
    where transferred.contact_id is null
),

several_visits as (
    select visits.*
    from visits
    inner join transferred on visits.source = transferred.source and visits.contact_id = transferred.contact_id
),

contacts_of_one_visit as (
    select
        source,
        contact_id,
        queue_id as first_queue_id,
        business_type_id,
        tier,
        customer_id,
        agent_id as first_agent_id,
        channel,
        direction,
        entered_at,
        entered_local,
        left_at,
        left_local,
        arrival_on,
        outcome as first_outcome,
        outcome as last_outcome,
        source_outcome,
        1 as visits,
        coalesce(wait_seconds, 0) as wait_seconds,
        coalesce(handle_seconds, 0) as handle_seconds,
        is_entered,
        is_offered,
        is_answered,
        is_transferred,
        is_self_served,
        has_clock_fault,
        is_simulated
    from single_visits
),

contacts_of_several_visits as (
    select
        source,
        contact_id,
        min_by(queue_id, visit_no) as first_queue_id,
        min_by(business_type_id, visit_no) as business_type_id,
        min_by(tier, visit_no) as tier,
        min_by(customer_id, visit_no) as customer_id,
        coalesce(min_by(agent_id, case when is_answered or is_outbound_reached then visit_no end), min_by(agent_id, visit_no)) as first_agent_id,
        min_by(channel, visit_no) as channel,
        min_by(direction, visit_no) as direction,
        min(entered_at) as entered_at,
        min_by(entered_local, visit_no) as entered_local,
        max(left_at) as left_at,
        max_by(left_local, visit_no) as left_local,
        min_by(arrival_on, visit_no) as arrival_on,
        min_by(outcome, visit_no) as first_outcome,
        max_by(outcome, visit_no) as last_outcome,
        max_by(source_outcome, visit_no) as source_outcome,
        count(*) as visits,
        sum(coalesce(wait_seconds, 0)) as wait_seconds,
        sum(coalesce(handle_seconds, 0)) as handle_seconds,
        bool_or(is_entered) as is_entered,
        bool_or(is_offered) as is_offered,
        bool_or(is_answered) as is_answered,
        bool_or(is_transferred) as is_transferred,
        bool_or(is_self_served) as is_self_served,
        min_by(has_clock_fault, visit_no) as has_clock_fault,
        bool_or(is_simulated) as is_simulated
    from several_visits
    group by source, contact_id
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
        business_type_id,
        tier,
        customer_id,
        first_agent_id,
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
        cast(visits as integer) as visits,
        cast(wait_seconds as bigint) as wait_seconds,
        cast(handle_seconds as bigint) as handle_seconds,
        is_entered,
        is_offered,
        is_answered,
        is_transferred,
        is_self_served,
        has_clock_fault,
        is_simulated
    from contacts
    where {{ only_rebuilt_days('contacts', 'arrival_on') }}
)

select * from final
