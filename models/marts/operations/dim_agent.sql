with members as (
    {{ seen_members(ref('fct_queue_visit'), 'agent_id') }}
),

named as (
    select
        *,
        substr(member_id, length(source) + 2) as agent
    from members
),

final as (
    select
        member_id as agent_id,
        source,
        agent,
        source || '/unknown' as team_id,
        agent = 'unknown' as is_unknown,
        first_seen_on,
        last_seen_on
    from named
)

select * from final
