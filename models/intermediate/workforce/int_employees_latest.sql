with employees as (
    select
        source,
        employee,
        agent,
        team,
        site,
        job,
        grade,
        as_of,
        hired_on,
        left_on,
        independent_from
    from {{ ref('stg_hotline__employees') }}
),

-- The whole newest record, its empty fields too: a value that HR emptied must not come back from an older one.
latest as (
    select *
    from employees
    qualify row_number() over (partition by source, employee order by as_of desc) = 1
)

select * from latest
