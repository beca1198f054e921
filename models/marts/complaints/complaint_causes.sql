{% set dimensions = ('cause', 'product', 'defect', 'department') %}
with register as (
    select
        *,
        cast(date_trunc('month', opened_on) as date) as month_start_on
    from {{ ref('complaint_register') }}
),

listed as (
    {% for dimension in dimensions -%}
    select
        source,
        month_start_on,
        '{{ dimension }}' as dimension,
        {{ dimension }} as member,
        is_simulated,
        is_founded,
        compensation_amount
    from register
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted as (
    select
        source,
        month_start_on,
        dimension,
        member,
        bool_or(is_simulated) as is_simulated,
        count(*) as complaints,
        count(case when is_founded then 1 end) as founded,
        coalesce(sum(compensation_amount), 0) as compensation_amount
    from listed
    group by source, month_start_on, dimension, member
),

-- From the most frequent on; of equal ones the first by name, so that the sum runs over one after the other.
ordered as (
    select
        *,
        row_number() over (
            partition by source, month_start_on, dimension order by complaints desc, member asc
        ) as pareto_rank,
        sum(complaints) over (
            partition by source, month_start_on, dimension order by complaints desc, member asc
            rows between unbounded preceding and current row
        ) as complaints_so_far,
        sum(complaints) over (partition by source, month_start_on, dimension) as complaints_of_all
    from counted
),

final as (
    select
        source,
        month_start_on,
        dimension,
        member,
        is_simulated,
        cast(complaints as bigint) as complaints,
        cast(founded as bigint) as founded,
        cast(compensation_amount as decimal(18, 2)) as compensation_amount,
        cast(pareto_rank as integer) as pareto_rank,
        cast(complaints_so_far as bigint) as complaints_so_far,
        cast(complaints_of_all as bigint) as complaints_of_all,
        -- The few that make most of it: those up to and including the one that reaches 80 %.
        complaints_so_far - complaints < 0.8 * complaints_of_all as is_vital_few
    from ordered
)

select * from final
