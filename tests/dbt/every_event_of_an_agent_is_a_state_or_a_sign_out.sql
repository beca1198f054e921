-- Each landed event begins one state, but for sign-outs: nothing is dropped and nothing counted twice, by file and day.
with events as (
    select
        source,
        raw_file_id,
        occurred_on,
        count(*) as states_begun
    from {{ ref('stg_hotline__agent_events') }}
    where state <> 'signed_out'
    group by source, raw_file_id, occurred_on
),

-- Where a clock was wrong, an event near midnight stands on the day beside that of its file.
states as (
    select
        source,
        raw_file_id,
        cast(started_local + clock_offset_seconds * interval '1 second' as date) as occurred_on,
        count(*) as states_begun
    from {{ ref('fct_agent_state') }} as states
    where not is_carried_over and {{ in_rebuilt('states', 'day_local') }}
    group by source, raw_file_id, occurred_on
),

compared as (
    select
        coalesce(events.source, states.source) as source,
        coalesce(events.raw_file_id, states.raw_file_id) as raw_file_id,
        coalesce(events.occurred_on, states.occurred_on) as occurred_on,
        coalesce(events.states_begun, 0) as landed,
        coalesce(states.states_begun, 0) as kept
    from events
    full outer join states
        on
            events.source = states.source
            and events.raw_file_id = states.raw_file_id
            and events.occurred_on = states.occurred_on
),

-- Days at the edge of what this build made have events that stand outside of it.
inner_days as (
    select
        *,
        cast(occurred_on - interval '1 day' as date) as day_before,
        cast(occurred_on + interval '1 day' as date) as day_after
    from compared
),

wrong as (
    select *
    from inner_days
    where
        landed <> kept
        and {{ in_rebuilt('inner_days', 'day_before') }}
        and {{ in_rebuilt('inner_days', 'occurred_on') }}
        and {{ in_rebuilt('inner_days', 'day_after') }}
)

select * from wrong
