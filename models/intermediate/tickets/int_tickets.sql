with tickets as (
    select * from {{ ref('stg_hotline__tickets') }}
),

final as (
    select
        source,
        ticket_id,
        contact_id,
        kind,
        source || '/' || coalesce(business_type, 'unknown') as business_type_id,
        business_type,
        department,
        source || '/' || coalesce(customer, 'unknown') as customer_id,
        source || '/' || coalesce(agent, 'unknown') as opened_by_agent_id,
        priority,
        area,
        duplicate_of_ticket_id,
        duplicate_cause,
        product,
        cause,
        defect,
        owner,
        is_founded,
        compensation_amount,
        corrective_action_at,
        is_anonymous,
        outage_id,
        supply_class,
        sources_of_supply,
        is_fields_correct,
        is_key_fields_correct,
        promised_at,
        is_promised_by_wish,
        opened_at,
        opened_local,
        opened_on
    from tickets
)

select * from final
