-- The days come from the control table: to ask all visits for them would read all landed rows once more.
with landed_days as (
    select * from {{ source('control', 'read_days') }}
),

targets as (
    select * from {{ ref('operating_targets') }}
),

days as (
    select
        source,
        day as arrival_on
    from landed_days
    union
    -- Who entered before midnight may have joined the queue after it.
    select
        source,
        cast(day + interval '1 day' as date) as arrival_on
    from landed_days
),

in_force as (
    select
        days.source,
        days.arrival_on,
        targets.measure,
        -- What a source sets for itself goes before what holds for all.
        max_by(targets.target, case when targets.source = '*' then 0 else 1 end) as target
    from days
    inner join targets
        on
            targets.source in (days.source, '*')
            and days.arrival_on between targets.valid_from and targets.valid_to
    group by days.source, days.arrival_on, targets.measure
),

by_day as (
    select
        source,
        arrival_on,
        cast(max(case when measure = 'ring_seconds' then target end) as integer) as ring_target_seconds,
        cast(max(case when measure = 'talk_seconds' then target end) as integer) as talk_target_seconds,
        cast(max(case when measure = 'wrap_up_seconds' then target end) as integer) as wrap_up_target_seconds,
        cast(max(case when measure = 'hold_seconds' then target end) as integer) as hold_limit_seconds,
        cast(max(case when measure = 'transfer_share' then target end) as decimal(5, 4)) as transfer_target_share
    from in_force
    group by source, arrival_on
)

select * from by_day
