{% set firsts = ['dispatched', 'accepted', 'arrived', 'feedback', 'restored', 'result', 'replied', 'called_back'] %}
{% set counts = {
    'dispatched': 'dispatches', 'handed_back': 'hand_backs', 'expedited': 'expeditings', 'escalated': 'escalations',
    'reopened': 'reopenings', 'merged': 'mergings', 'interim_reply': 'interim_replies',
    'callback_attempted': 'failed_call_backs', 'called_back': 'call_backs'
} %}
{% set measured = {'replied': 'reply', 'result': 'result', 'closed': 'resolution'} %}
-- Records and events are imported once for each use: an import with several uses is read whole, of all history.
with events_since as (
    select * from {{ ref('fct_ticket_event') }}
),

records_since as (
    select * from {{ ref('int_tickets') }}
),

remade as (
    select
        source,
        ticket_id
    from events_since
    where {{ since_first_change('events_since', 'day_local') }}
    union
    select
        source,
        ticket_id
    from records_since
    where {{ since_first_change('records_since', 'opened_on') }}
    {% if is_incremental() %}
    union
    select
        source,
        ticket_id
    from {{ this }} as known
    where {{ may_have_changed('known') }}
    {% endif %}
),

records as (
    select * from {{ ref('int_tickets') }}
    where
        (source, ticket_id) in (
            select
                remade.source,
                remade.ticket_id
            from remade
        )
),

events as (
    select * from {{ ref('fct_ticket_event') }}
),

kinds as (
    select * from {{ ref('ticket_kinds') }}
),

loaded as (
    select * from {{ ref('int_tickets_loaded') }}
),

business_minutes as (
    select * from {{ ref('int_business_minutes') }}
),

units as (
    select distinct
        source,
        unit
    from {{ ref('unit_calendars') }}
),

-- A source that delivers no records of tickets says by the first event that one is opened.
heard as (
    select
        events.*,
        records.ticket_id is not null as has_record,
        coalesce(
            records.opened_at,
            case
                when not loaded.has_records
                    then min(events.occurred_at) over (partition by events.source, events.ticket_id)
            end
        ) as opened_at,
        lag(events.occurred_at) over (
            partition by events.source, events.ticket_id
            order by events.occurred_at, events.raw_file_id, events.raw_row_number
        ) as previous_at,
        row_number() over (
            partition by events.source, events.ticket_id
            order by events.occurred_at, events.raw_file_id, events.raw_row_number
        ) as event_no
    from events
    inner join remade on events.source = remade.source and events.ticket_id = remade.ticket_id
    inner join loaded on events.source = loaded.source
    left join records on events.source = records.source and events.ticket_id = records.ticket_id
),

-- What is said to have been before the opening has no time that could be measured.
judged as (
    select
        *,
        coalesce(occurred_at >= opened_at, true) and not is_repeated as is_counted,
        event in ('closed', 'merged') as is_closing
    from heard
),

last_reopened as (
    select
        source,
        ticket_id,
        max(case when is_counted and event = 'reopened' then event_no end) as reopened_no
    from judged
    group by source, ticket_id
),

of_events as (
    select
        judged.source,
        judged.ticket_id,
        min(judged.opened_at) as opened_at,
        min(judged.occurred_local) as first_event_local,
        min(judged.day_local) as first_event_on,
        max(judged.occurred_at) as last_event_at,
        max(judged.day_local) as last_event_on,
        count(distinct judged.department) as departments,
        {% for event in firsts %}
        min(case when judged.is_counted and judged.event = '{{ event }}' then judged.occurred_at end) as {{ event }}_at,
        {% endfor %}
        min(
            case
                when
                    judged.is_counted
                    and judged.is_closing
                    and judged.event_no > coalesce(last_reopened.reopened_no, 0)
                    then judged.occurred_at
            end
        ) as closed_at,
        min(
            case
                when
                    judged.is_counted
                    and judged.is_closing
                    and judged.event_no > coalesce(last_reopened.reopened_no, 0)
                    then judged.occurred_local
            end
        ) as closed_local,
        {% for event, name in counts.items() %}
        count(case when judged.is_counted and judged.event = '{{ event }}' then 1 end) as {{ name }},
        {% endfor %}
        max_by(
            judged.satisfaction,
            case when judged.is_counted and judged.satisfaction is not null then judged.event_no end
        ) as satisfaction,
        count(*) as events,
        count(case when judged.is_repeated then 1 end) as repeated_events,
        count(case when judged.occurred_at < judged.opened_at then 1 end) as events_before_opening,
        count(
            case when not judged.is_repeated and judged.occurred_at = judged.previous_at then 1 end
        ) as events_at_same_second,
        bool_or(judged.is_counted and judged.event = 'merged') as is_merged
    from judged
    inner join last_reopened on judged.source = last_reopened.source and judged.ticket_id = last_reopened.ticket_id
    group by judged.source, judged.ticket_id
),

