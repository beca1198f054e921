-- Two ways to the same seconds: by agent from the visits, and by queue from the intervals.
with agents as (
    select
        source,
        day_local,
        sum(answered) as answered,
        sum(contacts_answered) as contacts_answered,
        sum(visits_transferred) as visits_transferred,
        sum(handle_seconds) as handle_seconds,
        sum(handle_count) as handle_count,
        sum(ratings_satisfied) as ratings_satisfied
    from {{ ref('agent_by_day') }} as agents
    where {{ in_rebuilt('agents', 'day_local') }}
    group by source, day_local
    having sum(answered) > 0
),

queues as (
    select
        source,
        day_local,
        sum(answered) as answered,
        sum(contacts_answered) as contacts_answered,
        sum(visits_transferred) as visits_transferred,
        sum(handle_seconds) as handle_seconds,
        sum(handle_count) as handle_count,
        sum(ratings_satisfied) as ratings_satisfied
    from {{ ref('service_level_by_day') }} as queues
    where {{ in_rebuilt('queues', 'day_local') }}
    group by source, day_local
    having sum(answered) > 0
),

only_agents as (
    select * from agents
    except
    select * from queues
),

only_queues as (
    select * from queues
    except
    select * from agents
)

select * from only_agents
union all
select * from only_queues
