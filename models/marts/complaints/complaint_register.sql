{% set first_opening = first_opening_of_made(ref('fct_ticket')) %}
with tickets as (
    select * from {{ ref('fct_ticket') }} as tickets
    where is_complaint and not is_duplicate and has_record and {{ made_since('tickets') }}
),

-- Of these complaints and those before them, for those of the same customer.
complaints as (
    select
        source,
        ticket_id,
        customer_id,
        product,
        opened_at
    from {{ ref('fct_ticket') }}
    where
        is_complaint
        and not is_duplicate
        and customer_id <> source || '/unknown'
        and {{ not_before('opened_on', first_opening, months=2) }}
),

contacts as (
    select
        source,
        contact_id,
        arrival_on,
        tier,
        channel,
        is_simulated
    from {{ ref('fct_contact') }}
    where {{ not_before('arrival_on', first_opening) }}
),

about as (
    select * from {{ ref('cause_business_types') }}
),

rules as (
    select * from {{ ref('int_risk_rules_by_day') }}
),

-- A complaint of the same customer about the same product within 30 days before.
before as (
    select
        tickets.source,
        tickets.ticket_id,
        count(*) as complaints_before
    from tickets
    inner join complaints
        on
            tickets.source = complaints.source
            and tickets.customer_id = complaints.customer_id
            and tickets.product is not distinct from complaints.product
            and tickets.opened_at > complaints.opened_at
            and complaints.opened_at >= tickets.opened_at - interval '30 days'
    group by tickets.source, tickets.ticket_id
),

-- A seed row of the source itself goes before one for all.
mapped as (
    select
        tickets.source,
        tickets.ticket_id,
        max_by(about.business_type, about.source <> '*') as business_type
    from tickets
    inner join about
        on
            about.source in (tickets.source, '*')
            and tickets.cause = about.cause
            and tickets.opened_on between about.valid_from and about.valid_to
    group by tickets.source, tickets.ticket_id
),

joined as (
    select
        tickets.*,
        coalesce(tickets.source || '/' || mapped.business_type, tickets.business_type_id) as about_business_type_id,
        coalesce(contacts.tier, 'unknown') as tier,
        coalesce(contacts.channel, 'unknown') as channel,
        coalesce(contacts.is_simulated, false) as is_simulated,
        coalesce(before.complaints_before, 0) as complaints_before,
        cast(tickets.opened_on + rules.correction_days * interval '1 day' as date) as correction_due_on
    from tickets
    left join contacts
        on
            tickets.source = contacts.source
            and tickets.contact_id = contacts.contact_id
            and tickets.opened_on = contacts.arrival_on
    left join before on tickets.source = before.source and tickets.ticket_id = before.ticket_id
    left join mapped on tickets.source = mapped.source and tickets.ticket_id = mapped.ticket_id
    left join rules on tickets.source = rules.source and tickets.opened_on = rules.date_day
),

final as (
    select
        source,
        ticket_id,
        contact_id,
        kind,
        customer_id,
        tier,
        channel,
        about_business_type_id as business_type_id,
        coalesce(product, 'unknown') as product,
        coalesce(cause, 'unknown') as cause,
        coalesce(defect, 'unknown') as defect,
        coalesce(department, 'unknown') as department,
        owner,
        opened_at,
        opened_local,
        opened_on,
        state,
        result_at,
        replied_at,
        called_back_at,
        closed_at,
        closed_on,
        last_event_on,
        reply_calendar_minutes,
        reply_business_minutes,
        is_founded,
        compensation_amount,
        corrective_action_at,
        correction_due_on,
        coalesce(cast(corrective_action_at as date) <= correction_due_on, false) as is_corrected_in_time,
        cast({{ seconds_between("opened_at", "corrective_action_at") }} / 86400.0 as double)
            as days_to_corrective_action,
        satisfaction,
        cast(complaints_before as integer) as complaints_before,
        complaints_before > 0 as is_repeat,
        -- Settled at the first go: nobody had to ask again, and nothing had to be done twice.
        state = 'closed' and reopenings = 0 and expeditings = 0 and escalations = 0 and hand_backs = 0
            as is_settled_at_once,
        expeditings,
        escalations,
        reopenings,
        is_anonymous,
        is_simulated,
        built_at
    from joined
)

select * from final
