with planned as (
    select * from {{ ref('int_agent_schedule') }}
),

rules as (
    select * from {{ ref('int_forecast_rules') }}
),

-- From the last loaded day on: a shift that began on it may reach into the next.
ahead as (
    select
        planned.source,
        planned.agent,
        planned.day_local,
        planned.is_available,
        rules.loaded_through_on,
        rules.horizon_days,
        {{ local_time('planned.starts_at', 'planned.time_zone') }} as starts_local,
        {{ local_time('planned.ends_at', 'planned.time_zone') }} as ends_local,
        coalesce(
            lag(planned.ends_at) over (partition by planned.source, planned.agent order by planned.starts_at)
            < planned.starts_at,
            true
        ) as is_start_of_shift
    from planned
    inner join rules on planned.source = rules.source
    where planned.day_local >= rules.loaded_through_on
),

-- The roster reaches as far as shifts begin: the end of the last night is no plan for the day after it.
reaches as (
    select
        source,
        max(day_local) as rostered_through_on
    from ahead
    where is_start_of_shift
    group by source
),

-- An activity has at most a day, which touches 49 half hours.
numbers as (
    {{ dbt.generate_series(49) }}
),

parts as (
    select
        ahead.*,
        time_bucket(interval '30 minutes', ahead.starts_local)
        + (numbers.generated_number - 1) * interval '30 minutes' as half_hour_start_local
    from ahead
    inner join numbers
        on
            time_bucket(interval '30 minutes', ahead.starts_local)
            + (numbers.generated_number - 1) * interval '30 minutes' < ahead.ends_local
),

shares as (
    select
        *,
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
