with ledger as (
    select * from {{ ref('stg_landing__load_ledger') }}
),

conserved as (
    select
        *,
        coalesce(rows_read = rows_kept + rows_rejected + rows_duplicate, false) as is_conserved
    from ledger
)

select * from conserved
