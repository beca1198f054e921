with visits as (
    select
        source,
        contact_id,
        visit_no,
        outcome,
        transferred_to
    from {{ ref('int_visits_numbered') }}
),

-- Few contacts have a second visit: found first, so that nothing is sorted or grouped for all the others. An import
-- of its own, because DuckDB keeps in memory what is used twice.
further_visits as (
    select
        source,
        contact_id
    from {{ ref('int_visits_numbered') }}
    where visit_no > 1
),

contacts as (
    select distinct
        source,
        contact_id
    from further_visits
),

visits_of_contacts as (
    select visits.*
    from visits
    inner join contacts on visits.source = contacts.source and visits.contact_id = contacts.contact_id
),

placed as (
    select
        source,
        contact_id,
        visit_no,
        outcome = 'answered' as is_answered,
        visit_no = min(visit_no) over contact as is_first_visit,
        visit_no = max(visit_no) over contact as is_last_visit,
        visit_no = min(case when outcome = 'answered' then visit_no end) over contact as is_first_answer,
        transferred_to is not null as is_handed_on_elsewhere
    from visits_of_contacts
    window contact as (partition by source, contact_id)
),

final as (
    select
        source,
        contact_id,
        visit_no,
        is_first_visit,
        is_last_visit,
        coalesce(is_first_answer, false) as is_first_answer,
        -- Handed on inside the centre: another visit follows. Elsewhere: only the source can say so.
        is_answered and (is_handed_on_elsewhere or not is_last_visit) as is_transferred,
        bool_or(is_answered and (is_handed_on_elsewhere or not is_last_visit)) over contact as is_contact_transferred
    from placed
    window contact as (partition by source, contact_id)
)

select * from final
