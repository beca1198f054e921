with employees as (
    select * from {{ ref('int_employees_latest') }}
),

final as (
    select
        source || '/' || employee as employee_id,
        source,
        employee,
        source || '/' || agent as agent_id,
        source || '/' || coalesce(team, 'unknown') as team_id,
        site,
        job,
        grade,
        hired_on,
        left_on,
        as_of
    from employees
)

select * from final
