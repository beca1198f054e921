with source as (
    select * from {{ source('hotline', 'ticket_events') }}
),

renamed as (
    select
        -- ids
        _source as source,
        ticket_id,
        _file_id as raw_file_id,
        _row_number as raw_row_number,

        -- strings
        event,
        actor,
        department,
        outcome,
        satisfaction,
        reason,

        -- dates and times
        _time_zone as time_zone,
        occurred_at,
        {{ local_time('occurred_at', '_time_zone') }} as occurred_local,
        _day as day_local
    from source
)

select * from renamed
