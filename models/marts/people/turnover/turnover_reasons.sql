with leavers as (
    select * from {{ ref('fct_employee_month') }} as months
    where {{ of_changed_sources('months', ['employees']) }} and is_leaver
),

final as (
    select
        source,
        month_start_on,
        leave_kind,
        leave_reason,
        team_id,
        tenure_band,
        cast(count(*) as bigint) as leavers,
        cast(count(case when leave_kind = 'voluntary' then 1 end) as bigint) as leavers_voluntary,
        cast(count(case when leave_kind = 'voluntary' and leave_reason = 'pay' then 1 end) as bigint)
            as leavers_over_pay,
        cast(count(case when tenure_months < 24 then 1 end) as bigint) as leavers_under_2_years,
        cast(sum(tenure_months) as bigint) as tenure_months
    from leavers
    group by source, month_start_on, leave_kind, leave_reason, team_id, tenure_band
)

select * from final
