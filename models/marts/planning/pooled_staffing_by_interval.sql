with half_hours as (
    select * from {{ ref('staffing_by_interval') }} as half_hours
    where {{ only_rebuilt_days('half_hours', 'day_local') }}
),

open_half_hours as (
    select * from half_hours
    where is_open
),

-- The patience of the pool's callers on a day, as of a queue's: all time waited by abandons.
days as (
    select
        source,
        day_local,
        sum(waited_seconds) * 1.0 / nullif(sum(abandoned), 0) as patience_seconds
    from open_half_hours
    group by source, day_local
),

pooled as (
    select
        source,
        day_local,
        half_hour_start_at,
        any_value(half_hour_start_local) as half_hour_start_local,
        bool_or(is_simulated) as is_simulated,
        count(case when offered > 0 then 1 end) as queues,
        sum(offered) as offered,
        -- What is not known of one queue is not known of the pool.
        case when count(offered_load) = count(*) then sum(offered_load) end as offered_load,
        sum(offered_load) * 1800 / nullif(sum(case when offered_load > 0 then offered end), 0) as mean_handle_seconds,
        -- One queue has one target: the shortest wait, and the queues' shares weighted with their calls.
        min(case when offered > 0 then target_seconds end) as target_seconds,
        -- Decimals add up to the same in any order.
        sum(cast(target_share * offered as decimal(18, 6)))
        / nullif(sum(case when target_share is not null then offered end), 0) as target_share,
        min(most_occupancy) as most_occupancy,
        case when count(offered_load) = count(*) then sum(agents_needed_erlang_a) end as needed_apart,
        sum(agents_present) as agents_present,
        sum(predicted_calls) as predicted_calls,
        sum(predicted_calls_within_target) as predicted_calls_within_target,
        sum(within_target_erlang_a) as within_target_apart
    from open_half_hours
    group by source, day_local, half_hour_start_at
),

asked as (
    select
        pooled.*,
        days.patience_seconds
    from pooled
    inner join days on pooled.source = days.source and pooled.day_local = days.day_local
),

computed as (
    select
        *,
        case
            when offered_load = 0 then 0
            else erlang_agents_needed(
                offered_load, mean_handle_seconds, target_seconds, target_share, most_occupancy, patience_seconds
            )
        end as needed_pooled,
        erlang_service_level(
            offered_load, agents_present, mean_handle_seconds, target_seconds, patience_seconds
        ) as level_pooled,
        erlang_service_level(
            offered_load, agents_present + 1, mean_handle_seconds, target_seconds, patience_seconds
        ) as level_one_more
    from asked
),

predicted as (
    select
        *,
        agents_present - needed_pooled as spare_agents
    from computed
),

final as (
    select
        source,
        day_local,
        half_hour_start_at,
        half_hour_start_local,
        {{ clock_label('half_hour_start_local') }} as half_hour_label,
        {{ iso_weekday('day_local') }} as weekday,
        is_simulated,
        cast(queues as integer) as queues,
        cast(offered as bigint) as offered,
        cast(offered_load as decimal(12, 4)) as offered_load,
        cast(mean_handle_seconds as double) as mean_handle_seconds,
        cast(patience_seconds as double) as patience_seconds,
        target_seconds,
        cast(target_share as double) as target_share,
        most_occupancy,
        cast(needed_apart as integer) as agents_needed_apart,
        cast(needed_pooled as integer) as agents_needed_pooled,
        cast(agents_present as decimal(12, 4)) as agents_present,
        cast(case when spare_agents > 0 then spare_agents else 0 * spare_agents end as decimal(12, 4)) as agents_over,
        cast(case when spare_agents < 0 then -spare_agents else 0 * spare_agents end as decimal(12, 4)) as agents_under,
        cast(predicted_calls as bigint) as predicted_calls,
        cast(predicted_calls_within_target as bigint) as predicted_calls_within_target,
        cast(within_target_apart as decimal(18, 4)) as within_target_apart,
        cast(coalesce(predicted_calls * level_pooled, 0) as decimal(18, 4)) as within_target_pooled,
        cast(coalesce(predicted_calls * level_one_more, 0) as decimal(18, 4)) as within_target_one_more
    from predicted
)

select * from final
