with source as (
    select * from {{ source('hotline', 'system_incidents') }}
),

renamed as (
    select
        -- ids
        _source as source,
        incident_id,

        -- strings
        system,
        severity,
        defect,

        -- dates and times
        started_at,
        cast({{ local_time('started_at', '_time_zone') }} as date) as started_on,
        ended_at
    from source
)

select * from renamed
