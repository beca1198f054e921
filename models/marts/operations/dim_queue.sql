with members as (
    {{ seen_members(ref('fct_queue_visit'), 'queue_id') }}
),

named as (
    select
        *,
        substr(member_id, length(source) + 2) as queue
    from members
),

final as (
    select
        member_id as queue_id,
        source,
        queue,
        queue = 'unknown' as is_unknown,
        first_seen_on,
        last_seen_on
    from named
)

select * from final
