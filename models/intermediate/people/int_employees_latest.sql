with employees as (
    select * from {{ ref('stg_hotline__employees') }}
),

latest as (
    select
        source,
        employee,
        max_by(agent, as_of) as agent,
        max_by(team, as_of) as team,
        max_by(site, as_of) as site,
        max_by(job, as_of) as job,
        max_by(grade, as_of) as grade,
        max_by(hired_on, as_of) as hired_on,
        max_by(left_on, as_of) as left_on,
        max(as_of) as as_of
    from employees
    group by source, employee
)

select * from latest
