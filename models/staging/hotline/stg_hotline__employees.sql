with source as (
    select * from {{ source('hotline', 'employees') }}
),

renamed as (
    select
        -- ids
        _source as source,
        employee_id as employee,
        agent_id as agent,
        manager_id as manager,
        _file_id as raw_file_id,

        -- strings
        name,
        gender,
        education,
        marital_status,
        leave_kind,
        leave_reason,
        team,
        site,
        job,
        grade,
        contract,

        -- numerics
        monthly_pay,
        market_pay,
        _row_number as raw_row_number,

        -- dates
        as_of,
        birth_on,
        hired_on,
        left_on,
        independent_from,
        confirmed_on
    from source
)

select * from renamed
