with days as (
    select * from {{ source('control', 'days') }}
),

-- Entities whose rows are queue visits; other entities have days too.
visits_by_day as (
    select
        source,
        day as entered_on,
        sum(rows) as visits
    from days
    where entity in ({{ entities_of_visits() }})
    group by source, day
)

select * from visits_by_day
