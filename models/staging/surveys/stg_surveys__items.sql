with source as (
    select * from {{ source('surveys', 'survey_items') }}
),

renamed as (
    select
        -- ids
        _source as source,
        survey_id,
        item_id,

        -- strings
        dimension,
        text_en,
        text_zh,

        -- numerics
        scale_min,
        scale_max,

        -- booleans
        is_reversed
    from source
)

select * from renamed
