with landed as (
    select * from {{ ref('int_customer_months') }} as months
    {% if is_incremental() %}
    where {{ near_rebuilt_months('months', 0, 0) }}
    {% endif %}
),

{% if is_incremental() %}
-- Months that were not landed anew: those that look back on a replaced month, and those that they look back on.
kept as (
    select * from {{ this }} as months
    where {{ near_rebuilt_months('months', 3, 3) }} and not {{ near_rebuilt_months('months', 0, 0) }}
),
{% endif %}

records as (
    select
        source,
        customer,
        month_start_on,
        tier,
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
        is_record_complete,
        joined_on,
        left_on,
        is_leaver
    from landed
    {% if is_incremental() %}
    union all
    select
        source,
        customer,
        month_start_on,
        tier,
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
        is_record_complete,
        joined_on,
        left_on,
        is_leaver
    from kept
    {% endif %}
),

rules as (
    select * from {{ ref('life_cycle_rules') }}
),

compared as (
    select
        *,
        avg(arpu) over three_months_before as arpu_before,
        max(month_start_on) over three_months_before as previous_month_on,
        max_by(tier, month_start_on) over three_months_before as previous_tier
    from records
    window
        three_months_before as (
            partition by source, customer
            order by month_start_on
            range between interval 3 months preceding and interval 1 month preceding
        )
),

ruled as (
    select
        compared.*,
        rules.recognition_months,
        rules.growth_months,
        rules.warning_arpu_share,
        rules.small_arpu
    from compared
    left join rules
        on
            rules.source in (compared.source, '*')
            and compared.month_start_on between rules.valid_from and rules.valid_to
    qualify
        row_number() over (
            partition by compared.source, compared.customer, compared.month_start_on
            order by case when rules.source = '*' then 1 else 0 end
        ) = 1
),

final as (
    select
        source,
        source || '/' || customer as customer_id,
        customer,
        month_start_on,
        tier,
        -- Only the month before tells of a change: over a gap nobody knows when it happened.
        case
            when cast(previous_month_on as date) = cast(month_start_on - interval '1 month' as date) then previous_tier
        end as previous_tier,
        case
            when left_on is not null and left_on < month_start_on + interval '1 month' then 'left'
            when arpu < warning_arpu_share * arpu_before then 'warning'
            when months_on_network < recognition_months then 'recognition'
            when months_on_network < growth_months then 'growth'
            when months_on_network is not null then 'stable'
            else 'unknown'
        end as life_cycle_stage,
        arpu,
        arpu_before,
        coalesce(arpu < small_arpu, false) as is_of_small_value,
        months_on_network,
        credit,
        customer_list,
        kind,
        segment,
        is_important,
        has_company_name,
        has_phone,
        has_address,
        is_record_complete,
        joined_on,
        left_on,
        is_leaver
    from ruled
    {% if is_incremental() %}
    where {{ near_rebuilt_months('ruled', 0, 3) }}
    {% endif %}
)

select * from final
{% if not is_incremental() %}
-- In the order of months, so that what asks for some of them can pass over the others.
order by month_start_on
{% endif %}
