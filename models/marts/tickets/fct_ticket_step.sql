{% set first_opening = first_opening_of_made(ref('fct_ticket'), "state = 'open'") %}
with tickets as (
    select * from {{ ref('fct_ticket') }} as tickets
    where
        is_kind_known
        and ({{ made_since('tickets') }} or state = 'open')
        and {{ not_before('opened_on', first_opening) }}
),

events as (
    select * from {{ ref('fct_ticket_event') }}
    where {{ not_before('day_local', first_opening) }}
),

steps as (
    select * from {{ ref('ticket_steps') }}
),

step_events as (
    select * from {{ ref('ticket_step_events') }}
),

rules as (
    select * from {{ ref('ticket_step_rules') }}
),

customers as (
    select * from {{ ref('fct_customer_month') }}
    where {{ not_before('month_start_on', first_opening, months=2) }}
),

loaded as (
    select * from {{ ref('int_tickets_loaded') }}
),

working_days as (
    select * from {{ ref('int_working_days') }}
),

business_minutes as (
    select * from {{ ref('int_business_minutes') }}
),

moments as (
    select
        source,
        ticket_id,
        'opened' as event,
        cast(null as varchar) as department,
        opened_at as occurred_at,
        opened_local as occurred_local
    from tickets
    union all
    select
        events.source,
        events.ticket_id,
        events.event,
        events.department,
        events.occurred_at,
        events.occurred_local
    from events
    inner join tickets on events.source = tickets.source and events.ticket_id = tickets.ticket_id
    where not events.is_repeated and events.occurred_at >= tickets.opened_at
),

marked as (
    select
        moments.source,
        moments.ticket_id,
        moments.department,
        moments.occurred_at,
        moments.occurred_local,
        step_events.step,
        step_events.marks
    from moments
    inner join step_events on moments.event = step_events.event
),

-- The record of the month before speaks for customers whose record of this month has not come.
described as (
    select
        tickets.source,
        tickets.ticket_id,
        tickets.kind,
        coalesce(tickets.department, 'centre') as department,
        coalesce(tickets.area, '') as area,
        coalesce(tickets.supply_class, '') as supply_class,
        coalesce(cast(tickets.sources_of_supply as varchar), '') as sources_of_supply,
        coalesce(this_month.kind, last_month.kind, 'unknown') as customer_kind,
        tickets.is_anonymous,
        tickets.promised_at,
        tickets.state,
        tickets.closed_at,
        tickets.opened_on,
        tickets.last_event_on,
        tickets.built_at,
        loaded.time_zone,
        loaded.known_until_at,
        loaded.loaded_through_on
    from tickets
    inner join loaded on tickets.source = loaded.source
    left join customers as this_month
        on
            tickets.source = this_month.source
            and substr(tickets.customer_id, length(tickets.source) + 2) = this_month.customer
            and cast(date_trunc('month', tickets.opened_on) as date) = this_month.month_start_on
    left join customers as last_month
        on
            tickets.source = last_month.source
            and substr(tickets.customer_id, length(tickets.source) + 2) = last_month.customer
            and cast(date_trunc('month', tickets.opened_on) - interval '1 month' as date) = last_month.month_start_on
),

-- Each start with the first end at or after it; an end that nothing started is kept, too, and measures nothing.
spans as (
    select
        starts.source,
        starts.ticket_id,
        starts.step,
        starts.department,
        starts.occurred_at as started_at,
        starts.occurred_local as started_local,
        min(ends.occurred_at) as ended_at,
        min(ends.occurred_local) as ended_local
    from marked as starts
    left join marked as ends
        on
            starts.source = ends.source
            and starts.ticket_id = ends.ticket_id
            and starts.step = ends.step
            and starts.occurred_at <= ends.occurred_at
            and ends.marks = 'end'
    where starts.marks = 'start'
    group by
        starts.source, starts.ticket_id, starts.step, starts.department, starts.occurred_at, starts.occurred_local
),

