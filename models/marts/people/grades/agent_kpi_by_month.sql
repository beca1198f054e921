with performance as (
    select * from {{ ref('int_passed_months') }} as performance
    where {{ of_changed_sources('performance', ['performance', 'employees', 'attendance']) }} and subject = 'staff'
),

attended as (
    select * from {{ ref('int_attendance_by_month') }} as attended
    where {{ of_changed_sources('attended', ['performance', 'employees', 'attendance']) }}
),

employees as (
    select * from {{ ref('fct_employee_month') }} as employees
    where {{ of_changed_sources('employees', ['performance', 'employees', 'attendance']) }}
),

-- Who left and came back in one month has two rows there: the later spell says team and grade.
placed as (
    select *
    from employees
    qualify row_number() over (partition by employee_id, month_start_on order by hired_on desc) = 1
),

joined as (
    select
        coalesce(performance.source, attended.source) as source,
        coalesce(performance.member, attended.employee) as employee,
        coalesce(performance.month_start_on, attended.month_start_on) as month_start_on,
        performance.measures,
        performance.measures_passed,
        performance.awards,
        performance.is_passed,
        performance.months_in_a_row,
        attended.scheduled_days,
        attended.absent_days,
        attended.exception_days,
        attended.scheduled_minutes,
        attended.worked_minutes,
        attended.overtime_minutes
    from performance
    full outer join attended
        on
            performance.source = attended.source
            and performance.member = attended.employee
            and performance.month_start_on = attended.month_start_on
),

final as (
    select
        joined.source,
        joined.source || '/' || joined.employee as employee_id,
        joined.month_start_on,
        placed.team_id,
        placed.grade,
        cast(coalesce(joined.measures, 0) as bigint) as measures,
        cast(coalesce(joined.measures_passed, 0) as bigint) as measures_passed,
        joined.is_passed,
        case when joined.is_passed then joined.months_in_a_row else 0 end as passed_in_a_row,
        case when not joined.is_passed then joined.months_in_a_row else 0 end as failed_in_a_row,
        joined.awards,
        joined.awards is not null as has_award,
        cast(coalesce(joined.scheduled_days, 0) as bigint) as scheduled_days,
        cast(coalesce(joined.absent_days, 0) as bigint) as absent_days,
        cast(coalesce(joined.exception_days, 0) as bigint) as exception_days,
        cast(coalesce(joined.scheduled_minutes, 0) as bigint) as scheduled_minutes,
        cast(coalesce(joined.worked_minutes, 0) as bigint) as worked_minutes,
        cast(coalesce(joined.overtime_minutes, 0) as bigint) as overtime_minutes
    from joined
    left join placed
        on
            joined.source || '/' || joined.employee = placed.employee_id
            and joined.month_start_on = placed.month_start_on
)

select * from final
