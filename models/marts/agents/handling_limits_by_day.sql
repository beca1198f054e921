with visits as (
    select
        source,
        business_type_id,
        business_type,
        arrival_on,
        talk_seconds + coalesce(hold_seconds, 0) as call_seconds,
        wrap_up_seconds
    from {{ ref('fct_queue_visit') }} as visits
    where
        is_answered
        -- Who came to the queue after midnight is left out: a corrected day would change limits three days on.
        and cast(entered_local as date) = arrival_on
        and {{ only_read_days('visits', 'arrival_on') }}
),

rules as (
    select * from {{ ref('int_agent_rules_by_day') }}
),

limit_rules as (
    select * from {{ ref('handling_limit_rules') }}
),

measures as (
    select 'call' as measure
    union all
    select 'wrap_up' as measure
),

-- Counted per second first: medians are then taken of thousands of rows, not of all visits.
counted as (
    select
        visits.source,
        visits.business_type_id,
        visits.arrival_on,
        measures.measure,
        case when measures.measure = 'call' then visits.call_seconds else visits.wrap_up_seconds end as seconds,
        any_value(visits.business_type) as business_type,
        count(*) as visits
    from visits
    cross join measures
    where case when measures.measure = 'call' then visits.call_seconds else visits.wrap_up_seconds end is not null
    group by visits.source, visits.business_type_id, visits.arrival_on, measures.measure, seconds
),

shifts as (
    select -1 as shift
    union all
    select 0 as shift
    union all
    select 1 as shift
),

-- A day is judged with the days beside it: enough visits, and no further days to build again when one is corrected.
around as (
    select
        counted.source,
        counted.business_type_id,
        cast(counted.arrival_on + shifts.shift * interval '1 day' as date) as day_local,
        counted.measure,
        counted.seconds,
        any_value(counted.business_type) as business_type,
        sum(counted.visits) as visits,
        sum(case when shifts.shift = 0 then counted.visits else 0 end) as visits_of_day
    from counted
    cross join shifts
    group by counted.source, counted.business_type_id, day_local, counted.measure, counted.seconds
),

of_rebuilt_days as (
    select * from around
    where {{ only_rebuilt_days('around', 'day_local') }}
),

ranked as (
    select
        *,
        sum(visits) over (
            partition by source, business_type_id, day_local, measure
            order by seconds
            rows between unbounded preceding and current row
        ) as visits_up_to,
        sum(visits) over (partition by source, business_type_id, day_local, measure) as visits_in_all
    from of_rebuilt_days
),

medians as (
    select
        source,
        business_type_id,
        day_local,
        measure,
        any_value(business_type) as business_type,
        sum(visits) as visits,
        sum(visits_of_day) as visits_of_day,
        sum(visits * seconds) * 1.0 / sum(visits) as mean_seconds,
        min(case when visits_up_to * 2 >= visits_in_all then seconds end) as median_seconds
    from ranked
    group by source, business_type_id, day_local, measure
),

deviations as (
    select
        ranked.source,
        ranked.business_type_id,
        ranked.day_local,
        ranked.measure,
        abs(ranked.seconds - medians.median_seconds) as deviation_seconds,
        any_value(ranked.visits_in_all) as visits_in_all,
        sum(ranked.visits) as visits
    from ranked
    inner join medians
        on
            ranked.source = medians.source
            and ranked.business_type_id = medians.business_type_id
            and ranked.day_local = medians.day_local
            and ranked.measure = medians.measure
    group by ranked.source, ranked.business_type_id, ranked.day_local, ranked.measure, deviation_seconds
),

ranked_deviations as (
    select
        *,
        sum(visits) over (
            partition by source, business_type_id, day_local, measure
            order by deviation_seconds
            rows between unbounded preceding and current row
        ) as visits_up_to
    from deviations
),

-- 1.4826 × the median deviation from the median is the standard deviation, where the distribution is normal.
robust_deviations as (
    select
        source,
        business_type_id,
        day_local,
        measure,
        1.4826 * min(case when visits_up_to * 2 >= visits_in_all then deviation_seconds end) as robust_deviation_seconds
    from ranked_deviations
    group by source, business_type_id, day_local, measure
),

-- A limit that the centre sets itself; of several the one with most named parts.
limits_set as (
    select
        medians.source,
        medians.business_type_id,
        medians.day_local,
        medians.measure,
        max_by(
            limit_rules.limit_seconds,
            case when limit_rules.business_type <> '*' then 2 else 0 end
            + case when limit_rules.source <> '*' then 1 else 0 end
        ) as limit_seconds
    from medians
    inner join limit_rules
        on
            limit_rules.source in (medians.source, '*')
            and limit_rules.business_type in (medians.business_type, '*')
            and medians.measure = limit_rules.measure
            and medians.day_local between limit_rules.valid_from and limit_rules.valid_to
    group by medians.source, medians.business_type_id, medians.day_local, medians.measure
),

judged as (
    select
        medians.*,
        robust_deviations.robust_deviation_seconds,
        limits_set.limit_seconds as limit_by_rule_seconds,
        -- Where more than half of the visits take equally long, nothing says how far from them is far.
        case
            when medians.visits >= rules.limit_least_contacts and robust_deviations.robust_deviation_seconds > 0
                then
                    medians.mean_seconds
                    + rules.limit_robust_deviations * robust_deviations.robust_deviation_seconds
        end as limit_by_statistic_seconds
    from medians
    inner join robust_deviations
        on
            medians.source = robust_deviations.source
            and medians.business_type_id = robust_deviations.business_type_id
            and medians.day_local = robust_deviations.day_local
            and medians.measure = robust_deviations.measure
    left join limits_set
        on
            medians.source = limits_set.source
            and medians.business_type_id = limits_set.business_type_id
            and medians.day_local = limits_set.day_local
            and medians.measure = limits_set.measure
    left join rules on medians.source = rules.source and medians.day_local = rules.date_day
    where medians.visits_of_day > 0
),

final as (
    select
        source,
        business_type_id,
        day_local,
        measure,
        cast(visits as bigint) as visits,
        cast(mean_seconds as double) as mean_seconds,
        cast(median_seconds as integer) as median_seconds,
        cast(robust_deviation_seconds as double) as robust_deviation_seconds,
        cast(limit_by_rule_seconds as double) as limit_by_rule_seconds,
        cast(limit_by_statistic_seconds as double) as limit_by_statistic_seconds,
        cast(
            least(
                coalesce(limit_by_rule_seconds, limit_by_statistic_seconds),
                coalesce(limit_by_statistic_seconds, limit_by_rule_seconds)
            ) as double
        ) as limit_seconds
    from judged
)

select * from final
