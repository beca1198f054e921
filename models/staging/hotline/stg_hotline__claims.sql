with source as (
    select * from {{ source('hotline', 'claims') }}
),

renamed as (
    select
        -- ids
        _source as source,
        claim_id,

        -- strings
        product,

        -- numerics
        premium_amount,
        reserved_amount,
        paid_amount,
        recovered_amount,
        refused_amount,
        price_reduction,
        injury_reduction,

        -- booleans
        injury as is_injury,
        examined as is_examined,
        fraud as is_fraud,

        -- dates and times
        opened_at,
        cast({{ local_time('opened_at', '_time_zone') }} as date) as opened_on,
        settled_at,
        cast({{ local_time('settled_at', '_time_zone') }} as date) as settled_on
    from source
)

select * from renamed
