with attendance as (
    select * from {{ ref('stg_hotline__attendance') }}
),

by_month as (
    select
        source,
        employee,
        cast(date_trunc('month', day_local) as date) as month_start_on,
        count(*) as scheduled_days,
        count(absence_kind) as absent_days,
        count(exception) as exception_days,
        sum(scheduled_minutes) as scheduled_minutes,
        sum(worked_minutes) as worked_minutes,
        sum(overtime_minutes) as overtime_minutes
    from attendance
    group by source, employee, month_start_on
)

select * from by_month
