with teams as (
    select * from {{ ref('int_teams') }}
),

final as (
    select
        source || '/' || team as team_id,
        source,
        team,
        team = 'unknown' as is_unknown
    from teams
)

select * from final
