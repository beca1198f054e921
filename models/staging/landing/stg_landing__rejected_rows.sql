with source as (
    select * from {{ source('landing', 'rejected_rows') }}
),

renamed as (
    select
        source,
        entity,
        path,
        line,
        column_name,
        reason,
        raw_text,
        file_id
    from source
)

select * from renamed
