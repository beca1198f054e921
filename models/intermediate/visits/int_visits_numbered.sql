-- Two imports and not one used twice: DuckDB would keep all visits in memory between the two uses.
with visits_with_number as (
    select * from {{ ref('int_visits_of_all_sources') }}
    where source_visit_no is not null
),

visits_without_number as (
    select * from {{ ref('int_visits_of_all_sources') }}
    where source_visit_no is null
),

numbered_by_source as (
    select
        *,
        source_visit_no as visit_no
    from visits_with_number
),

-- A window over everything would sort everything: only visits that came without a number pay for one.
numbered_by_time as (
    select
        *,
        cast(
            row_number() over (
                partition by source, contact_id
                order by entered_at, left_at, raw_file_id, raw_row_number
            ) as integer
        ) as visit_no
    from visits_without_number
),

numbered as (
    select * from numbered_by_source
    union all
    select * from numbered_by_time
)

select * from numbered
