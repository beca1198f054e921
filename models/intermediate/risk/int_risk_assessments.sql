with assessments as (
    select * from {{ ref('stg_hotline__risk_assessments') }}
),

read as (
    select
        *,
        try_cast(trim(defect_level_text) as integer) as defect_level_read,
        try_cast(trim(vulnerability_level_text) as integer) as vulnerability_level_read,
        try_cast(trim(control_level_text) as integer) as control_level_read,
        case
            when upper(trim(importance_text)) in ('H', 'HIGH', '高') then 'H'
            when upper(trim(importance_text)) in ('M', 'MEDIUM', '中') then 'M'
            when upper(trim(importance_text)) in ('L', 'LOW', '低') then 'L'
        end as importance_level
    from assessments
),

-- A level that the model does not know counts as not assessed, and says so: no risk is made of a guess.
valid as (
    select
        source,
        business_type,
        defect,
        as_of,
        case when defect_level_read between 1 and 3 then defect_level_read end as defect_level,
        case when vulnerability_level_read between 1 and 3 then vulnerability_level_read end as vulnerability_level,
        case when control_level_read between 0 and 10 then control_level_read end as control_level,
        importance_level as importance,
        not coalesce(defect_level_read between 1 and 3, false)
        or not coalesce(vulnerability_level_read between 1 and 3, false)
        or not coalesce(control_level_read between 0 and 10, false)
        or importance_level is null as has_fault
    from read
),

-- In force until the next one of the same business type and defect.
in_force as (
    select
        *,
        cast(
            coalesce(lead(as_of) over (partition by source, business_type, defect order by as_of), date '3000-01-01')
            - interval '1 day' as date
        ) as valid_to
    from valid
)

select * from in_force
