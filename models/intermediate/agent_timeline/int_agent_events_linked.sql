with events as (
    select * from {{ ref('stg_hotline__agent_events') }}
),

offsets as (
    select * from {{ ref('int_agent_clock_offsets') }}
),

states as (
    select * from {{ ref('agent_states') }}
),

-- Every event at the time of the centre's clock, with what is plausible for its state.
set_right as (
    select
        events.source,
        events.agent,
        events.contact_id,
        events.state,
        events.reason,
        events.seat,
        events.time_zone,
        events.occurred_at - coalesce(offsets.offset_seconds, 0) * interval '1 second' as started_at,
        coalesce(offsets.offset_seconds, 0) as clock_offset_seconds,
        states.longest_seconds,
        states.closing_seconds,
        events.raw_file_id,
        events.raw_row_number
    from events
    left join offsets
        on
            events.source = offsets.source
            and events.agent = offsets.agent
            and events.occurred_on = offsets.day_local
    left join states on events.state = states.state
),

neighboured as (
    select
        *,
        lag(state) over agent_events as earlier_state,
        lag(reason) over agent_events as earlier_reason,
        lag(contact_id) over agent_events as earlier_contact_id,
        lag(started_at) over agent_events as earlier_at,
        lag(longest_seconds) over agent_events as earlier_longest_seconds,
        lead(state) over agent_events as next_state,
        lead(started_at) over agent_events as next_at
    from set_right
    window agent_events as (partition by source, agent order by started_at, raw_file_id, raw_row_number)
),

linked as (
    select
        *,
        -- Signing in while signed in means that a sign-out is missing; the same event twice means nothing.
        coalesce(
            earlier_state <> 'signed_out'
            and (state <> 'signed_in' or earlier_state = 'signed_in')
            and {{ exact_seconds_between('earlier_at', 'started_at') }} <= earlier_longest_seconds,
            false
        ) as is_after_another,
        coalesce(
            (next_state <> 'signed_in' or state = 'signed_in')
            and {{ exact_seconds_between('started_at', 'next_at') }} <= longest_seconds,
            false
        ) as is_before_another
    from neighboured
)

select * from linked