starts_by_step as (
    select
        source,
        ticket_id,
        step,
        min(started_at) as first_started_at
    from spans
    group by source, ticket_id, step
),

ends_before_any_start as (
    select
        ends.source,
        ends.ticket_id,
        ends.step,
        min(ends.occurred_at) as ended_at,
        min(ends.occurred_local) as ended_local
    from marked as ends
    left join starts_by_step
        on
            ends.source = starts_by_step.source
            and ends.ticket_id = starts_by_step.ticket_id
            and ends.step = starts_by_step.step
    where
        ends.marks = 'end'
        and (starts_by_step.first_started_at is null or ends.occurred_at < starts_by_step.first_started_at)
    group by ends.source, ends.ticket_id, ends.step
),

-- Where several starts have the same end, a clock that is begun anew leaves the earlier ones unneeded; else the first
-- one runs on.
ordered as (
    select
        spans.*,
        steps.is_restarted,
        row_number() over same_end as start_no,
        lead(spans.started_at) over same_end as restarted_at
    from spans
    inner join steps on spans.step = steps.step
    window same_end as (
        partition by spans.source, spans.ticket_id, spans.step, spans.ended_at
        order by spans.started_at
    )
),

clocks as (
    select
        source,
        ticket_id,
        step,
        department,
        started_at,
        started_local,
        case when restarted_at is null or not is_restarted then ended_at end as ended_at,
        case when restarted_at is null or not is_restarted then ended_local end as ended_local,
        is_restarted and restarted_at is not null as is_superseded
    from ordered
    where is_restarted or start_no = 1
    union all
    select
        source,
        ticket_id,
        step,
        cast(null as varchar) as department,
        cast(null as timestamp with time zone) as started_at,
        cast(null as timestamp) as started_local,
        ended_at,
        ended_local,
        false as is_superseded
    from ends_before_any_start
),

fitting as (
    select
        clocks.source,
        clocks.ticket_id,
        clocks.step,
        clocks.started_at,
        clocks.started_local,
        clocks.ended_at,
        clocks.ended_local,
        clocks.is_superseded,
        described.kind,
        described.is_anonymous,
        described.promised_at,
        described.state as ticket_state,
        described.closed_at,
        described.opened_on,
        described.last_event_on,
        described.built_at,
        described.time_zone,
        described.known_until_at,
        described.loaded_through_on,
        case when steps.clock_of = 'centre' then 'centre' else coalesce(clocks.department, described.department) end
            as department,
        rules.variant,
        rules.limit_value,
        rules.limit_unit,
        rules.is_lead,
        rules.origin,
        case when rules.source <> '*' then 32 else 0 end
        + case when rules.kind <> '*' then 16 else 0 end
        + case when rules.area <> '*' then 8 else 0 end
        + case when rules.supply_class <> '*' then 4 else 0 end
        + case when rules.sources_of_supply <> '*' then 2 else 0 end
        + case when rules.customer_kind <> '*' then 1 else 0 end as named_parts
    from clocks
    inner join described on clocks.source = described.source and clocks.ticket_id = described.ticket_id
    inner join steps on clocks.step = steps.step
    inner join rules
        on
            clocks.step = rules.step
            and rules.source in (clocks.source, '*')
            and rules.kind in (described.kind, '*')
            and rules.area in (described.area, '*')
            and rules.supply_class in (described.supply_class, '*')
            and rules.sources_of_supply in (described.sources_of_supply, '*')
            and rules.customer_kind in (described.customer_kind, '*')
            -- The limit in force when the clock started.
            and coalesce(cast(clocks.started_local as date), described.opened_on)
            between rules.valid_from and rules.valid_to
    where rules.limit_unit <> 'promised' or described.promised_at is not null
),

limited as (
    select * from fitting
    qualify row_number() over (
        partition by source, ticket_id, step, started_at, variant
        order by named_parts desc
    ) = 1
),

