with customer_months as (
    select * from {{ ref('fct_customer_month') }} as months
    {% if is_incremental() %}
    where {{ near_rebuilt_months('months', 0, 3) }}
    {% endif %}
),

by_month as (
    select
        source,
        month_start_on,
        tier,
        life_cycle_stage,
        customer_list,
        kind,
        count(*) as customers,
        count_if(is_leaver) as leavers,
        count_if(is_leaver and is_of_small_value) as small_value_leavers,
        count_if(is_important) as important_customers,
        count_if(previous_tier is not null and previous_tier <> tier) as tier_changes,
        count_if(is_record_complete) as complete_records,
        count_if(kind = 'company') as companies,
        count_if(kind = 'company' and has_company_name) as companies_with_name,
        count_if(has_phone) as records_with_phone,
        count_if(has_address) as records_with_address,
        sum(arpu) as revenue,
        sum(case when life_cycle_stage = 'warning' then arpu_before end) as revenue_at_risk,
        -- Beside what is at risk stands what was paid before the fall: what is left of it stands in neither part.
        sum(case when life_cycle_stage = 'warning' then arpu_before else arpu end) as revenue_before_falls,
        sum(months_on_network) as months_on_network,
        count(months_on_network) as customers_of_known_age
    from customer_months
    group by source, month_start_on, tier, life_cycle_stage, customer_list, kind
),

final as (
    select
        source,
        month_start_on,
        tier,
        life_cycle_stage,
        customer_list,
        kind,
        cast(customers as bigint) as customers,
        cast(leavers as bigint) as leavers,
        cast(small_value_leavers as bigint) as small_value_leavers,
        cast(important_customers as bigint) as important_customers,
        cast(tier_changes as bigint) as tier_changes,
        cast(complete_records as bigint) as complete_records,
        cast(companies as bigint) as companies,
        cast(companies_with_name as bigint) as companies_with_name,
        cast(records_with_phone as bigint) as records_with_phone,
        cast(records_with_address as bigint) as records_with_address,
        coalesce(revenue, 0) as revenue,
        coalesce(revenue_at_risk, 0) as revenue_at_risk,
        coalesce(revenue_before_falls, 0) as revenue_before_falls,
        cast(coalesce(months_on_network, 0) as bigint) as months_on_network,
        cast(customers_of_known_age as bigint) as customers_of_known_age
    from by_month
)

select * from final
