with source as (
    select * from {{ source('landing', 'sources') }}
),

renamed as (
    select
        source,
        entity,
        time_zone,
        cadence_hours,
        is_closed,
        label_en,
        label_zh
    from source
)

select * from renamed
