-- No state is lost to the duties: what belongs to a day's duty is in the row of that day.
with duties as (
    select
        source,
        agent_id,
        day_local,
        sum(duty_signed_in_seconds) as signed_in_seconds,
        sum(duty_away_seconds) as away_seconds,
        sum(duty_sign_ins) as sign_ins
    from {{ ref('agent_by_day') }} as duties
    where {{ in_rebuilt('duties', 'day_local') }}
    group by source, agent_id, day_local
    having sum(duty_signed_in_seconds) > 0
),

states as (
    select
        source,
        agent_id,
        duty_on as day_local,
        sum(duration_seconds) as signed_in_seconds,
        sum(case when state = 'away' then duration_seconds else 0 end) as away_seconds,
        count_if(is_session_start) as sign_ins
    from {{ ref('fct_agent_state') }} as states
    where {{ in_rebuilt('states', 'duty_on') }}
    group by source, agent_id, duty_on
    having sum(duration_seconds) > 0
),

only_duties as (
    select * from duties
    except
    select * from states
),

only_states as (
    select * from states
    except
    select * from duties
)

select * from only_duties
union all
select * from only_states
