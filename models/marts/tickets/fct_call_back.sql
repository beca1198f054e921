{% set first_opening = first_opening_of_made(ref('fct_ticket')) %}
with tickets as (
    select * from {{ ref('fct_ticket') }} as tickets
    where opened_at is not null and {{ made_since('tickets') }} and {{ not_before('opened_on', first_opening) }}
),

events as (
    select * from {{ ref('fct_ticket_event') }}
    where event in ('callback_attempted', 'called_back') and {{ not_before('day_local', first_opening) }}
),

customers as (
    select * from {{ ref('fct_customer_month') }}
    where {{ not_before('month_start_on', first_opening, months=2) }}
),

forbidden_hours as (
    select * from {{ ref('call_back_forbidden_hours') }}
),

rules as (
    select * from {{ ref('call_back_rules') }}
),

loaded as (
    select * from {{ ref('int_tickets_loaded') }}
),

business_minutes as (
    select * from {{ ref('int_business_minutes') }}
),

attempts as (
    select
        tickets.source,
        tickets.ticket_id,
        tickets.kind,
        tickets.customer_id,
        tickets.outage_id,
        tickets.area,
        tickets.opened_on,
        tickets.last_event_on,
        tickets.built_at,
        coalesce(tickets.is_promised_by_wish, false) as is_at_wish,
        coalesce(tickets.restored_at, tickets.result_at) as ended_at,
        events.event,
        events.satisfaction,
        events.occurred_at,
        events.occurred_local,
        events.day_local,
        row_number() over (
            partition by events.source, events.ticket_id
            order by events.occurred_at, events.raw_file_id, events.raw_row_number
        ) as attempt_no
    from events
    inner join tickets on events.source = tickets.source and events.ticket_id = tickets.ticket_id
    where not events.is_repeated and events.occurred_at >= tickets.opened_at
),

forbidden as (
    select distinct
        attempts.source,
        attempts.ticket_id,
        attempts.attempt_no
    from attempts
    inner join forbidden_hours
        on
            forbidden_hours.source in (attempts.source, '*')
            and attempts.day_local between forbidden_hours.valid_from and forbidden_hours.valid_to
            and {{ minute_of_day('attempts.occurred_local') }} >= forbidden_hours.from_minute
            and {{ minute_of_day('attempts.occurred_local') }} < forbidden_hours.to_minute
),

described as (
    select
        attempts.*,
        coalesce(this_month.kind, last_month.kind, 'unknown') as customer_kind,
        {{ local_time('attempts.ended_at', 'loaded.time_zone') }} as ended_local,
        {{ is_business_time('office_days', 'attempts.occurred_at') }} as is_in_office_hours,
        office_days.source is not null as has_office_hours,
        forbidden.ticket_id is not null as is_forbidden,
        late_repairs.value as late_repair_minute
    from attempts
    inner join loaded on attempts.source = loaded.source
    left join forbidden
        on
            attempts.source = forbidden.source
            and attempts.ticket_id = forbidden.ticket_id
            and attempts.attempt_no = forbidden.attempt_no
    left join rules as late_repairs
        on
            late_repairs.rule = 'late_repair_minute'
            and late_repairs.source in (attempts.source, '*')
            and attempts.kind = late_repairs.kind
            and attempts.opened_on between late_repairs.valid_from and late_repairs.valid_to
    left join business_minutes as office_days
        on {{ on_business_day('office_days', 'attempts.source', "'centre'", 'attempts.occurred_at') }}
    left join customers as this_month
        on
            attempts.source = this_month.source
            and substr(attempts.customer_id, length(attempts.source) + 2) = this_month.customer
            and cast(date_trunc('month', attempts.opened_on) as date) = this_month.month_start_on
    left join customers as last_month
        on
            attempts.source = last_month.source
            and substr(attempts.customer_id, length(attempts.source) + 2) = last_month.customer
            and cast(date_trunc('month', attempts.opened_on) - interval '1 month' as date) = last_month.month_start_on
    -- A rule of the source itself goes before one for all.
    qualify row_number() over (
        partition by attempts.source, attempts.ticket_id, attempts.attempt_no
        order by case when late_repairs.source = '*' then 1 else 0 end
    ) = 1
),

final as (
    select
        source,
        ticket_id,
        cast(attempt_no as integer) as attempt_no,
        kind,
        customer_kind,
        outage_id,
        area,
        occurred_at,
        occurred_local,
        day_local,
        satisfaction,
        event = 'called_back' as is_reached,
        is_forbidden and not is_at_wish as is_in_forbidden_hours,
        is_in_office_hours,
        has_office_hours
        and not is_at_wish
        and (
            (customer_kind = 'company' and not is_in_office_hours)
            or (customer_kind = 'resident' and is_in_office_hours)
        ) as is_against_customer_hours,
        coalesce({{ minute_of_day('ended_local') }} >= late_repair_minute, false) as is_after_late_repair,
        coalesce(
            {{ minute_of_day('ended_local') }} >= late_repair_minute and day_local = cast(ended_local as date),
            false
        ) as is_same_night,
        opened_on,
        last_event_on,
        built_at
    from described
)

select * from final
