with claims as (
    select
        *,
        max(greatest(opened_on, coalesce(settled_on, opened_on))) over (partition by source) as known_through_on
    from {{ ref('stg_hotline__claims') }}
),

rules as (
    select
        *,
        -- A rule of the source itself goes before one for all.
        case when source = '*' then 1 else 2 end as closeness
    from {{ ref('claim_rules') }}
),

ruled as (
    select
        claims.source,
        claims.claim_id,
        max_by(
            case when rules.rule = 'injury_examined_above' then rules.value end,
            case when rules.rule = 'injury_examined_above' then rules.closeness end
        ) as injury_examined_above,
        max_by(
            case when rules.rule = 'injury_examined_target' then rules.value end,
            case when rules.rule = 'injury_examined_target' then rules.closeness end
        ) as injury_examined_target,
        max_by(
            case when rules.rule = 'settled_within_days' then rules.value end,
            case when rules.rule = 'settled_within_days' then rules.closeness end
        ) as settled_within_days
    from claims
    inner join rules
        on rules.source in (claims.source, '*') and claims.opened_on between rules.valid_from and rules.valid_to
    group by claims.source, claims.claim_id
),

judged as (
    select
        claims.*,
        ruled.injury_examined_target,
        {{ days_later('claims.opened_on', 'ruled.settled_within_days') }} as due_on,
        coalesce(claims.settled_at < claims.opened_at, false) as has_time_fault,
        coalesce(claims.is_injury and claims.reserved_amount > ruled.injury_examined_above, false)
            as is_examination_due
    from claims
    left join ruled on claims.source = ruled.source and claims.claim_id = ruled.claim_id
)

select * from judged
