with source as (
    select * from {{ source('hotline', 'customers') }}
),

renamed as (
    select
        -- ids
        _source as source,
        customer_id as customer,

        -- strings
        credit,
        coalesce(list, 'normal') as customer_list,
        coalesce(kind, 'unknown') as kind,
        segment,

        -- numerics
        arpu,

        -- booleans
        coalesce(is_important, false) as is_important,
        company_name is not null as has_company_name,
        coalesce(phone_present, false) as has_phone,
        coalesce(address_present, false) as has_address,

        -- dates
        month as month_start_on,
        joined_on,
        left_on
    from source
)

select * from renamed
