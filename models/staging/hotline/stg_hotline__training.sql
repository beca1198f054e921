with source as (
    select * from {{ source('hotline', 'training') }}
),

renamed as (
    select
        -- ids
        _source as source,
        employee_id as employee,

        -- strings
        course,
        kind,

        -- numerics
        score,

        -- booleans
        invited as is_invited,
        attended as is_attended,
        passed as is_passed,

        -- dates and times
        cast({{ local_time('occurred_at', '_time_zone') }} as date) as occurred_on
    from source
)

select * from renamed
