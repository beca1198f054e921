with landed as (
    select * from {{ ref('int_landed_visits_by_day') }}
),

visits as (
    select
        source,
        contact_id,
        visit_no,
        arrival_on,
        cast(entered_local as date) as entered_on
    from {{ ref('fct_queue_visit') }} as visits
    where {{ only_read_days('visits', 'arrival_on') }}
),

contacts as (
    select
        source,
        contact_id,
        arrival_on,
        visits
    from {{ ref('fct_contact') }} as contacts
    where {{ only_read_days('contacts', 'arrival_on') }}
),

intervals as (
    select * from {{ ref('service_level_by_interval') }} as intervals
    where {{ only_rebuilt_days('intervals', 'day_local') }}
),

days as (
    select * from {{ ref('service_level_by_day') }} as days
    where {{ only_rebuilt_days('days', 'day_local') }}
),

visits_by_arrival as (
    select
        source,
        arrival_on as day_local,
        count(*) as visits
    from visits
    group by source, arrival_on
),

visits_by_entry as (
    select
        source,
        entered_on as day_local,
        count(*) as visits,
        count_if(entered_on <> arrival_on) as visits_of_other_days
    from visits
    group by source, entered_on
),

-- Further visits of a contact stand with the contact, on the day of its first.
visits_after_midnight as (
    select
        visits.source,
        visits.arrival_on,
        contacts.arrival_on as contact_arrival_on
    from visits
    inner join contacts on visits.source = contacts.source and visits.contact_id = contacts.contact_id
    where visits.visit_no > 1 and visits.arrival_on <> contacts.arrival_on
),

moves as (
    select
        source,
        contact_arrival_on as day_local,
        1 as moved_in,
        0 as moved_out
    from visits_after_midnight
    union all
    select
        source,
        arrival_on as day_local,
        0 as moved_in,
        1 as moved_out
    from visits_after_midnight
),

moves_by_day as (
    select
        source,
        day_local,
        sum(moved_in) as moved_in,
        sum(moved_out) as moved_out
    from moves
    group by source, day_local
),

contacts_by_day as (
    select
        source,
        arrival_on as day_local,
        sum(visits) as visits
    from contacts
    group by source, arrival_on
),

service_levels as (
    select
        'service_level_by_interval' as mart,
        source,
        day_local,
        offered + self_served + left_in_self_service + busy + failed
        + test_calls + silent_calls + nuisance_calls + outbound_attempts as visits
    from intervals
    union all
    select
        'service_level_by_day' as mart,
        source,
        day_local,
        offered + self_served + left_in_self_service + busy + failed
        + test_calls + silent_calls + nuisance_calls + outbound_attempts as visits
    from days
),

service_levels_by_day as (
    select
        mart,
        source,
        day_local,
        sum(visits) as visits
    from service_levels
    group by mart, source, day_local
),

compared as (
    select
        coalesce(landed.source, visits_by_entry.source) as source,
        coalesce(landed.entered_on, visits_by_entry.day_local) as day_local,
        'fct_queue_visit' as mart,
        'landed files' as compared_with,
        landed.visits as expected_visits,
        visits_by_entry.visits as mart_visits,
        visits_by_entry.visits_of_other_days
    from landed
    full outer join visits_by_entry
        on landed.source = visits_by_entry.source and landed.entered_on = visits_by_entry.day_local
    union all
    select
        coalesce(visits_by_arrival.source, contacts_by_day.source) as source,
        coalesce(visits_by_arrival.day_local, contacts_by_day.day_local) as day_local,
        'fct_contact' as mart,
        'fct_queue_visit' as compared_with,
        coalesce(visits_by_arrival.visits, 0)
        + coalesce(moves_by_day.moved_in, 0)
        - coalesce(moves_by_day.moved_out, 0) as expected_visits,
        contacts_by_day.visits as mart_visits,
        moves_by_day.moved_in as visits_of_other_days
    from visits_by_arrival
    full outer join contacts_by_day
        on visits_by_arrival.source = contacts_by_day.source and visits_by_arrival.day_local = contacts_by_day.day_local
    left join moves_by_day
        on
            coalesce(visits_by_arrival.source, contacts_by_day.source) = moves_by_day.source
            and coalesce(visits_by_arrival.day_local, contacts_by_day.day_local) = moves_by_day.day_local
    union all
    select
        coalesce(visits_by_arrival.source, service_levels_by_day.source) as source,
        coalesce(visits_by_arrival.day_local, service_levels_by_day.day_local) as day_local,
        service_levels_by_day.mart,
        'fct_queue_visit' as compared_with,
        visits_by_arrival.visits as expected_visits,
        service_levels_by_day.visits as mart_visits,
        0 as visits_of_other_days
    from service_levels_by_day
    left join visits_by_arrival
        on
            service_levels_by_day.source = visits_by_arrival.source
            and service_levels_by_day.day_local = visits_by_arrival.day_local
),

final as (
    select
        source,
        day_local,
        mart,
        compared_with,
        cast(coalesce(expected_visits, 0) as bigint) as expected_visits,
        cast(coalesce(mart_visits, 0) as bigint) as mart_visits,
        cast(coalesce(visits_of_other_days, 0) as bigint) as visits_of_other_days,
        cast(coalesce(mart_visits, 0) - coalesce(expected_visits, 0) as bigint) as difference
    from compared
    where {{ only_rebuilt_days('compared', 'day_local') }}
)

select * from final
