with source as (
    select * from {{ source('landing', 'check_results') }}
),

renamed as (
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
        reason as accepted_reason,
        checked_at
    from source
)

select * from renamed
