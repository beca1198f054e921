-- Few rows: all are made anew, as a notice or a call-back may come long before or after the day of an outage.
with areas as (
    select * from {{ ref('fct_outage_area') }}
),

outages as (
    select
        source,
        outage_id,
        bool_or(is_planned) as is_planned,
        min(starts_at) as starts_at,
        min(starts_local) as starts_local,
        min(starts_on) as starts_on,
        max(ends_at) as ends_at,
        count(*) as areas,
        sum(customers_affected) as customers_affected
    from areas
    group by source, outage_id
),

notices as (
    select
        notices.source,
        notices.outage_id,
        count(*) as notices,
        count(notices.confirmed_at) as confirmed,
        count(case when notices.sent_at >= outages.starts_at then 1 end) as late
    from {{ ref('int_outage_notices') }} as notices
    inner join outages on notices.source = outages.source and notices.outage_id = outages.outage_id
    group by notices.source, notices.outage_id
),

rules as (
    select * from {{ ref('call_back_rules') }}
    where rule = 'least_share'
),

tickets as (
    select
        source,
        outage_id,
        ticket_id,
        kind,
        opened_on,
        coalesce(area, 'unknown') as area,
        called_back_at is not null as is_called_back
    from {{ ref('fct_ticket') }}
    where outage_id is not null and not is_anonymous
),

ruled as (
    select
        tickets.source,
        tickets.outage_id,
        tickets.ticket_id,
        tickets.area,
        tickets.is_called_back,
        max_by(rules.value, {{ named_parts('rules.source', 'rules.kind') }}) as least_share
    from tickets
    left join rules
        on
            rules.source in (tickets.source, '*')
            and rules.kind in (tickets.kind, '*')
            and tickets.opened_on between rules.valid_from and rules.valid_to
    group by tickets.source, tickets.outage_id, tickets.ticket_id, tickets.area, tickets.is_called_back
),

of_ticket_areas as (
    select
        source,
        outage_id,
        area,
        count(*) as reports,
        count(case when is_called_back then 1 end) as reports_called_back,
        sum(least_share) as least_call_backs
    from ruled
    group by source, outage_id, area
),

-- Spread over the area: wherever so many reported that the least share is a whole person, one at least is called back.
reported as (
    select
        source,
        outage_id,
        sum(reports) as reports,
        sum(reports_called_back) as reports_called_back,
        cast(ceil(sum(least_call_backs)) as bigint) as least_call_backs,
        count(case when least_call_backs >= 1 then 1 end) as areas_to_call_back,
        count(case when least_call_backs >= 1 and reports_called_back = 0 then 1 end) as areas_left_out
    from of_ticket_areas
    group by source, outage_id
),

final as (
    select
        outages.source,
        outages.outage_id,
        outages.is_planned,
        outages.starts_at,
        outages.starts_local,
        outages.starts_on,
        outages.ends_at,
        cast(outages.areas as integer) as areas,
        cast(outages.customers_affected as bigint) as customers_affected,
        cast(coalesce(notices.notices, 0) as bigint) as notices,
        cast(coalesce(notices.confirmed, 0) as bigint) as notices_confirmed,
        cast(coalesce(notices.late, 0) as bigint) as notices_late,
        cast(coalesce(reported.reports, 0) as bigint) as reports,
        cast(coalesce(reported.reports_called_back, 0) as bigint) as reports_called_back,
        coalesce(reported.least_call_backs, 0) as least_call_backs,
        cast(coalesce(reported.areas_to_call_back, 0) as integer) as areas_to_call_back,
        cast(coalesce(reported.areas_left_out, 0) as integer) as areas_left_out,
        coalesce(reported.reports_called_back >= reported.least_call_backs, true) as is_called_back_enough
    from outages
    left join notices on outages.source = notices.source and outages.outage_id = notices.outage_id
    left join reported on outages.source = reported.source and outages.outage_id = reported.outage_id
)

select * from final
