-- A row that ends no session is followed by another that begins where it ended; the next row never begins earlier.
with states as (
    select
        agent_id,
        day_local,
        started_at,
        ended_at,
        ended_local,
        is_session_end,
        lead(started_at) over (partition by agent_id order by started_at, ended_at) as next_at
    from {{ ref('fct_agent_state') }} as states
    where {{ in_rebuilt('states', 'day_local') }}
),

-- What follows on a day that this build did not make stands outside of the view.
wrong as (
    select *
    from states
    where
        next_at < ended_at
        or (
            not is_session_end
            and next_at is distinct from ended_at
            and ended_local < day_local + interval '1 day'
        )
)

select * from wrong
