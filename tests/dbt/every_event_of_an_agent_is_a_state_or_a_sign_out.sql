-- Each landed event begins one state, but for sign-outs: nothing is dropped, and nothing counted twice.
with events as (
    select
        raw_file_id,
        raw_row_number
    from {{ ref('stg_hotline__agent_events') }} as events
    where
        state <> 'signed_out'
        -- Where a clock was wrong, an event near midnight may stand on the day beside.
        and exists (
            select 1
            from {{ source('control', 'rebuild_days') }} as earlier
            where earlier.source = events.source and earlier.day = events.occurred_on - interval '1 day'
        )
        and exists (
            select 1
            from {{ source('control', 'rebuild_days') }} as later
            where later.source = events.source and later.day = events.occurred_on + interval '1 day'
        )
),

states as (
    select
        raw_file_id,
        raw_row_number
    from {{ ref('fct_agent_state') }}
    where not is_carried_over
),

missing as (
    select events.*
    from events
    left join states
        on events.raw_file_id = states.raw_file_id and events.raw_row_number = states.raw_row_number
    where states.raw_file_id is null
)

select * from missing
