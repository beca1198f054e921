with notices as (
    select * from {{ ref('stg_hotline__outage_notices') }}
),

final as (
    select
        source,
        outage_id,
        source || '/' || customer as customer_id,
        channel,
        sent_at,
        confirmed_at
    from notices
)

select * from final
