with answered as (
    select
        source,
        agent_id,
        queue_id,
        answered_at,
        answered_at + handle_seconds * interval '1 second' as handled_at,
        time_bucket(interval '30 minutes', answered_at) as first_half_hour_at,
        time_bucket(interval '30 minutes', answered_local) as first_half_hour_local
    from {{ ref('fct_queue_visit') }} as visits
    where
        is_answered
        and handle_seconds > 0
        and agent_id <> source || '/unknown'
        and {{ only_read_days('visits', 'arrival_on') }}
),

-- Nobody handles one contact for more than four hours.
numbers as (
    {{ dbt.generate_series(8) }}
),

-- One row per contact and half hour in which it was handled.
parts as (
    select
        answered.source,
        answered.agent_id,
        answered.queue_id,
        answered.answered_at,
        answered.handled_at,
        answered.first_half_hour_at + (numbers.generated_number - 1) * interval '30 minutes' as half_hour_start_at,
        answered.first_half_hour_local
        + (numbers.generated_number - 1) * interval '30 minutes' as half_hour_start_local
    from answered
    inner join numbers
        on answered.first_half_hour_at + (numbers.generated_number - 1) * interval '30 minutes' < answered.handled_at
),

handled as (
    select
        source,
        agent_id,
        queue_id,
        half_hour_start_at,
        any_value(half_hour_start_local) as half_hour_start_local,
        cast(any_value(half_hour_start_local) as date) as day_local,
        sum(
            {{ seconds_between(
                'greatest(answered_at, half_hour_start_at)',
                "least(handled_at, half_hour_start_at + interval '30 minutes')"
            ) }}
        ) as handled_seconds
    from parts
    group by source, agent_id, queue_id, half_hour_start_at
),

handled_on_rebuilt_days as (
    select * from handled
    where {{ only_rebuilt_days('handled', 'day_local') }}
),

-- States in which an agent takes contacts of queues, or handles one.
states as (
    select
        source,
        agent_id,
        day_local,
        started_at,
        ended_at,
        time_bucket(interval '30 minutes', started_at) as first_half_hour_at,
        time_bucket(interval '30 minutes', started_local) as first_half_hour_local
    from {{ ref('fct_agent_state') }} as states
    where
        state in ('ready', 'ringing', 'talking', 'holding', 'wrapping_up')
        and ended_at > started_at
        and {{ only_rebuilt_days('states', 'day_local') }}
),

half_hours_of_a_day as (
    {{ dbt.generate_series(50) }}
),

-- Few states go over the half hour: they alone are taken apart.
available_parts as (
    select
        source,
        agent_id,
        day_local,
        first_half_hour_at as half_hour_start_at,
        first_half_hour_local as half_hour_start_local,
        {{ seconds_between('started_at', 'ended_at') }} as available_seconds
    from states
    where ended_at <= first_half_hour_at + interval '30 minutes'
    union all
    select
        states.source,
        states.agent_id,
        states.day_local,
        states.first_half_hour_at + (numbers.generated_number - 1) * interval '30 minutes' as half_hour_start_at,
        states.first_half_hour_local + (numbers.generated_number - 1) * interval '30 minutes' as half_hour_start_local,
        {{ seconds_between(
            "greatest(
                states.started_at, states.first_half_hour_at + (numbers.generated_number - 1) * interval '30 minutes'
            )",
            "least(states.ended_at, states.first_half_hour_at + numbers.generated_number * interval '30 minutes')"
        ) }} as available_seconds
    from states
    inner join half_hours_of_a_day as numbers
        on states.first_half_hour_at + (numbers.generated_number - 1) * interval '30 minutes' < states.ended_at
    where states.ended_at > states.first_half_hour_at + interval '30 minutes'
),

days_with_states as (
    select distinct
        source,
        day_local
    from states
),

-- Where nobody says who was signed in, there with the whole half hour is who handled something in it.
present as (
    select
        source,
        agent_id,
        half_hour_start_at,
        day_local,
        any_value(half_hour_start_local) as half_hour_start_local,
        sum(available_seconds) / 1800.0 as present_share,
        'states' as present_from
    from available_parts
    group by source, agent_id, half_hour_start_at, day_local
    union all
    select
        handled.source,
        handled.agent_id,
        handled.half_hour_start_at,
        handled.day_local,
        any_value(handled.half_hour_start_local) as half_hour_start_local,
        1.0 as present_share,
        'answers' as present_from
    from handled_on_rebuilt_days as handled
    left join days_with_states
        on handled.source = days_with_states.source and handled.day_local = days_with_states.day_local
    where days_with_states.source is null
    group by handled.source, handled.agent_id, handled.half_hour_start_at, handled.day_local
),

shares_of_half_hour as (
    select
        source,
        agent_id,
        queue_id,
        half_hour_start_at,
        handled_seconds * 1.0
        / sum(handled_seconds) over (partition by source, agent_id, half_hour_start_at) as queue_share
    from handled_on_rebuilt_days
),

handled_by_day as (
    select
        source,
        agent_id,
        queue_id,
        day_local,
        sum(handled_seconds) as handled_seconds
    from handled_on_rebuilt_days
    group by source, agent_id, queue_id, day_local
),

shares_of_day as (
    select
        source,
        agent_id,
        queue_id,
        day_local,
        handled_seconds * 1.0 / sum(handled_seconds) over (partition by source, agent_id, day_local) as queue_share
    from handled_by_day
),

busy_half_hours as (
    select distinct
        source,
        agent_id,
        half_hour_start_at
    from handled_on_rebuilt_days
),

-- An agent of several queues is shared out among them by what was handled: in the half hour, else on the day.
shared_out as (
    select
        present.source,
        shares_of_half_hour.queue_id,
        present.day_local,
        present.half_hour_start_at,
        present.half_hour_start_local,
        present.present_from,
        present.present_share * shares_of_half_hour.queue_share as agents_present
    from present
    inner join shares_of_half_hour
        on
            present.source = shares_of_half_hour.source
            and present.agent_id = shares_of_half_hour.agent_id
            and present.half_hour_start_at = shares_of_half_hour.half_hour_start_at
    union all
    select
        present.source,
        shares_of_day.queue_id,
        present.day_local,
        present.half_hour_start_at,
        present.half_hour_start_local,
        present.present_from,
        present.present_share * shares_of_day.queue_share as agents_present
    from present
    inner join shares_of_day
        on
            present.source = shares_of_day.source
            and present.agent_id = shares_of_day.agent_id
            and present.day_local = shares_of_day.day_local
    left join busy_half_hours
        on
            present.source = busy_half_hours.source
            and present.agent_id = busy_half_hours.agent_id
            and present.half_hour_start_at = busy_half_hours.half_hour_start_at
    where busy_half_hours.agent_id is null
),

final as (
    select
        source,
        queue_id,
        substr(queue_id, length(source) + 2) as queue,
        day_local,
        half_hour_start_at,
        any_value(half_hour_start_local) as half_hour_start_local,
        any_value(present_from) as present_from,
        cast(sum(agents_present) as decimal(12, 4)) as agents_present
    from shared_out
    group by source, queue_id, day_local, half_hour_start_at
)

select * from final
