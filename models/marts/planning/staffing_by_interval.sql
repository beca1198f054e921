with intervals as (
    select * from {{ ref('service_level_by_interval') }} as intervals
    where {{ only_rebuilt_days('intervals', 'day_local') }}
),

present as (
    select * from {{ ref('agents_present_by_interval') }} as present
    where {{ only_rebuilt_days('present', 'day_local') }}
),

rules as (
    select
        *,
        case when queue <> '*' then 2 else 0 end + case when source <> '*' then 1 else 0 end as named_parts
    from {{ ref('staffing_rules') }}
),

opening_hours as (
    select * from {{ ref('opening_hours') }}
),

half_hours as (
    select
        source,
        queue_id,
        day_local,
        half_hour_start_at,
        any_value(half_hour_start_local) as half_hour_start_local,
        bool_or(is_simulated) as is_simulated,
        sum(offered) as offered,
        sum(answered) as answered,
        sum(abandoned) as abandoned,
        sum(answered_within_target) as answered_within_target,
        sum(handle_seconds) as handle_seconds,
        sum(handle_count) as handle_count,
        sum(wait_seconds_answered + wait_seconds_abandoned) as waited_seconds,
        sum(target_answers) as target_answers,
        max(target_seconds) as target_seconds
    from intervals
    group by source, queue_id, day_local, half_hour_start_at
),

-- Every half hour in which calls came or somebody was there.
placed as (
    select
        coalesce(half_hours.source, present.source) as source,
        coalesce(half_hours.queue_id, present.queue_id) as queue_id,
        coalesce(half_hours.day_local, present.day_local) as day_local,
        coalesce(half_hours.half_hour_start_at, present.half_hour_start_at) as half_hour_start_at,
        coalesce(half_hours.half_hour_start_local, present.half_hour_start_local) as half_hour_start_local,
        half_hours.is_simulated,
        coalesce(half_hours.offered, 0) as offered,
        coalesce(half_hours.answered, 0) as answered,
        coalesce(half_hours.abandoned, 0) as abandoned,
        coalesce(half_hours.answered_within_target, 0) as answered_within_target,
        coalesce(half_hours.handle_seconds, 0) as handle_seconds,
        coalesce(half_hours.handle_count, 0) as handle_count,
        coalesce(half_hours.waited_seconds, 0) as waited_seconds,
        half_hours.target_answers,
        half_hours.target_seconds,
        present.present_from,
        coalesce(present.agents_present, 0) as agents_present
    from half_hours
    full outer join present
        on
            half_hours.source = present.source
            and half_hours.queue_id = present.queue_id
            and half_hours.half_hour_start_at = present.half_hour_start_at
    where half_hours.offered > 0 or present.agents_present > 0
),

compared_with_hours as (
    select
        placed.source,
        placed.queue_id,
        placed.half_hour_start_at,
        opening_hours.queue <> '*' as is_own,
        {{ iso_weekday('placed.day_local') }} = opening_hours.weekday
        and extract(hour from placed.half_hour_start_local) * 60 + extract(minute from placed.half_hour_start_local)
        between opening_hours.opens_minute and opening_hours.closes_minute - 1 as is_within
    from placed
    inner join opening_hours
        on
            placed.source = opening_hours.source
            and (opening_hours.queue = '*' or placed.source || '/' || opening_hours.queue = placed.queue_id)
            and placed.day_local between opening_hours.valid_from and opening_hours.valid_to
),

-- A queue's own hours go before those that hold for all queues of its source.
opened as (
    select
        source,
        queue_id,
        half_hour_start_at,
        case when bool_or(is_own) then bool_or(is_own and is_within) else bool_or(is_within) end as is_open
    from compared_with_hours
    group by source, queue_id, half_hour_start_at
),

in_hours as (
    select
        placed.*,
        -- A queue about whose hours nothing is known is open.
        coalesce(opened.is_open, true) as is_open
    from placed
    left join opened
        on
            placed.source = opened.source
            and placed.queue_id = opened.queue_id
            and placed.half_hour_start_at = opened.half_hour_start_at
),

days as (
    select
        source,
        queue_id,
        day_local,
        bool_or(is_simulated) as is_simulated,
        sum(case when is_open then handle_seconds end) as handle_seconds,
        sum(case when is_open then handle_count end) as handle_count,
        sum(case when is_open then waited_seconds end) as waited_seconds,
        sum(case when is_open then answered + abandoned end) as answered_or_abandoned,
        sum(case when is_open then abandoned end) as abandoned,
        sum(case when is_open then target_answers end) as target_answers,
        max(target_seconds) as target_seconds
    from in_hours
    group by source, queue_id, day_local
),

rules_of_day as (
    select
        days.source,
        days.queue_id,
        days.day_local,
        max_by(rules.most_occupancy, rules.named_parts) as most_occupancy,
        max_by(rules.shrinkage, rules.named_parts) as shrinkage
    from days
    inner join rules
        on
            rules.source in (days.source, '*')
            and (rules.queue = '*' or days.source || '/' || rules.queue = days.queue_id)
            and days.day_local between rules.valid_from and rules.valid_to
    group by days.source, days.queue_id, days.day_local
),

