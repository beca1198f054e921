with members as (
    {{ seen_members(ref('fct_queue_visit'), 'agent_id', only_changed=false) }}
),

teams as (
    select
        source || '/' || agent as agent_id,
        source || '/' || team as team_id
    from {{ ref('int_agent_teams') }}
),

named as (
    select
        *,
        substr(member_id, length(source) + 2) as agent
    from members
),

final as (
    select
        named.member_id as agent_id,
        named.source,
        named.agent,
        coalesce(teams.team_id, named.source || '/unknown') as team_id,
        named.agent = 'unknown' as is_unknown,
        named.first_seen_on,
        named.last_seen_on
    from named
    left join teams on named.member_id = teams.agent_id
)

select * from final
