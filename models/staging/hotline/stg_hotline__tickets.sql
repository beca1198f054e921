with source as (
    select * from {{ source('hotline', 'tickets') }}
),

renamed as (
    select
        -- ids
        _source as source,
        ticket_id,
        contact_id,
        customer_id as customer,
        opened_by as agent,
        duplicate_of as duplicate_of_ticket_id,
        outage_id,

        -- strings
        kind,
        business_type,
        department,
        priority,
        area,
        duplicate_cause,
        product,
        cause,
        defect,
        owner,
        supply_class,

        -- numerics
        compensation_amount,
        sources_of_supply,

        -- booleans
        promised_by_customer_wish as is_promised_by_wish,
        founded as is_founded,
        coalesce(is_anonymous, false) as is_anonymous,
        fields_correct as is_fields_correct,
        key_fields_correct as is_key_fields_correct,

        -- dates and times
        _time_zone as time_zone,
        opened_at,
        {{ local_time('opened_at', '_time_zone') }} as opened_local,
        _day as opened_on,
        promised_at,
        corrective_action_at
    from source
)

select * from renamed
