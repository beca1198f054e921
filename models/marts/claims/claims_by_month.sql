with claims as (
    select
        *,
        cast(date_trunc('month', opened_on) as date) as opened_month_on,
        cast(date_trunc('month', settled_on) as date) as settled_month_on,
        -- Before the last known day: on it a claim may yet be settled in time.
        case when settlement_state <> 'unclear' and due_on < known_through_on then due_on end as judged_on
    from {{ ref('fct_claim') }}
),

products as (
    select
        source,
        product,
        min(least(opened_month_on, coalesce(settled_month_on, opened_month_on))) as first_month_on,
        max(known_through_on) as known_through_on
    from claims
    group by source, product
),

all_months as (
    {{ months_between(
        '(select min(first_month_on) from products)',
        "(select cast(date_trunc('month', max(known_through_on)) as date) from products)"
    ) }}
),

-- A month in which nothing came and nothing went has its stock too.
months as (
    select
        products.source,
        products.product,
        all_months.month_start_on,
        least({{ dbt.last_day('all_months.month_start_on', 'month') }}, products.known_through_on) as through_on,
        {{ dbt.last_day('all_months.month_start_on', 'month') }} <= products.known_through_on as is_whole_month
    from products
    inner join all_months
        on
            products.first_month_on <= all_months.month_start_on
            and products.known_through_on >= all_months.month_start_on
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

due as (
    select
        source,
        product,
        cast(date_trunc('month', judged_on) as date) as due_month_on,
        count(*) as due,
        count(case when settlement_state = 'in_time' then 1 end) as due_in_time
    from claims
    where judged_on is not null
    group by source, product, cast(date_trunc('month', judged_on) as date)
),

settled as (
    select
        source,
        product,
        settled_month_on,
        count(*) as settled,
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

waiting as (
    select
        months.source,
        months.product,
        months.month_start_on,
        claims.reserved_amount,
        claims.due_on < months.through_on as is_late,
        {{ days_from('claims.opened_on', 'months.through_on') }} as age_days
    from months
    inner join claims
        on
            months.source = claims.source
            and months.product = claims.product
            and months.through_on >= claims.opened_on
            and (claims.settled_on is null or months.through_on < claims.settled_on)
),

outstanding as (
    select
        source,
        product,
        month_start_on,
        count(*) as outstanding,
        sum(reserved_amount) as outstanding_amount,
        count(case when age_days <= 10 then 1 end) as outstanding_up_to_10_days,
        count(case when age_days between 11 and 30 then 1 end) as outstanding_11_to_30_days,
        count(case when age_days between 31 and 60 then 1 end) as outstanding_31_to_60_days,
        count(case when age_days > 60 then 1 end) as outstanding_over_60_days,
        count(case when is_late then 1 end) as outstanding_late
    from waiting
    group by source, product, month_start_on
),

final as (
    select
        months.source,
        months.product,
        months.month_start_on,
        months.through_on,
        months.is_whole_month,
        coalesce(
            months.is_whole_month
            and months.month_start_on = max(case when months.is_whole_month then months.month_start_on end) over (
                partition by months.source
            ),
            false
        ) as is_last_whole_month,
        cast(coalesce(opened.opened, 0) as bigint) as opened,
        cast(coalesce(opened.opened_amount, 0) as decimal(18, 2)) as opened_amount,
        cast(coalesce(settled.settled, 0) as bigint) as settled,
        cast(coalesce(outstanding.outstanding, 0) as bigint) as outstanding,
        cast(coalesce(outstanding.outstanding_amount, 0) as decimal(18, 2)) as outstanding_amount,
        cast(coalesce(outstanding.outstanding_up_to_10_days, 0) as bigint) as outstanding_up_to_10_days,
        cast(coalesce(outstanding.outstanding_11_to_30_days, 0) as bigint) as outstanding_11_to_30_days,
        cast(coalesce(outstanding.outstanding_31_to_60_days, 0) as bigint) as outstanding_31_to_60_days,
        cast(coalesce(outstanding.outstanding_over_60_days, 0) as bigint) as outstanding_over_60_days,
        cast(coalesce(outstanding.outstanding_late, 0) as bigint) as outstanding_late,
        cast(coalesce(due.due, 0) as bigint) as due,
        cast(coalesce(due.due_in_time, 0) as bigint) as due_in_time,
        cast(coalesce(outstanding.outstanding, 0) + coalesce(settled.settled, 0) as bigint) as to_be_settled,
        cast(coalesce(settled.paid_amount, 0) as decimal(18, 2)) as paid_amount,
        cast(coalesce(opened.premium_amount, 0) as decimal(18, 2)) as premium_amount,
        cast(coalesce(settled.premium_of_settled, 0) as decimal(18, 2)) as premium_of_settled,
        cast(coalesce(settled.days_to_settlement, 0) as bigint) as days_to_settlement,
        cast(coalesce(settled.days_counted, 0) as bigint) as days_counted,
        cast(coalesce(opened.examinations_due, 0) as bigint) as examinations_due,
        cast(coalesce(opened.examined, 0) as bigint) as examined,
        cast(coalesce(opened.examined_target, 0) as decimal(18, 4)) as examined_target,
        cast(coalesce(settled.frauds, 0) as bigint) as frauds,
        cast(coalesce(settled.recovered_amount, 0) as decimal(18, 2)) as recovered_amount,
        cast(coalesce(settled.refused, 0) as bigint) as refused,
        cast(coalesce(settled.refused_amount, 0) as decimal(18, 2)) as refused_amount,
        cast(coalesce(settled.price_reduction, 0) as decimal(18, 2)) as price_reduction,
        cast(coalesce(settled.injury_reduction, 0) as decimal(18, 2)) as injury_reduction
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
    left join due
        on
            months.source = due.source
            and months.product = due.product
            and months.month_start_on = due.due_month_on
    left join outstanding
        on
            months.source = outstanding.source
            and months.product = outstanding.product
            and months.month_start_on = outstanding.month_start_on
)

select * from final
