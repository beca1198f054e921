with source as (
    select * from {{ source('hotline', 'performance') }}
),

renamed as (
    select
        -- ids
        _source as source,
        employee_id as employee,

        -- strings
        team,
        kpi,
        award,

        -- numerics
        target,

        -- booleans
        passed as is_passed,

        -- dates
        month as month_start_on
    from source
)

select * from renamed
