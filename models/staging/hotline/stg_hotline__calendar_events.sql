with source as (
    select * from {{ source('hotline', 'calendar_events') }}
),

renamed as (
    select
        -- ids
        _source as source,
        place,

        -- strings
        event,

        -- numerics
        expected_factor,

        -- dates
        day as day_local
    from source
)

select * from renamed
