with source as (
    select * from {{ source('hotline', 'employees') }}
),

renamed as (
    select
        -- ids
        _source as source,
        employee_id as employee,
        agent_id as agent,

        -- strings
        team,
        site,
        job,
        grade,

        -- dates
        as_of,
        hired_on,
        left_on,
        independent_from
    from source
)

select * from renamed
