with source as (
    select * from {{ source('hotline', 'weather') }}
),

renamed as (
    select
        -- ids
        _source as source,
        place,

        -- numerics
        max_celsius,
        min_celsius,
        rain_mm,

        -- dates
        day as day_local
    from source
)

select * from renamed
