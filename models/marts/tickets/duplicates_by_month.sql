with duplicates as (
    select
        *,
        cast(date_trunc('month', opened_on) as date) as month_start_on
    from {{ ref('ticket_duplicates') }}
),

assignments as (
    select
        source,
        source || '/' || agent as agent_id,
        source || '/' || team as team_id,
        valid_from,
        valid_to
    from {{ ref('int_agent_assignments') }}
),

placed as (
    select
        duplicates.*,
        coalesce(assignments.team_id, duplicates.source || '/unknown') as team_id
    from duplicates
    left join assignments
        on
            duplicates.source = assignments.source
            and duplicates.opened_by_agent_id = assignments.agent_id
            and duplicates.opened_on between assignments.valid_from and assignments.valid_to
),

final as (
    select
        source,
        month_start_on,
        team_id,
        count(*) as duplicates,
        count(case when duplicate_cause = 'agent' then 1 end) as duplicates_by_agents,
        count(case when duplicate_cause = 'system' then 1 end) as duplicates_by_the_system,
        count(case when duplicate_cause = 'customer' then 1 end) as duplicates_by_customers,
        count(distinct case when duplicate_cause = 'agent' then opened_by_agent_id end) as agents_responsible
    from placed
    group by source, month_start_on, team_id
)

select * from final
