with events as (
    select * from {{ ref('int_ticket_events') }}
),

final as (
    select
        source,
        ticket_id,
        event,
        actor,
        department,
        outcome,
        satisfaction,
        reason,
        occurred_at,
        occurred_local,
        day_local,
        is_repeated,
        raw_file_id,
        raw_row_number
    from events
    where {{ only_rebuilt_days('events', 'day_local') }}
)

select * from final
{% if not is_incremental() %}
-- In the order of days, so that a further day can pass over all others; what is added later is in order by itself.
order by day_local
{% endif %}
