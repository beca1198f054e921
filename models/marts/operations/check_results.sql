with results as (
    select * from {{ ref('stg_landing__check_results') }}
),

final as (
    select
        check_id,
        layer,
        suite,
        expectation,
        entity,
        source,
        day,
        observed,
        expected,
        success,
        status,
        accepted_by,
        accepted_at,
        accepted_reason,
        checked_at
    from results
)

select * from final
