with source as (
    select * from {{ source('surveys', 'survey_invitations') }}
),

renamed as (
    select
        -- ids
        _source as source,
        survey_id,
        wave,
        invitation_id,

        -- strings
        {{ adapter.quote('group') }} as survey_group,

        -- dates
        cast({{ local_time('sent_at', '_time_zone') }} as date) as sent_on
    from source
)

select * from renamed
