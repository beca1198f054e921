with source as (
    select * from {{ source('hotline', 'quality_reviews') }}
),

renamed as (
    select
        -- ids
        _source as source,
        review_id,
        contact_id,
        ticket_id,
        agent_id as agent,
        reviewer_id as reviewer,
        business_kind as business_type,
        _file_id as raw_file_id,
        _row_number as raw_row_number,

        -- strings
        form,
        error_kind,
        error_cause,
        defect,

        -- numerics
        score,

        -- booleans
        passed as is_passed,

        -- dates and times
        reviewed_at,
        {{ local_time('reviewed_at', '_time_zone') }} as reviewed_local,
        cast({{ local_time('reviewed_at', '_time_zone') }} as date) as reviewed_on
    from source
)

select * from renamed
