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
        visits.business_type_id,
        visits.tier,
        visits.customer_id,
        visits.agent_id as first_agent_id,
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
        1 as visits,
        coalesce(visits.wait_seconds, 0) as wait_seconds,
        coalesce(visits.handle_seconds, 0) as handle_seconds,
        visits.is_entered,
        visits.is_offered,
        visits.is_answered,
        visits.is_transferred,
        visits.is_self_served,
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
        count(*) as visits,
        sum(coalesce(visits.wait_seconds, 0)) as wait_seconds,
        sum(coalesce(visits.handle_seconds, 0)) as handle_seconds,
        bool_or(visits.is_entered) as is_entered,
        bool_or(visits.is_offered) as is_offered,
        bool_or(visits.is_answered) as is_answered,
        bool_or(visits.is_transferred) as is_transferred,
        bool_or(visits.is_self_served) as is_self_served,
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
