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

-- Nobody says who was signed in: there with the whole half hour is who handled something in it.
shared_out as (
    select
        *,
        handled_seconds * 1.0
        / sum(handled_seconds) over (partition by source, agent_id, half_hour_start_at) as agents_present
    from handled
    where {{ only_rebuilt_days('handled', 'day_local') }}
),

final as (
    select
        source,
        queue_id,
        substr(queue_id, length(source) + 2) as queue,
        day_local,
        half_hour_start_at,
        any_value(half_hour_start_local) as half_hour_start_local,
        'answers' as present_from,
        cast(sum(agents_present) as decimal(12, 4)) as agents_present
    from shared_out
    group by source, queue_id, day_local, half_hour_start_at
)

select * from final
