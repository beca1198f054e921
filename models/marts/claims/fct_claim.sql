with claims as (
    select * from {{ ref('int_claims') }}
),

final as (
    select
        source,
        claim_id,
        coalesce(product, 'unknown') as product,
        opened_at,
        opened_on,
        settled_at,
        settled_on,
        settled_at is not null as is_settled,
        case when not has_time_fault then {{ days_from('opened_on', 'settled_on') }} end as days_to_settlement,
        has_time_fault,
        premium_amount,
        reserved_amount,
        case when settled_at is null then reserved_amount else 0 end as outstanding_amount,
        paid_amount,
        recovered_amount,
        refused_amount,
        price_reduction,
        injury_reduction,
        coalesce(is_injury, false) as is_injury,
        coalesce(is_examined, false) as is_examined,
        is_examination_due,
        injury_examined_target,
        coalesce(is_fraud, false) as is_fraud
    from claims
)

select * from final