joined as (
    select
        remade.source,
        remade.ticket_id,
        records.contact_id,
        coalesce(records.kind, 'unknown') as kind,
        records.business_type_id,
        records.department,
        coalesce(records.department, 'centre') as unit,
        records.customer_id,
        records.opened_by_agent_id,
        records.priority,
        records.area,
        records.product,
        records.cause,
        records.defect,
        records.owner,
        records.is_founded,
        records.compensation_amount,
        records.corrective_action_at,
        records.is_anonymous,
        records.outage_id,
        records.supply_class,
        records.sources_of_supply,
        records.is_fields_correct,
        records.is_key_fields_correct,
        records.promised_at,
        records.is_promised_by_wish,
        records.duplicate_of_ticket_id,
        records.duplicate_cause,
        records.ticket_id is not null as has_record,
        coalesce(records.opened_at, of_events.opened_at) as opened_at,
        coalesce(
            records.opened_local, case when of_events.opened_at is not null then of_events.first_event_local end
        ) as opened_local,
        coalesce(records.opened_on, of_events.first_event_on) as opened_on,
        {% for event in firsts %}
        of_events.{{ event }}_at,
        {% endfor %}
        of_events.closed_at,
        of_events.closed_local,
        of_events.last_event_at,
        coalesce(of_events.last_event_on, records.opened_on) as last_event_on,
        -- Until its record came, the ticket stood on the day of its first event.
        case
            when of_events.first_event_on < records.opened_on then of_events.first_event_on
        end as event_before_opening_on,
        of_events.satisfaction,
        of_events.departments,
        {% for name in counts.values() %}
        of_events.{{ name }},
        {% endfor %}
        of_events.events,
        of_events.repeated_events,
        of_events.events_before_opening,
        of_events.events_at_same_second,
        coalesce(of_events.is_merged, false) as is_merged
    from remade
    left join records on remade.source = records.source and remade.ticket_id = records.ticket_id
    left join of_events on remade.source = of_events.source and remade.ticket_id = of_events.ticket_id
    where records.ticket_id is not null or of_events.ticket_id is not null
),

final as (
    select
        joined.source,
        joined.ticket_id,
        joined.contact_id,
        joined.kind,
        joined.business_type_id,
        joined.department,
        joined.customer_id,
        joined.opened_by_agent_id,
        joined.priority,
        joined.area,
        joined.product,
        joined.cause,
        joined.defect,
        joined.owner,
        joined.is_founded,
        joined.compensation_amount,
        joined.corrective_action_at,
        joined.outage_id,
        joined.supply_class,
        joined.sources_of_supply,
        joined.promised_at,
        joined.duplicate_of_ticket_id,
        joined.duplicate_cause,
        case when joined.closed_at is null then 'open' when joined.is_merged then 'merged' else 'closed' end as state,
        joined.opened_at,
        joined.opened_local,
        joined.opened_on,
        {% for event in firsts %}
        joined.{{ event }}_at,
        {% endfor %}
        joined.closed_at,
        joined.closed_local,
        cast(joined.closed_local as date) as closed_on,
        joined.last_event_at,
        joined.last_event_on,
        joined.event_before_opening_on,
        joined.satisfaction,
        {% for event, name in measured.items() %}
        {{ calendar_minutes('joined.opened_at', 'joined.' ~ event ~ '_at') }} as {{ name }}_calendar_minutes,
        {{ business_minutes_until(event ~ '_days', 'joined.' ~ event ~ '_at') }}
        - ({{ business_minutes_until('opened_days', 'joined.opened_at') }}) as {{ name }}_business_minutes,
        {% endfor %}
        cast(coalesce(joined.departments, 0) as integer) as departments,
        {% for name in counts.values() %}
        cast(coalesce(joined.{{ name }}, 0) as integer) as {{ name }},
        {% endfor %}
        cast(coalesce(joined.events, 0) as integer) as events,
        cast(coalesce(joined.repeated_events, 0) as integer) as repeated_events,
        cast(coalesce(joined.events_before_opening, 0) as integer) as events_before_opening,
        cast(coalesce(joined.events_at_same_second, 0) as integer) as events_at_same_second,
        coalesce(kinds.is_complaint, false) as is_complaint,
        joined.duplicate_of_ticket_id is not null or joined.is_merged as is_duplicate,
        coalesce(joined.is_anonymous, false) as is_anonymous,
        joined.is_fields_correct,
        joined.is_key_fields_correct,
        joined.is_promised_by_wish,
        joined.has_record,
        kinds.kind is not null as is_kind_known,
        units.unit is not null as is_department_known,
        {{ dbt.current_timestamp() }} as built_at
    from joined
    left join kinds on joined.kind = kinds.kind
    left join units on joined.source = units.source and joined.unit = units.unit
    left join business_minutes as opened_days
        on {{ on_business_day('opened_days', 'joined.source', 'joined.unit', 'joined.opened_at') }}
    {% for event in measured %}
    left join business_minutes as {{ event }}_days
        on {{ on_business_day(event ~ '_days', 'joined.source', 'joined.unit', 'joined.' ~ event ~ '_at') }}
    {% endfor %}
)

select * from final
{% if not is_incremental() %}
-- In the order of days, so that a further day can pass over all others; what is added later is in order by itself.
order by opened_on
{% endif %}
