{% set recent_days = 28 %}
with forecasts as (
    select * from {{ ref('volume_forecast') }}
    where not is_backtest and not is_all_queues
),

loaded as (
    select * from {{ ref('int_forecast_rules') }}
),

days as (
    select * from {{ ref('service_level_by_day') }}
),

delivered as (
    select * from {{ ref('int_forecast_days') }}
),

visits as (
    select * from {{ ref('fct_queue_visit') }}
),

present as (
    select * from {{ ref('agents_present_by_interval') }}
),

roster as (
    select * from {{ ref('int_roster_ahead') }}
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

-- What the queue was like in the last four weeks.
lately as (
    select
        days.source,
        days.queue_id,
        max(days.target_seconds) as target_seconds,
        cast(sum(days.target_answers) as double) / nullif(sum(days.answered + days.abandoned), 0) as target_share,
        sum(days.handle_seconds) * 1.0 / nullif(sum(days.handle_count), 0) as mean_handle_seconds,
        sum(days.wait_seconds_answered + days.wait_seconds_abandoned) * 1.0
        / nullif(sum(days.abandoned), 0) as patience_seconds
    from days
    inner join loaded on days.source = loaded.source
    where {{ days_from('days.day_local', 'loaded.loaded_through_on') }} < {{ recent_days }}
    group by days.source, days.queue_id
),

weekdays_delivered as (
    select
        delivered.source,
        {{ iso_weekday('delivered.day_local') }} as weekday,
        count(*) as days
    from delivered
    inner join loaded on delivered.source = loaded.source
    where {{ days_from('delivered.day_local', 'loaded.loaded_through_on') }} < {{ recent_days }}
    group by delivered.source, weekday
),

present_lately as (
    select
        present.source,
        present.queue_id,
        weekdays_delivered.weekday,
        {{ clock_label('present.half_hour_start_local') }} as half_hour_label,
        sum(present.agents_present) / any_value(weekdays_delivered.days) as agents_present
    from present
    inner join loaded on present.source = loaded.source
    inner join weekdays_delivered
        on
            present.source = weekdays_delivered.source
            and {{ iso_weekday('present.day_local') }} = weekdays_delivered.weekday
    where {{ days_from('present.day_local', 'loaded.loaded_through_on') }} < {{ recent_days }}
    group by present.source, present.queue_id, weekdays_delivered.weekday, half_hour_label
),

sources_with_present as (
    select distinct source from present_lately
),

handled as (
    select
        visits.source,
        visits.agent_id,
        visits.queue_id,
        sum(visits.handle_seconds) as handle_seconds
    from visits
    inner join loaded on visits.source = loaded.source
    where
        visits.is_answered
        and visits.handle_seconds > 0
        and {{ days_from('visits.arrival_on', 'loaded.loaded_through_on') }} < {{ recent_days }}
        and visits.source in (select distinct rostered.source from roster as rostered)
    group by visits.source, visits.agent_id, visits.queue_id
),

shares as (
    select
        source,
        agent_id,
        queue_id,
        handle_seconds * 1.0 / sum(handle_seconds) over (partition by source, agent_id) as queue_share
    from handled
),

shares_of_all as (
    select
        source,
        queue_id,
        sum(handle_seconds) * 1.0 / sum(sum(handle_seconds)) over (partition by source) as queue_share
    from handled
    group by source, queue_id
),

agents_with_shares as (
    select distinct
        source,
        agent_id
    from shares
),

-- An agent belongs to the queues as lately; one who handled nothing lately is shared out as all of them are together.
queues_of_agents as (
    select
        roster.source,
        shares.queue_id,
        roster.half_hour_start_local,
        roster.scheduled_share * shares.queue_share as scheduled,
        roster.available_share * shares.queue_share as available
    from roster
    inner join shares on roster.source = shares.source and roster.agent_id = shares.agent_id
    union all
    select
        roster.source,
        shares_of_all.queue_id,
        roster.half_hour_start_local,
        roster.scheduled_share * shares_of_all.queue_share as scheduled,
        roster.available_share * shares_of_all.queue_share as available
    from roster
    inner join shares_of_all on roster.source = shares_of_all.source
    left join agents_with_shares
        on roster.source = agents_with_shares.source and roster.agent_id = agents_with_shares.agent_id
    where agents_with_shares.agent_id is null
),

scheduled as (
    select
        source,
        queue_id,
        half_hour_start_local,
        sum(scheduled) as agents_scheduled,
        sum(available) as agents_scheduled_available
    from queues_of_agents
    group by source, queue_id, half_hour_start_local
),

reaches as (
    select
        source,
        max(rostered_through_on) as rostered_through_on
    from roster
    group by source
),

rules_of_day as (
    select
        forecasts.source,
        forecasts.queue_id,
        forecasts.day_local,
        max_by(rules.most_occupancy, rules.named_parts) as most_occupancy,
        max_by(rules.shrinkage, rules.named_parts) as shrinkage
    from forecasts
    inner join rules
        on
            rules.source in (forecasts.source, '*')
            and rules.queue in (forecasts.queue, '*')
            and forecasts.day_local between rules.valid_from and rules.valid_to
    group by forecasts.source, forecasts.queue_id, forecasts.day_local
),

compared_with_hours as (
    select
        forecasts.source,
        forecasts.queue_id,
        forecasts.half_hour_start_local,
        opening_hours.queue <> '*' as is_own,
        forecasts.weekday = opening_hours.weekday
        and extract(hour from forecasts.half_hour_start_local) * 60
        + extract(minute from forecasts.half_hour_start_local)
        between opening_hours.opens_minute and opening_hours.closes_minute - 1 as is_within
    from forecasts
    inner join opening_hours
        on
            forecasts.source = opening_hours.source
            and opening_hours.queue in (forecasts.queue, '*')
            and forecasts.day_local between opening_hours.valid_from and opening_hours.valid_to
),

-- A queue's own hours go before those that hold for all queues of its source.
opened as (
    select
        source,
        queue_id,
        half_hour_start_local,
        case when bool_or(is_own) then bool_or(is_own and is_within) else bool_or(is_within) end as is_open
    from compared_with_hours
    group by source, queue_id, half_hour_start_local
),

asked as (
    select
        forecasts.*,
        lately.mean_handle_seconds,
        lately.patience_seconds,
        lately.target_seconds,
        lately.target_share,
        rules_of_day.most_occupancy,
        rules_of_day.shrinkage,
        -- A queue about whose hours nothing is known is open.
        coalesce(opened.is_open, true) as is_open,
        case
            when forecasts.day_local <= reaches.rostered_through_on then coalesce(scheduled.agents_scheduled, 0)
        end as agents_scheduled,
        case
            when forecasts.day_local <= reaches.rostered_through_on
                then coalesce(scheduled.agents_scheduled_available, 0)
        end as agents_scheduled_available,
        case
            when sources_with_present.source is not null then coalesce(present_lately.agents_present, 0)
        end as agents_present_lately
    from forecasts
    left join lately on forecasts.source = lately.source and forecasts.queue_id = lately.queue_id
    left join rules_of_day
        on
            forecasts.source = rules_of_day.source
            and forecasts.queue_id = rules_of_day.queue_id
            and forecasts.day_local = rules_of_day.day_local
    left join opened
        on
            forecasts.source = opened.source
            and forecasts.queue_id = opened.queue_id
            and forecasts.half_hour_start_local = opened.half_hour_start_local
    left join reaches on forecasts.source = reaches.source
    left join scheduled
        on
            forecasts.source = scheduled.source
            and forecasts.queue_id = scheduled.queue_id
            and forecasts.half_hour_start_local = scheduled.half_hour_start_local
    left join sources_with_present on forecasts.source = sources_with_present.source
    left join present_lately
        on
            forecasts.source = present_lately.source
            and forecasts.queue_id = present_lately.queue_id
            and forecasts.weekday = present_lately.weekday
            and forecasts.half_hour_label = present_lately.half_hour_label
),

with_load as (
    select
        *,
        case when is_open and calls_expected > 0 then calls_expected * mean_handle_seconds / 1800 else 0.0 end
            as expected_load,
        -- Of a call in a hundred half hours the upper bound is none.
        case
            when is_open and calls_expected > 0
                then greatest(calls_high, calls_expected) * mean_handle_seconds / 1800
            else 0.0
        end as high_load
    from asked
),

computed as (
    select
        {% for needed, load, patience in [
            ('needed_erlang_c', 'expected_load', 'null'),
            ('needed_erlang_a', 'expected_load', 'patience_seconds'),
            ('needed_high_erlang_c', 'high_load', 'null'),
            ('needed_high_erlang_a', 'high_load', 'patience_seconds'),
        ] %}
        case
            when {{ load }} = 0 then 0
            else erlang_agents_needed(
                {{ load }}, mean_handle_seconds, target_seconds, target_share, most_occupancy, {{ patience }}
            )
        end as {{ needed }},
        {% endfor %}
        *
    from with_load
),

with_shrinkage as (
    select
        *,
        ceil(needed_erlang_a / (1 - shrinkage) - 1e-9) as to_be_rostered,
        ceil(needed_high_erlang_a / (1 - shrinkage) - 1e-9) as to_be_rostered_high
    from computed
),

final as (
    select
        source,
        queue_id,
        queue,
        is_simulated,
        day_local,
        half_hour_start_local,
        half_hour_label,
        weekday,
        is_open,
        calls_expected,
        calls_low,
        calls_high,
        cast(mean_handle_seconds as double) as mean_handle_seconds,
        cast(patience_seconds as double) as patience_seconds,
        target_seconds,
        cast(target_share as double) as target_share,
        most_occupancy,
        shrinkage,
        cast(expected_load as decimal(12, 4)) as offered_load,
        cast(needed_erlang_c as integer) as agents_needed_erlang_c,
        cast(needed_erlang_a as integer) as agents_needed_erlang_a,
        cast(needed_high_erlang_c as integer) as agents_needed_high_erlang_c,
        cast(needed_high_erlang_a as integer) as agents_needed_high_erlang_a,
        cast(to_be_rostered as integer) as agents_rostered_needed,
        cast(to_be_rostered_high as integer) as agents_rostered_needed_high,
        cast(agents_scheduled as decimal(12, 4)) as agents_scheduled,
        cast(agents_scheduled_available as decimal(12, 4)) as agents_scheduled_available,
        cast(greatest(agents_scheduled - to_be_rostered, 0 * (agents_scheduled - to_be_rostered)) as decimal(12, 4))
            as agents_over,
        cast(greatest(to_be_rostered - agents_scheduled, 0 * (to_be_rostered - agents_scheduled)) as decimal(12, 4))
            as agents_under,
        cast(agents_present_lately as decimal(12, 4)) as agents_present_lately
    from with_shrinkage
)

select * from final
