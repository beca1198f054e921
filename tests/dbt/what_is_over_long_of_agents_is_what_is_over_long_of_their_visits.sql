-- Two ways to the same counts: by agent and day, and from the visits with their marks.
with agents as (
    select
        source,
        agent_id,
        day_local,
        sum(answered) as answered,
        sum(visits_transferred) as transferred,
        sum(overlong_calls) as overlong_calls,
        sum(overlong_wrap_ups) as overlong_wrap_ups
    from {{ ref('agent_by_day') }} as agents
    where {{ in_rebuilt('agents', 'day_local') }} and answered > 0
    group by source, agent_id, day_local
),

visits as (
    select
        source,
        agent_id,
        arrival_on as day_local,
        count(*) as answered,
        count_if(is_transferred) as transferred,
        count_if(is_overlong_call) as overlong_calls,
        count_if(is_overlong_wrap_up) as overlong_wrap_ups
    from {{ ref('fct_agent_visit') }} as visits
    where {{ in_rebuilt('visits', 'arrival_on') }}
    group by source, agent_id, arrival_on
),

only_agents as (
    select * from agents
    except
    select * from visits
),

only_visits as (
    select * from visits
    except
    select * from agents
)

select * from only_agents
union all
select * from only_visits
