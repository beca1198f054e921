with claims as (
    select * from {{ ref('stg_hotline__claims') }}
),

rules as (
    select * from {{ ref('claim_rules') }}
),

-- A rule of the source itself goes before one for all.
ruled as (
    select
        claims.source,
        claims.claim_id,
        max_by(
            case when rules.rule = 'injury_examined_above' then rules.value end,
            case when rules.rule = 'injury_examined_above' then case when rules.source = '*' then 1 else 2 end end
        ) as injury_examined_above,
        max_by(
            case when rules.rule = 'injury_examined_target' then rules.value end,
            case when rules.rule = 'injury_examined_target' then case when rules.source = '*' then 1 else 2 end end
        ) as injury_examined_target
    from claims
    inner join rules
        on rules.source in (claims.source, '*') and claims.opened_on between rules.valid_from and rules.valid_to
    group by claims.source, claims.claim_id
),

judged as (
    select
        claims.*,
        ruled.injury_examined_target,
        coalesce(claims.settled_at < claims.opened_at, false) as has_time_fault,
        coalesce(claims.is_injury and claims.reserved_amount > ruled.injury_examined_above, false)
            as is_examination_due
    from claims
    left join ruled on claims.source = ruled.source and claims.claim_id = ruled.claim_id
)

select * from judged
