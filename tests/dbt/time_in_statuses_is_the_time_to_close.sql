-- Of tickets closed once and never reopened; business time where one department had it all along.
with stretches as (
    select
        source,
        ticket_id,
        sum(stretch_calendar_minutes) as calendar_minutes,
        sum(stretch_business_minutes) as business_minutes,
        min(department) as first_department,
        max(department) as last_department
    from {{ ref('fct_ticket_status') }} as stretches
    where not is_closed and {{ on_or_after_first_change('stretches', last_day_of_ticket('stretches')) }}
    group by source, ticket_id
),

tickets as (
    select * from {{ ref('fct_ticket') }} as tickets
    where {{ on_or_after_first_change('tickets', last_day_of_ticket('tickets')) }}
),

compared as (
    select
        tickets.source,
        tickets.ticket_id,
        tickets.resolution_calendar_minutes,
        stretches.calendar_minutes,
        tickets.resolution_business_minutes,
        stretches.business_minutes
    from tickets
    left join stretches on tickets.source = stretches.source and tickets.ticket_id = stretches.ticket_id
    where
        tickets.closed_at is not null
        and tickets.reopenings = 0
        and (
            tickets.resolution_calendar_minutes is distinct from stretches.calendar_minutes
            or (
                tickets.resolution_business_minutes is distinct from stretches.business_minutes
                and stretches.first_department = stretches.last_department
                and stretches.first_department = coalesce(tickets.department, 'centre')
            )
        )
)

select * from compared
