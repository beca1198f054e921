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
        due_on,
        case
            when has_time_fault then 'unclear'
            when due_on is null then 'no_limit'
            when settled_on <= due_on then 'in_time'
            when settled_on > due_on then 'late'
            when due_on < known_through_on then 'running_late'
            else 'running'
        end as settlement_state,
        case when settled_at is null then {{ days_from('opened_on', 'known_through_on') }} end as days_outstanding,
        known_through_on,
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
