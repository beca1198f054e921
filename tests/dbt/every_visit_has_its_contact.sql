-- A contact may have begun on the day before its later visits: contacts are looked for on one day more.
with visits as (
    select
        source,
        contact_id,
        arrival_on
    from {{ ref('fct_queue_visit') }} as visits
    where {{ in_rebuilt('visits', 'arrival_on') }}
),

contacts as (
    select
        source,
        contact_id
    from {{ ref('fct_contact') }} as contacts
    where {{ in_control('read_days', 'contacts', 'arrival_on', 'day') }}
)

select visits.*
from visits
left join contacts on visits.source = contacts.source and visits.contact_id = contacts.contact_id
where contacts.contact_id is null
