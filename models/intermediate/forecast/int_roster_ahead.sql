with planned as (
    select * from {{ ref('stg_hotline__agent_schedules') }}
    where ends_at > starts_at
),

rules as (
    select * from {{ ref('int_forecast_rules') }}
),

activities as (
    select * from {{ ref('schedule_activities') }}
),

-- From the last loaded day on: a shift that began on it may reach into the next.
ahead as (
    select
        planned.source,
        planned.agent,
        planned.activity,
        planned.time_zone,
        planned.starts_at,
        planned.ends_at,
        rules.loaded_through_on,
        rules.horizon_days
    from planned
    inner join rules on planned.source = rules.source
    where planned.starts_at >= cast(rules.loaded_through_on as timestamp with time zone) - interval '1 day'
),

-- An activity ends where the agent's next one begins, as in int_agent_schedule.
ended as (
    select
        ahead.source,
        ahead.agent,
        ahead.loaded_through_on,
        ahead.horizon_days,
        coalesce(activities.is_available, false) as is_available,
        {{ local_time('ahead.starts_at', 'ahead.time_zone') }} as starts_local,
        {{ local_time(
            'least(ahead.ends_at, lead(ahead.starts_at) over agent_in_order)', 'ahead.time_zone'
        ) }} as ends_local,
        coalesce(lag(ahead.ends_at) over agent_in_order < ahead.starts_at, true) as is_start_of_shift
    from ahead
    left join activities on ahead.activity = activities.activity
    window agent_in_order as (
        partition by ahead.source, ahead.agent
        order by ahead.starts_at, ahead.ends_at, ahead.activity
    )
),

-- The roster reaches as far as shifts begin: the end of the last night is no plan for the day after it.
reaches as (
    select
        source,
        max(cast(starts_local as date)) as rostered_through_on
    from ended
    where is_start_of_shift
    group by source
),

-- An activity has at most a day, which touches 49 half hours.
numbers as (
    {{ dbt.generate_series(49) }}
),

parts as (
    select
        ended.source,
        ended.agent,
        ended.loaded_through_on,
        ended.horizon_days,
        ended.is_available,
        ended.starts_local,
        ended.ends_local,
        time_bucket(interval '30 minutes', ended.starts_local)
        + (numbers.generated_number - 1) * interval '30 minutes' as half_hour_start_local
    from ended
    inner join numbers
        on
            time_bucket(interval '30 minutes', ended.starts_local)
            + (numbers.generated_number - 1) * interval '30 minutes' < ended.ends_local
),

shares as (
    select
        *,
        cast(half_hour_start_local as date) as day_local,
        {{ seconds_between(
            'greatest(starts_local, half_hour_start_local)',
            "least(ends_local, half_hour_start_local + interval '30 minutes')"
        ) }} / 1800.0 as share_of_half_hour
    from parts
),

rostered as (
    select
        shares.source,
        shares.source || '/' || shares.agent as agent_id,
        shares.day_local,
        shares.half_hour_start_local,
        any_value(reaches.rostered_through_on) as rostered_through_on,
        sum(shares.share_of_half_hour) as scheduled_share,
        sum(case when shares.is_available then shares.share_of_half_hour else 0 end) as available_share
    from shares
    inner join reaches on shares.source = reaches.source
    where
        {{ days_from('shares.loaded_through_on', 'shares.day_local') }} between 1 and shares.horizon_days
        and shares.day_local <= reaches.rostered_through_on
    group by shares.source, shares.agent, shares.day_local, shares.half_hour_start_local
)

select * from rostered
