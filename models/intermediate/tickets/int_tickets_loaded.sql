-- Deadlines reach beyond the last loaded day: the longest is two months, and one may be given out on that day.
with loaded as (
    select
        source,
        min(day) as first_on,
        max(day) as loaded_through_on
    from {{ source('control', 'days') }}
    where entity in ('tickets', 'ticket_events')
    group by source
),

entities as (
    select * from {{ ref('stg_landing__sources') }}
),

described as (
    select
        source,
        min(time_zone) as time_zone,
        bool_or(entity = 'tickets') as has_records
    from entities
    group by source
),

final as (
    select
        loaded.source,
        described.time_zone,
        described.has_records,
        loaded.first_on,
        loaded.loaded_through_on,
        cast(loaded.loaded_through_on + interval '1 year' as date) as deadlines_until_on,
        {{ instant_of("cast(loaded.loaded_through_on + interval '1 day' as timestamp)", 'described.time_zone') }}
            as known_until_at
    from loaded
    inner join described on loaded.source = described.source
)

select * from final
