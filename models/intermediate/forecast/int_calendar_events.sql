with events as (
    select * from {{ ref('stg_hotline__calendar_events') }}
),

kinds as (
    select * from {{ ref('event_kinds') }}
),

named as (
    select
        events.source,
        events.place,
        events.day_local,
        events.event,
        events.expected_factor,
        -- A kind that nobody has said anything of may have been put on record afterwards: no back-test may know it.
        coalesce(kinds.is_known_ahead, false) as is_known_ahead,
        coalesce(kinds.label_en, replace(events.event, '_', ' ')) as label_en,
        coalesce(kinds.label_zh, events.event) as label_zh
    from events
    left join kinds on events.event = kinds.event
)

select * from named
