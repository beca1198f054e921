with rejected as (
    select * from {{ ref('stg_landing__rejected_rows') }}
),

final as (
    select
        source,
        entity,
        path,
        line,
        column_name,
        reason,
        raw_text,
        file_id
    from rejected
)

select * from final
