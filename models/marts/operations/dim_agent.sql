-- Whom a visit names, and who was signed in or planned.
with members as (
    {{ seen_members('(' ~ agents_seen() ~ ')', 'agent_id', only_changed=false) }}
),

assignments as (
    select
        source || '/' || agent as agent_id,
        source || '/' || team as team_id,
        site,
        valid_from,
        valid_to,
        trainee_until
    from {{ ref('int_agent_assignments') }}
),

shift_patterns as (
    select
        agent_id,
        max_by(shift_pattern, day_local) as shift_pattern
    from {{ ref('agent_by_day') }}
    where shift_pattern is not null
    group by agent_id
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
        coalesce(assignments.team_id, named.source || '/unknown') as team_id,
        assignments.site,
        shift_patterns.shift_pattern,
        coalesce(named.last_seen_on <= assignments.trainee_until, false) as is_trainee,
        named.agent = 'unknown' as is_unknown,
        named.first_seen_on,
        named.last_seen_on
    from named
    left join assignments
        on
            named.member_id = assignments.agent_id
            and assignments.valid_to = cast('2999-12-31' as date)
    left join shift_patterns on named.member_id = shift_patterns.agent_id
)

select * from final
