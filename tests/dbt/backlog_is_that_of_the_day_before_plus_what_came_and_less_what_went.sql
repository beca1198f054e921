-- A kind and department without a row on a day has nothing open in its evening, so the day after begins with none.
with backlog as (
    select
        *,
        lag(backlog) over days_of_one as backlog_before,
        lag(day_local) over days_of_one as day_before,
        lead(day_local) over days_of_one as day_after,
        max(day_local) over (partition by source) as last_day
    from {{ ref('ticket_backlog_by_day') }}
    window days_of_one as (partition by source, kind, department order by day_local)
),

compared as (
    select
        *,
        case when {{ days_from('day_before', 'day_local') }} = 1 then backlog_before else 0 end
        + opened + reopened + moved_in - closed - moved_out as expected
    from backlog
)

select * from compared
where
    backlog <> expected
    or (backlog > 0 and day_local < last_day and coalesce({{ days_from('day_local', 'day_after') }}, 0) <> 1)
