with source as (
    select * from {{ source('hotline', 'attendance') }}
),

renamed as (
    select
        -- ids
        _source as source,
        employee_id as employee,

        -- strings
        absence_kind,
        exception,

        -- numerics
        scheduled_minutes,
        worked_minutes,
        overtime_minutes,

        -- dates
        day as day_local
    from source
)

select * from renamed
