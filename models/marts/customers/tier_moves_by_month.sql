with customer_months as (
    select * from {{ ref('fct_customer_month') }} as months
    {% if is_incremental() %}
    where {{ near_rebuilt_months('months', 0, 3) }}
    {% endif %}
),

tiers as (
    select * from {{ ref('tiers') }}
    where tier <> 'unknown'
),

moves as (
    select
        source,
        month_start_on,
        previous_tier,
        tier,
        count(*) as customers
    from customer_months
    where previous_tier is not null
    group by source, month_start_on, previous_tier, tier
),

final as (
    select
        moves.source,
        moves.month_start_on,
        moves.previous_tier,
        moves.tier,
        moves.previous_tier <> moves.tier as is_move,
        cast(moves.customers as bigint) as customers,
        cast(case when moves.previous_tier <> moves.tier then moves.customers else 0 end as bigint) as moved,
        -- From or to an unknown tier is neither.
        cast(case when tiers.tier_order < tiers_before.tier_order then moves.customers else 0 end as bigint)
            as moved_up,
        cast(case when tiers.tier_order > tiers_before.tier_order then moves.customers else 0 end as bigint)
            as moved_down
    from moves
    left join tiers on moves.tier = tiers.tier
    left join tiers as tiers_before on moves.previous_tier = tiers_before.tier
)

select * from final
