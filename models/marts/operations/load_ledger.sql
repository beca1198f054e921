with files as (
    select * from {{ ref('int_landed_files') }}
),

final as (
    select
        file_id,
        source,
        entity,
        path,
        arrival,
        content_hash,
        bytes,
        rows_read,
        rows_kept,
        rows_rejected,
        rows_duplicate,
        status,
        reason,
        first_day,
        last_day,
        is_current,
        loaded_at,
        load_seconds,
        is_conserved
    from files
)

select * from final
