with events as (
    select * from {{ ref('stg_hotline__ticket_events') }}
),

-- Where a source has no key for events, the same event may have been sent twice: all are kept, further ones are marked.
marked as (
    select
        *,
        row_number() over (
            partition by source, ticket_id, occurred_at, event, actor, department, outcome, satisfaction, reason
            order by raw_file_id, raw_row_number
        ) > 1 as is_repeated
    from events
)

select * from marked
