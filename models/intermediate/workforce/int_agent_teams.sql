with employees as (
    select * from {{ ref('int_employees_latest') }}
),

-- An agent number that was given to someone else belongs to whom HR named last.
latest as (
    select
        source,
        agent,
        coalesce(team, 'unknown') as team
    from employees
    where agent is not null
    qualify row_number() over (partition by source, agent order by as_of desc, employee desc) = 1
)

select * from latest
