{% set first_opening = first_opening_of_made(ref('fct_ticket')) %}
with tickets as (
    select * from {{ ref('fct_ticket') }} as tickets
    where opened_at is not null and {{ made_since('tickets') }} and {{ not_before('opened_on', first_opening) }}
),

events as (
    select * from {{ ref('fct_ticket_event') }}
    where {{ not_before('day_local', first_opening) }}
),

event_kinds as (
    select * from {{ ref('ticket_event_kinds') }}
),

business_minutes as (
    select * from {{ ref('int_business_minutes') }}
),

-- A ticket is in its first status from its opening on, whether or not its log begins with an event of that second.
moments as (
    select
        source,
        ticket_id,
        cast(null as varchar) as event,
        cast(null as varchar) as department,
        opened_at as occurred_at,
        opened_local as occurred_local,
        '' as raw_file_id,
        cast(-1 as bigint) as raw_row_number
    from tickets
    union all
    select
        events.source,
        events.ticket_id,
        events.event,
        events.department,
        events.occurred_at,
        events.occurred_local,
        events.raw_file_id,
        events.raw_row_number
    from events
    inner join tickets on events.source = tickets.source and events.ticket_id = tickets.ticket_id
    where not events.is_repeated and events.occurred_at >= tickets.opened_at
),

-- Once closed, nothing but a reopening opens it again.
followed as (
    select
        moments.source,
        moments.ticket_id,
        moments.occurred_at,
        moments.occurred_local,
        row_number() over life as moment_no,
        coalesce(
            last_value(
                case
                    when moments.event in ('closed', 'merged') then true
                    when moments.event = 'reopened' then false
                end ignore nulls
            ) over life,
            false
        ) as is_closed,
        coalesce(last_value(event_kinds.status ignore nulls) over life, 'received') as status,
        coalesce(last_value(event_kinds.held_by ignore nulls) over life, 'centre') as held_by,
        last_value(moments.department ignore nulls) over life as named_department
    from moments
    left join event_kinds on moments.event = event_kinds.event
    window life as (
        partition by moments.source, moments.ticket_id
        order by moments.occurred_at, moments.raw_file_id, moments.raw_row_number
        rows between unbounded preceding and current row
    )
),

described as (
    select
        followed.source,
        followed.ticket_id,
        tickets.kind,
        tickets.opened_on,
        tickets.last_event_on,
        tickets.built_at,
        followed.occurred_at,
        followed.occurred_local,
        followed.moment_no,
        case when followed.is_closed then 'closed' else followed.status end as status,
        case when not followed.is_closed then followed.held_by end as held_by,
        coalesce(followed.named_department, tickets.department, 'centre') as department
    from followed
    inner join tickets on followed.source = tickets.source and followed.ticket_id = tickets.ticket_id
),

compared as (
    select
        *,
        lag(status) over life as previous_status,
        lag(department) over life as previous_department
    from described
    window life as (partition by source, ticket_id order by moment_no)
),

changes as (
    select
        *,
        row_number() over life as stretch_no,
        lead(occurred_at) over life as left_at,
        lead(occurred_local) over life as left_local
    from compared
    where
        previous_status is null
        or status <> previous_status
        or (department <> previous_department and status <> 'closed')
    window life as (partition by source, ticket_id order by moment_no)
),

final as (
    select
        changes.source,
        changes.ticket_id,
        cast(changes.stretch_no as integer) as stretch_no,
        changes.kind,
        changes.status,
        changes.held_by,
        changes.department,
        case
            when changes.status <> 'closed' and changes.previous_status <> 'closed'
                then nullif(changes.previous_department, changes.department)
            when changes.status = 'closed' then changes.previous_department
        end as previous_department,
        changes.occurred_at as entered_at,
        changes.occurred_local as entered_local,
        cast(changes.occurred_local as date) as entered_on,
        changes.left_at,
        changes.left_local,
        cast(changes.left_local as date) as left_on,
        {{ calendar_minutes('changes.occurred_at', 'changes.left_at') }} as stretch_calendar_minutes,
        {{ business_minutes_until('left_days', 'changes.left_at') }}
        - ({{ business_minutes_until('entered_days', 'changes.occurred_at') }}) as stretch_business_minutes,
        changes.stretch_no = 1 as is_opening,
        changes.status = 'closed' as is_closed,
        changes.previous_status is not null and changes.previous_status = 'closed' as is_reopening,
        changes.opened_on,
        changes.last_event_on,
        changes.built_at
    from changes
    left join business_minutes as entered_days
        on {{ on_business_day('entered_days', 'changes.source', 'changes.department', 'changes.occurred_at') }}
    left join business_minutes as left_days
        on {{ on_business_day('left_days', 'changes.source', 'changes.department', 'changes.left_at') }}
)

select * from final
{% if not is_incremental() %}
-- In the order of days, so that a further day can pass over all others; what is added later is in order by itself.
order by entered_on
{% endif %}
