with visits_by_day as (
    select * from {{ ref('int_landed_visits_by_day') }}
),

loaded_through as (
    select
        source,
        max(entered_on) as loaded_through_on
    from visits_by_day
    group by source
)

select * from loaded_through
