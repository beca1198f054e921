with events as (
    select * from {{ ref('int_agent_events_linked') }}
    where state <> 'signed_out'
),

-- A state lasts until the agent's next event. Where that is missing it ends when it is plausible, at the latest when
-- the agent signs in again.
ended as (
    select
        *,
        case
            when is_before_another then next_at
            else least(next_at, started_at + closing_seconds * interval '1 second')
        end as ended_at,
        not is_after_another as is_session_start,
        not is_after_another and state <> 'signed_in' as is_inferred_start,
        not is_before_another as is_inferred_end,
        not is_before_another or next_state = 'signed_out' as is_session_end,
        is_after_another
        and state = earlier_state
        and coalesce(reason, '') = coalesce(earlier_reason, '')
        and coalesce(contact_id, '') = coalesce(earlier_contact_id, '') as is_repeated,
        case when not is_after_another then {{ exact_seconds_between('earlier_at', 'started_at') }} end as gap_seconds
    from events
),

placed as (
    select
        *,
        {{ local_time('started_at', 'time_zone') }} as started_local,
        {{ local_time('ended_at', 'time_zone') }} as ended_local
    from ended
),

dated as (
    select
        *,
        cast(started_local as date) as started_on,
        -- A state that ends on the stroke of midnight has ended on the day before.
        cast(ended_local - interval '1 millisecond' as date) as ended_on
    from placed
),

-- No state is allowed to last for a whole day (a test of the seed), so that it has at most one midnight inside.
midnights as (
    select
        *,
        case
            when ended_on > started_on then {{ instant_of("cast(ended_on as timestamp)", 'time_zone') }}
        end as midnight_at
    from dated
),

pieces as (
    select 0 as piece
    union all
    select 1 as piece
),

split as (
    select
        midnights.source,
        midnights.agent,
        midnights.contact_id,
        midnights.state,
        midnights.reason,
        midnights.seat,
        midnights.clock_offset_seconds,
        case when pieces.piece = 0 then midnights.started_on else midnights.ended_on end as day_local,
        case when pieces.piece = 0 then midnights.started_at else midnights.midnight_at end as started_at,
        case
            when pieces.piece = 0 then midnights.started_local
            else {{ local_time('midnights.midnight_at', 'midnights.time_zone') }}
        end as started_local,
        case
            when pieces.piece = 0 then coalesce(midnights.midnight_at, midnights.ended_at)
            else midnights.ended_at
        end as ended_at,
        case
            when pieces.piece = 0 and midnights.midnight_at is not null
                then {{ local_time('midnights.midnight_at', 'midnights.time_zone') }}
            else midnights.ended_local
        end as ended_local,
        pieces.piece = 1 as is_carried_over,
        pieces.piece = 0 and midnights.is_session_start as is_session_start,
        pieces.piece = 0 and midnights.is_inferred_start as is_inferred_start,
        pieces.piece = 0 and midnights.is_repeated as is_repeated,
        case when pieces.piece = 0 then midnights.gap_seconds end as gap_seconds,
        midnights.is_session_end and (pieces.piece = 1 or midnights.midnight_at is null) as is_session_end,
        midnights.is_inferred_end and (pieces.piece = 1 or midnights.midnight_at is null) as is_inferred_end,
        midnights.raw_file_id,
        midnights.raw_row_number
    from midnights
    inner join pieces on pieces.piece = 0 or midnights.midnight_at is not null
),

states as (
    select
        *,
        {{ exact_seconds_between('started_at', 'ended_at') }} as duration_seconds
    from split
)

select * from states