-- What a half hour lacks itself is taken from its day.
asked as (
    select
        in_hours.source,
        in_hours.queue_id,
        in_hours.day_local,
        in_hours.half_hour_start_at,
        in_hours.half_hour_start_local,
        days.is_simulated,
        in_hours.is_open,
        in_hours.offered,
        in_hours.answered,
        in_hours.abandoned,
        in_hours.answered_within_target,
        in_hours.handle_seconds,
        in_hours.waited_seconds,
        in_hours.present_from,
        in_hours.agents_present,
        rules_of_day.most_occupancy,
        rules_of_day.shrinkage,
        coalesce(in_hours.target_seconds, days.target_seconds) as target_seconds,
        coalesce(
            cast(in_hours.target_answers as double) / nullif(in_hours.answered + in_hours.abandoned, 0),
            cast(days.target_answers as double) / nullif(days.answered_or_abandoned, 0)
        ) as target_share,
        coalesce(
            in_hours.handle_seconds * 1.0 / nullif(in_hours.handle_count, 0),
            days.handle_seconds * 1.0 / nullif(days.handle_count, 0)
        ) as mean_handle_seconds,
        days.waited_seconds * 1.0 / nullif(days.abandoned, 0) as patience_seconds
    from in_hours
    inner join days
        on
            in_hours.source = days.source
            and in_hours.queue_id = days.queue_id
            and in_hours.day_local = days.day_local
    left join rules_of_day
        on
            in_hours.source = rules_of_day.source
            and in_hours.queue_id = rules_of_day.queue_id
            and in_hours.day_local = rules_of_day.day_local
),

loaded as (
    select
        *,
        case when is_open and offered > 0 then offered * mean_handle_seconds / 1800 else 0.0 end as offered_load
    from asked
),

computed as (
    select
        *,
        case
            when offered_load = 0 then 0
            else erlang_agents_needed(
                offered_load, mean_handle_seconds, target_seconds, target_share, most_occupancy, null
            )
        end as needed_erlang_c,
        case
            when offered_load = 0 then 0
            else erlang_agents_needed(
                offered_load, mean_handle_seconds, target_seconds, target_share, most_occupancy, patience_seconds
            )
        end as needed_erlang_a,
        erlang_service_level(
            offered_load, agents_present, mean_handle_seconds, target_seconds, null
        ) as level_erlang_c,
        erlang_service_level(
            offered_load, agents_present, mean_handle_seconds, target_seconds, patience_seconds
        ) as level_erlang_a,
        erlang_service_level(
            offered_load, agents_present + 1, mean_handle_seconds, target_seconds, patience_seconds
        ) as level_one_more,
        erlang_abandonment(
            offered_load, agents_present, mean_handle_seconds, patience_seconds
        ) as abandonment_erlang_a,
        erlang_abandonment(
            offered_load, agents_present + 1, mean_handle_seconds, patience_seconds
        ) as abandonment_one_more
    from loaded
),

predicted as (
    select
        *,
        -- What came while the queue was closed was not to be answered.
        is_open and level_erlang_a is not null as is_predicted,
        agents_present - needed_erlang_a as spare_agents
    from computed
),

final as (
    select
        source,
        queue_id,
        substr(queue_id, length(source) + 2) as queue,
        day_local,
        half_hour_start_at,
        half_hour_start_local,
        {{ clock_label('half_hour_start_local') }} as half_hour_label,
        {{ iso_weekday('day_local') }} as weekday,
        coalesce(is_simulated, false) as is_simulated,
        cast(offered as bigint) as offered,
        cast(answered as bigint) as answered,
        cast(abandoned as bigint) as abandoned,
        cast(answered_within_target as bigint) as answered_within_target,
        cast(handle_seconds as bigint) as handle_seconds,
        cast(waited_seconds as bigint) as waited_seconds,
        cast(mean_handle_seconds as double) as mean_handle_seconds,
        cast(patience_seconds as double) as patience_seconds,
        target_seconds,
        cast(target_share as double) as target_share,
        most_occupancy,
        shrinkage,
        cast(offered_load as decimal(12, 4)) as offered_load,
        cast(needed_erlang_c as integer) as agents_needed_erlang_c,
        cast(needed_erlang_a as integer) as agents_needed_erlang_a,
        cast(ceil(needed_erlang_a / (1 - shrinkage) - 1e-9) as integer) as agents_rostered_needed,
        cast(agents_present as decimal(12, 4)) as agents_present,
        present_from,
        cast(case when spare_agents > 0 then spare_agents else 0 * spare_agents end as decimal(12, 4)) as agents_over,
        cast(case when spare_agents < 0 then -spare_agents else 0 * spare_agents end as decimal(12, 4)) as agents_under,
        cast(case when is_predicted then answered + abandoned else 0 end as bigint) as predicted_calls,
        cast(case when is_predicted then answered_within_target else 0 end as bigint) as predicted_calls_within_target,
        {% for expected, share in [
            ('within_target_erlang_c', 'level_erlang_c'),
            ('within_target_erlang_a', 'level_erlang_a'),
            ('within_target_one_more', 'level_one_more'),
            ('abandoned_erlang_a', 'abandonment_erlang_a'),
            ('abandoned_one_more', 'abandonment_one_more'),
        ] %}
        cast(case when is_predicted then (answered + abandoned) * {{ share }} else 0 end as decimal(18, 4))
            as {{ expected }},
        {% endfor %}
        is_open
    from predicted
)

select * from final
