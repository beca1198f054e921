with leavers as (
    select * from {{ ref('fct_employee_month') }} as months
    where {{ of_changed_sources('months', ['employees']) }} and is_leaver
),

costs as (
    select * from {{ ref('turnover_costs') }}
),

-- The row of the day of leaving; one that names the source before one that names the job.
priced as (
    select
        leavers.source,
        leavers.month_start_on,
        leavers.team_id,
        leavers.job,
        leavers.leave_kind,
        coalesce(leavers.monthly_pay, leavers.market_pay) as pay,
        costs.training_amount,
        -- Of each leaver a whole amount: such add up to the same whatever their order.
        cast(
            coalesce(
                costs.vacancy_months * costs.vacancy_share
                * cast(coalesce(leavers.monthly_pay, leavers.market_pay) as double),
                0
            ) as decimal(18, 2)
        ) as vacancy_amount,
        cast(
            coalesce(
                costs.ramp_up_months * costs.ramp_up_share
                * cast(coalesce(leavers.monthly_pay, leavers.market_pay) as double),
                0
            ) as decimal(18, 2)
        ) as ramp_up_amount
    from leavers
    inner join costs
        on
            costs.source in (leavers.source, '*')
            and costs.job in (leavers.job, '*')
            and leavers.left_on between costs.valid_from and costs.valid_to
    qualify
        row_number() over (
            partition by leavers.spell_id
            order by {{ named_parts('costs.source', 'costs.job') }} desc
        ) = 1
),

final as (
    select
        source,
        month_start_on,
        team_id,
        job,
        leave_kind,
        cast(count(*) as bigint) as leavers,
        cast(count_if(pay is null) as bigint) as leavers_without_pay,
        cast(sum(training_amount) as double) as training_cost,
        cast(sum(vacancy_amount) as double) as vacancy_cost,
        cast(sum(ramp_up_amount) as double) as ramp_up_cost,
        cast(sum(training_amount + vacancy_amount + ramp_up_amount) as double) as total_cost
    from priced
    group by source, month_start_on, team_id, job, leave_kind
)

select * from final
