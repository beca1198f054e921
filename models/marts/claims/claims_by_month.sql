with claims as (
    select
        *,
        cast(date_trunc('month', opened_on) as date) as opened_month_on,
        cast(date_trunc('month', settled_on) as date) as settled_month_on
    from {{ ref('fct_claim') }}
),

months as (
    select
        source,
        product,
        opened_month_on as month_start_on
    from claims
    union
    select
        source,
        product,
        settled_month_on as month_start_on
    from claims
    where settled_month_on is not null
),

opened as (
    select
        source,
        product,
        opened_month_on,
        count(*) as opened,
        sum(reserved_amount) as opened_amount,
        sum(premium_amount) as premium_amount,
        count(case when is_examination_due then 1 end) as examinations_due,
        count(case when is_examination_due and is_examined then 1 end) as examined,
        sum(case when is_examination_due then injury_examined_target else 0 end) as examined_target
    from claims
    group by source, product, opened_month_on
),

settled as (
    select
        source,
        product,
        settled_month_on,
        count(*) as settled,
        sum(reserved_amount) as settled_reserve,
        sum(paid_amount) as paid_amount,
        sum(premium_amount) as premium_of_settled,
        sum(days_to_settlement) as days_to_settlement,
        count(days_to_settlement) as days_counted,
        count(case when is_fraud then 1 end) as frauds,
        sum(recovered_amount) as recovered_amount,
        count(case when refused_amount > 0 then 1 end) as refused,
        sum(refused_amount) as refused_amount,
        sum(price_reduction) as price_reduction,
        sum(injury_reduction) as injury_reduction
    from claims
    where is_settled
    group by source, product, settled_month_on
),

joined as (
    select
        months.source,
        months.product,
        months.month_start_on,
        coalesce(opened.opened, 0) as opened,
        coalesce(opened.opened_amount, 0) as opened_amount,
        coalesce(opened.premium_amount, 0) as premium_amount,
        coalesce(opened.examinations_due, 0) as examinations_due,
        coalesce(opened.examined, 0) as examined,
        coalesce(opened.examined_target, 0) as examined_target,
        coalesce(settled.settled, 0) as settled,
        coalesce(settled.settled_reserve, 0) as settled_reserve,
        coalesce(settled.paid_amount, 0) as paid_amount,
        coalesce(settled.premium_of_settled, 0) as premium_of_settled,
        coalesce(settled.days_to_settlement, 0) as days_to_settlement,
        coalesce(settled.days_counted, 0) as days_counted,
        coalesce(settled.frauds, 0) as frauds,
        coalesce(settled.recovered_amount, 0) as recovered_amount,
        coalesce(settled.refused, 0) as refused,
        coalesce(settled.refused_amount, 0) as refused_amount,
        coalesce(settled.price_reduction, 0) as price_reduction,
        coalesce(settled.injury_reduction, 0) as injury_reduction
    from months
    left join opened
        on
            months.source = opened.source
            and months.product = opened.product
            and months.month_start_on = opened.opened_month_on
    left join settled
        on
            months.source = settled.source
            and months.product = settled.product
            and months.month_start_on = settled.settled_month_on
),

-- Outstanding at the end of a month: all that was ever opened, less all that was ever settled.
running as (
    select
        *,
        sum(opened - settled) over product_months as outstanding,
        sum(opened_amount - settled_reserve) over product_months as outstanding_amount
    from joined
    window product_months as (
        partition by source, product order by month_start_on rows between unbounded preceding and current row
    )
),

final as (
    select
        source,
        product,
        month_start_on,
        cast(opened as bigint) as opened,
        cast(opened_amount as decimal(18, 2)) as opened_amount,
        cast(settled as bigint) as settled,
        cast(outstanding as bigint) as outstanding,
        cast(outstanding_amount as decimal(18, 2)) as outstanding_amount,
        cast(outstanding + settled as bigint) as to_be_settled,
        cast(paid_amount as decimal(18, 2)) as paid_amount,
        cast(premium_amount as decimal(18, 2)) as premium_amount,
        cast(premium_of_settled as decimal(18, 2)) as premium_of_settled,
        cast(days_to_settlement as bigint) as days_to_settlement,
        cast(days_counted as bigint) as days_counted,
        cast(examinations_due as bigint) as examinations_due,
        cast(examined as bigint) as examined,
        cast(examined_target as decimal(18, 4)) as examined_target,
        cast(frauds as bigint) as frauds,
        cast(recovered_amount as decimal(18, 2)) as recovered_amount,
        cast(refused as bigint) as refused,
        cast(refused_amount as decimal(18, 2)) as refused_amount,
        cast(price_reduction as decimal(18, 2)) as price_reduction,
        cast(injury_reduction as decimal(18, 2)) as injury_reduction
    from running
)

select * from final
