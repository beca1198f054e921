-- Few tickets double another one: their chains are followed anew in every build, because a new record may lengthen any.
with recursive duplicates as (
    select
        source,
        ticket_id,
        duplicate_of_ticket_id,
        duplicate_cause,
        kind,
        opened_by_agent_id,
        opened_at,
        opened_on
    from {{ ref('fct_ticket') }}
    where has_record and duplicate_of_ticket_id is not null
),

-- All tickets apart from the duplicates among them: an import with two uses is read whole.
tickets as (
    select
        source,
        ticket_id,
        opened_at
    from {{ ref('fct_ticket') }}
    where has_record
),

-- A chain longer than this is a loop, or nobody's intent.
chain as (
    select
        source,
        ticket_id,
        duplicate_of_ticket_id as original_ticket_id,
        1 as links
    from duplicates
    union all
    select
        chain.source,
        chain.ticket_id,
        duplicates.duplicate_of_ticket_id as original_ticket_id,
        chain.links + 1 as links
    from chain
    inner join duplicates
        on chain.source = duplicates.source and chain.original_ticket_id = duplicates.ticket_id
    where chain.links < 20 and chain.original_ticket_id <> chain.ticket_id
),

ends as (
    select
        source,
        ticket_id,
        max_by(original_ticket_id, links) as original_ticket_id,
        max(links) as links
    from chain
    group by source, ticket_id
),

final as (
    select
        duplicates.source,
        duplicates.ticket_id,
        duplicates.duplicate_of_ticket_id,
        case when ends.links < 20 and onward.ticket_id is null then ends.original_ticket_id end as original_ticket_id,
        cast(ends.links as integer) as links,
        duplicates.kind,
        duplicates.duplicate_cause,
        duplicates.opened_by_agent_id,
        duplicates.opened_on,
        {{ calendar_minutes('originals.opened_at', 'duplicates.opened_at') }} as opened_after_minutes,
        ends.links = 20 or onward.ticket_id is not null as is_loop,
        onward.ticket_id is null and ends.links < 20 and originals.ticket_id is null as is_original_unknown
    from duplicates
    inner join ends on duplicates.source = ends.source and duplicates.ticket_id = ends.ticket_id
    left join duplicates as onward
        on ends.source = onward.source and ends.original_ticket_id = onward.ticket_id
    left join tickets as originals
        on
            ends.source = originals.source
            and ends.original_ticket_id = originals.ticket_id
            and onward.ticket_id is null
            and ends.links < 20
)

select * from final
