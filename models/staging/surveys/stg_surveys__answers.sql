with source as (
    select * from {{ source('surveys', 'survey_responses') }}
),

renamed as (
    select
        -- ids
        _source as source,
        survey_id,
        wave,
        response_id,
        item_id,
        _file_id as raw_file_id,
        _row_number as raw_row_number,

        -- strings
        answer,
        gender,
        age_band,
        education,
        marital_status,
        tenure_band,
        {{ adapter.quote('group') }} as survey_group,

        -- booleans
        is_valid,

        -- dates and times
        submitted_at,
        cast({{ local_time('submitted_at', '_time_zone') }} as date) as submitted_on
    from source
)

select * from renamed