dated as (
    select
        limited.*,
        {{ is_started_in_hours('start_days', 'limited.started_at') }} as is_started_in_hours,
        {{ due_working_day_no('start_days', 'limited.started_at', 'limited.limit_value') }} as due_working_day_no
    from limited
    left join working_days as start_days
        on
            limited.limit_unit = 'working_days'
            and limited.source = start_days.source
            and limited.department = start_days.unit
            and cast(limited.started_local as date) = start_days.day_local
),

due as (
    select
        dated.*,
        case
            when dated.started_at is null then null
            when dated.limit_unit = 'minutes' then dated.started_at + dated.limit_value * interval '1 minute'
            when dated.limit_unit = 'hours' then dated.started_at + dated.limit_value * interval '1 hour'
            when dated.limit_unit = 'days'
                then {{ instant_of("dated.started_local + dated.limit_value * interval '1 day'", 'dated.time_zone') }}
            when dated.limit_unit = 'months'
                then {{ instant_of("dated.started_local + dated.limit_value * interval '1 month'", 'dated.time_zone') }}
            when dated.limit_unit = 'promised' then dated.promised_at
            when dated.limit_unit = 'working_days'
                then {{ due_on_working_day('due_days', 'dated.started_local', 'dated.is_started_in_hours') }}
        end as due_at
    from dated
    left join working_days as due_days
        on
            dated.source = due_days.source
            and dated.department = due_days.unit
            and dated.due_working_day_no = due_days.working_day_no
            and due_days.is_working_day
),

judged as (
    select
        *,
        {{ local_time('due_at', 'time_zone') }} as due_local,
        case
            when started_at is null then 'unclear'
            when is_superseded then 'not_needed'
            when step in ('call_back', 'call_back_application') and is_anonymous then 'not_needed'
            when limit_unit = 'none' then 'no_limit'
            when due_at is null then 'no_calendar'
            when ended_at <= due_at then 'in_time'
            when ended_at > due_at then 'late'
            when ticket_state <> 'open' and closed_at <= due_at then 'not_needed'
            when ticket_state <> 'open' then 'late'
            when due_at >= known_until_at then 'running'
            else 'running_late'
        end as state
    from due
),

final as (
    select
        judged.source,
        judged.ticket_id,
        judged.step,
        judged.variant,
        cast(
            row_number() over (
                partition by judged.source, judged.ticket_id, judged.step, judged.variant
                order by judged.started_at nulls last
            ) as integer
        ) as round_no,
        judged.kind,
        judged.department,
        judged.state,
        coalesce(cast(judged.due_local as date), cast(judged.started_local as date), cast(judged.ended_local as date))
            as day_local,
        judged.started_at,
        judged.started_local,
        judged.due_at,
        judged.due_local,
        judged.ended_at,
        judged.ended_local,
        case
            when judged.started_at is not null
                then {{ calendar_minutes('judged.started_at', 'judged.ended_at') }}
        end as step_calendar_minutes,
        {{ business_minutes_until('ended_days', 'judged.ended_at') }}
        - ({{ business_minutes_until('started_days', 'judged.started_at') }}) as step_business_minutes,
        case
            when judged.state = 'running_late' or (judged.state = 'late' and judged.ended_at is not null) then
                {{ days_from(
                    'cast(judged.due_local as date)',
                    'coalesce(cast(judged.ended_local as date), judged.loaded_through_on)'
                ) }}
        end as days_late,
        judged.limit_value,
        judged.limit_unit,
        judged.is_lead,
        judged.origin,
        judged.opened_on,
        judged.last_event_on,
        judged.built_at
    from judged
    left join business_minutes as started_days
        on {{ on_business_day('started_days', 'judged.source', 'judged.department', 'judged.started_at') }}
    left join business_minutes as ended_days
        on {{ on_business_day('ended_days', 'judged.source', 'judged.department', 'judged.ended_at') }}
)

select * from final
{% if not is_incremental() %}
-- In the order of days, so that a further day can pass over all others; what is added later is in order by itself.
order by day_local
{% endif %}
