with source as (
    select * from {{ source('hotline', 'agent_events') }}
),

renamed as (
    select
        -- ids
        _source as source,
        agent_id as agent,
        contact_id,
        _file_id as raw_file_id,
        _row_number as raw_row_number,

        -- strings
        state,
        reason,
        seat,

        -- dates and times
        _time_zone as time_zone,
        occurred_at,
        cast({{ local_time('occurred_at', '_time_zone') }} as date) as occurred_on
    from source
)

select * from renamed
