with events as (
    select * from {{ ref('stg_hotline__agent_events') }}
    where state = 'talking' and contact_id is not null
),

visits as (
    select
        source,
        contact_id,
        agent,
        cast(entered_local as date) as entered_on,
        answered_at
    from {{ ref('int_visits_of_all_sources') }}
    where outcome = 'answered' and agent is not null and answered_at is not null
),

rules as (
    select * from {{ ref('int_agent_rules_by_day') }}
),

-- The telephone system's clock is the centre's; a contact talked to twice is compared by its first talk. Both of one
-- landed day: an offset must not change with what is known of other days.
compared as (
    select
        visits.source,
        visits.agent,
        visits.entered_on as day_local,
        visits.contact_id,
        min({{ exact_seconds_between('visits.answered_at', 'events.occurred_at') }}) as offset_seconds
    from visits
    inner join events
        on
            visits.source = events.source
            and visits.contact_id = events.contact_id
            and visits.agent = events.agent
            and visits.entered_on = events.occurred_on
    group by visits.source, visits.agent, visits.entered_on, visits.contact_id
),

by_day as (
    select
        source,
        agent,
        day_local,
        count(*) as contacts,
        cast(median(offset_seconds) as decimal(12, 3)) as offset_seconds
    from compared
    group by source, agent, day_local
),

wrong as (
    select
        by_day.source,
        by_day.agent,
        by_day.day_local,
        by_day.offset_seconds
    from by_day
    inner join rules on by_day.source = rules.source and by_day.day_local = rules.date_day
    where
        by_day.contacts >= rules.least_clock_contacts
        and abs(by_day.offset_seconds) >= rules.smallest_clock_offset_seconds
        and abs(by_day.offset_seconds) <= rules.largest_clock_offset_seconds
)

select * from wrong
