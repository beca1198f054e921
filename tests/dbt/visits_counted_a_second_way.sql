-- The marts count flags; this counts outcomes, waits and targets again, visit by visit, without any flag.
with visits as (
    select * from {{ ref('fct_queue_visit') }} as visits
    where {{ in_rebuilt('visits', 'arrival_on') }}
),

plain as (
    select * from visits
    where direction = 'inbound' and coalesce(call_kind, '') not in ('silent', 'nuisance')
),

counted as (
    select
        source,
        queue_id,
        tier,
        arrival_on as day_local,
        sum(case when outcome = 'answered' then 1 else 0 end) as answered,
        sum(case when outcome = 'abandoned' then 1 else 0 end) as abandoned,
        sum(case when outcome in ('callback_requested', 'voicemail', 'overflow') then 1 else 0 end) as flowed_out,
        sum(case when outcome = 'answered' and wait_seconds <= target_seconds then 1 else 0 end)
            as answered_within_target,
        sum(case when outcome = 'abandoned' and wait_seconds <= target_seconds then 1 else 0 end)
            as abandoned_within_target,
        sum(case when outcome = 'abandoned' and wait_seconds <= short_abandon_seconds then 1 else 0 end)
            as short_abandoned,
        sum(case when outcome = 'answered' then wait_seconds else 0 end) as wait_seconds_answered
    from plain
    group by source, queue_id, tier, arrival_on
),

mart as (
    select
        source,
        queue_id,
        tier,
        day_local,
        answered,
        abandoned,
        flowed_out,
        answered_within_target,
        abandoned_within_target,
        short_abandoned,
        wait_seconds_answered
    from {{ ref('service_level_by_day') }} as days
    where {{ in_rebuilt('days', 'day_local') }} and offered > 0
),

counted_with_offered as (
    select * from counted
    where answered + abandoned + flowed_out > 0
),

only_in_mart as (
    select * from mart
    except
    select * from counted_with_offered
),

only_counted as (
    select * from counted_with_offered
    except
    select * from mart
)

select * from only_in_mart
union all
select * from only_counted
