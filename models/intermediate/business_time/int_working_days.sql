{{ config(materialized='table') }}
-- A table: every deadline in working days is looked up in it.
with unit_days as (
    select * from {{ ref('int_unit_days') }}
),

shifts as (
    select * from {{ ref('int_unit_shifts') }}
),

open_days as (
    select
        source,
        unit,
        day_local,
        min(opens_at) as opens_at,
        max(closes_at) as closes_at
    from shifts
    group by source, unit, day_local
),

final as (
    select
        unit_days.source,
        unit_days.unit,
        unit_days.time_zone,
        unit_days.day_local,
        open_days.opens_at is not null as is_working_day,
        count(open_days.opens_at) over (
            partition by unit_days.source, unit_days.unit
            order by unit_days.day_local
            rows between unbounded preceding and current row
        ) as working_day_no,
        open_days.opens_at,
        open_days.closes_at
    from unit_days
    left join open_days
        on
            unit_days.source = open_days.source
            and unit_days.unit = open_days.unit
            and unit_days.day_local = open_days.day_local
)

select * from final
