{#- Each is a way to divide the same people; a person stands once in each. -#}
{%- set dimensions = ['team_id', 'site', 'job', 'gender', 'age_band', 'tenure_band', 'pay_band', 'contract'] -%}
with employee_months as (
    select * from {{ ref('fct_employee_month') }} as months
    where {{ of_changed_sources('months', ['employees']) }}
),

periods as (
    select * from {{ ref('int_hr_periods') }}
),

ways as (
    {%- for dimension in ['all'] + dimensions %}
    {% if not loop.first %}union all{% endif %}
    select '{{ dimension }}' as dimension
    {%- endfor %}
),

counted as (
    select
        employee_months.source,
        employee_months.month_start_on,
        ways.dimension,
        case ways.dimension
            {%- for dimension in dimensions %}
            when '{{ dimension }}' then employee_months.{{ dimension }}
            {%- endfor %}
            else 'all'
        end as member,
        any_value(employee_months.days_in_month) as days_in_month,
        sum(employee_months.headcount_days) as headcount_days,
        count_if(employee_months.is_employed_at_start) as headcount_start,
        count_if(employee_months.is_employed_at_end) as headcount_end,
        count_if(employee_months.is_hire) as hires,
        count_if(employee_months.is_rehire) as rehires,
        count_if(employee_months.is_transfer) as transfers_in,
        count_if(employee_months.is_leaver) as leavers,
        count(case when employee_months.leave_kind = 'voluntary' then 1 end) as leavers_voluntary,
        count(case when employee_months.leave_kind = 'involuntary' then 1 end) as leavers_involuntary,
        count(case when employee_months.leave_kind = 'other' then 1 end) as leavers_other,
        count(case when employee_months.leave_kind = 'unknown' then 1 end) as leavers_unknown,
        count_if(employee_months.is_leaving_inferred) as leavers_inferred,
        sum(case employee_months.is_employed_a_year_later when true then 1 when false then 0 end)
            as employed_a_year_later
    from employee_months
    cross join ways
    group by employee_months.source, employee_months.month_start_on, ways.dimension, member
),

averaged as (
    select
        *,
        cast(headcount_days as decimal(18, 6)) / days_in_month as average_headcount,
        cast(headcount_start + headcount_end as decimal(18, 6)) / 2 as average_headcount_of_ends
    from counted
),

-- Twelve calendar months, whether or not the member was there in each of them.
rolled as (
    select
        *,
        sum(leavers) over year_before as leavers_12_months,
        sum(leavers_voluntary) over year_before as leavers_voluntary_12_months,
        sum(average_headcount) over year_before as average_headcounts_12_months,
        sum(headcount_end) over that_month_of_last_year as headcount_12_months_ago,
        sum(employed_a_year_later) over that_month_of_last_year as still_employed
    from averaged
    window
        year_before as (
            partition by source, dimension, member
            order by month_start_on range between interval '11 months' preceding and current row
        ),
        that_month_of_last_year as (
            partition by source, dimension, member
            order by month_start_on range between interval '12 months' preceding and interval '12 months' preceding
        )
),

final as (
    select
        rolled.source,
        rolled.month_start_on,
        rolled.dimension,
        rolled.member,
        cast(rolled.days_in_month as integer) as days_in_month,
        cast(rolled.headcount_days as bigint) as headcount_days,
        cast(rolled.headcount_start as bigint) as headcount_start,
        cast(rolled.headcount_end as bigint) as headcount_end,
        cast(rolled.average_headcount as double) as average_headcount,
        cast(rolled.average_headcount_of_ends as double) as average_headcount_of_ends,
        cast(rolled.hires as bigint) as hires,
        cast(rolled.rehires as bigint) as rehires,
        cast(rolled.transfers_in as bigint) as transfers_in,
        cast(rolled.leavers as bigint) as leavers,
        cast(rolled.leavers_voluntary as bigint) as leavers_voluntary,
        cast(rolled.leavers_involuntary as bigint) as leavers_involuntary,
        cast(rolled.leavers_other as bigint) as leavers_other,
        cast(rolled.leavers_unknown as bigint) as leavers_unknown,
        cast(rolled.leavers_inferred as bigint) as leavers_inferred,
        rolled.month_start_on = periods.last_month_on as is_latest,
        rolled.month_start_on >= periods.first_month_on + interval '11 months' as is_rolling_known,
        cast(case when is_rolling_known then rolled.leavers_12_months end as bigint) as leavers_12_months,
        cast(case when is_rolling_known then rolled.leavers_voluntary_12_months end as bigint)
            as leavers_voluntary_12_months,
        cast(case when is_rolling_known then rolled.average_headcounts_12_months / 12 end as double)
            as average_headcount_12_months,
        cast(rolled.headcount_12_months_ago as bigint) as headcount_12_months_ago,
        cast(rolled.still_employed as bigint) as still_employed
    from rolled
    inner join periods on rolled.source = periods.source
)

select * from final
