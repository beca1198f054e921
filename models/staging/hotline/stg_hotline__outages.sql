with source as (
    select * from {{ source('hotline', 'outages') }}
),

renamed as (
    select
        -- ids
        _source as source,
        outage_id,

        -- strings
        area,

        -- numerics
        customers_affected,

        -- booleans
        planned as is_planned,
        information_correct as is_information_correct,

        -- dates and times
        _time_zone as time_zone,
        approved_at,
        {{ local_time('approved_at', '_time_zone') }} as approved_local,
        copied_at,
        announced_at,
        cast({{ local_time('announced_at', '_time_zone') }} as date) as announced_on,
        starts_at,
        {{ local_time('starts_at', '_time_zone') }} as starts_local,
        _day as starts_on,
        ends_at
    from source
)

select * from renamed
