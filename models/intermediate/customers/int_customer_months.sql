with customers as (
    select * from {{ ref('stg_hotline__customers') }}
),

grades as (
    select * from {{ ref('credit_grades') }}
),

rules as (
    select * from {{ ref('customer_tier_rules') }}
),

tiers as (
    select * from {{ ref('tiers') }}
),

sources as (
    select distinct source from {{ ref('int_sources') }}
),

rules_of_sources as (
    select
        sources.source,
        rules.tier,
        tiers.tier_order,
        rules.valid_from,
        rules.valid_to,
        rules.min_arpu,
        rules.min_months,
        rules.min_credit_points,
        rules.source <> '*' as is_own
    from sources
    inner join rules on rules.source in (sources.source, '*')
    inner join tiers on rules.tier = tiers.tier
),

-- Days on which the rules of a source change: between two of them the same ones hold.
changes as (
    select
        source,
        valid_from as changes_on
    from rules_of_sources
    union
    select
        source,
        cast(valid_to + interval '1 day' as date) as changes_on
    from rules_of_sources
),

periods as (
    select
        source,
        changes_on as holds_from,
        lead(changes_on) over (partition by source order by changes_on) as holds_until
    from changes
),

-- What a source rules for itself goes before what holds for all, for as long as it holds.
rules_in_force as (
    select
        periods.source,
        periods.holds_from,
        periods.holds_until,
        rules_of_sources.tier,
        rules_of_sources.tier_order,
        rules_of_sources.min_arpu,
        rules_of_sources.min_months,
        rules_of_sources.min_credit_points
    from periods
    inner join rules_of_sources
        on
            periods.source = rules_of_sources.source
            and periods.holds_from between rules_of_sources.valid_from and rules_of_sources.valid_to
    qualify
        rank() over (
            partition by periods.source, periods.holds_from, rules_of_sources.tier
            order by case when rules_of_sources.is_own then 0 else 1 end
        ) = 1
),

aged as (
    select
        customers.*,
        coalesce(grades.credit_points, 0) as credit_points,
        {{ dbt.last_day('customers.month_start_on', 'month') }} as month_end_on
    from customers
    left join grades on customers.credit = grades.credit
),

measured as (
    select
        *,
        {{ whole_months('joined_on', 'least(month_end_on, coalesce(left_on, month_end_on))') }} as months_on_network
    from aged
),

placed as (
    select
        measured.*,
        rules_in_force.tier
    from measured
    left join rules_in_force
        on
            measured.source = rules_in_force.source
            and measured.month_start_on >= rules_in_force.holds_from
            and measured.month_start_on < rules_in_force.holds_until
            and coalesce(measured.arpu, 0) >= rules_in_force.min_arpu
            and coalesce(measured.months_on_network, 0) >= rules_in_force.min_months
            and measured.credit_points >= rules_in_force.min_credit_points
    qualify
        row_number() over (
            partition by measured.source, measured.customer, measured.month_start_on
            order by rules_in_force.tier_order nulls last
        ) = 1
),

final as (
    select
        source,
        customer,
        month_start_on,
        coalesce(tier, 'unknown') as tier,
        arpu,
        months_on_network,
        credit,
        customer_list,
        kind,
        segment,
        is_important,
        has_company_name,
        has_phone,
        has_address,
        has_phone and has_address and (kind <> 'company' or has_company_name) as is_record_complete,
        joined_on,
        left_on,
        coalesce(left_on between month_start_on and month_end_on, false) as is_leaver
    from placed
)

select * from final
