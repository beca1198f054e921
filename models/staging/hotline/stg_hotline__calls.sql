with source as (
    select * from {{ source('hotline', 'calls') }}
),

renamed as (
    select
        -- ids
        _source as source,
        contact_id,
        visit_no as source_visit_no,
        queue,
        business_type,
        customer_id as customer,
        agent_id as agent,
        ticket_id,
        outage_id,
        _file_id as raw_file_id,
        _row_number as raw_row_number,

        -- strings
        channel,
        direction,
        call_kind,
        cast(priority as varchar) as priority,
        outcome,
        outcome as source_outcome,
        transferred_to,
        rating_scale,
        ended_by,
        place,
        language as spoken_language,

        -- numerics
        wait_seconds,
        ring_seconds,
        talk_seconds,
        hold_seconds,
        hold_count as number_of_holds,
        longest_hold_seconds,
        wrap_up_seconds,
        rating,

        -- booleans
        rating_offered as is_rating_offered,
        by_trainee as is_by_trainee,
        coalesce(is_simulated, false) as is_simulated,

        -- dates and times
        _time_zone as time_zone,
        entered_at,
        {{ local_time('entered_at', '_time_zone') }} as entered_local,
        queued_at,
        {{ local_time('queued_at', '_time_zone') }} as queued_local,
        answered_at,
        {{ local_time('answered_at', '_time_zone') }} as answered_local,
        left_at,
        {{ local_time('left_at', '_time_zone') }} as left_local
    from source
)

select * from renamed
