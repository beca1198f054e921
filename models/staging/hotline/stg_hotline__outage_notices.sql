with source as (
    select * from {{ source('hotline', 'outage_notices') }}
),

renamed as (
    select
        -- ids
        _source as source,
        outage_id,
        customer_id as customer,

        -- strings
        channel,

        -- dates and times
        sent_at,
        confirmed_at
    from source
)

select * from renamed
