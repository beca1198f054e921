with trainings as (
    select * from {{ ref('int_trainings_by_team') }}
),

-- What was sent of a month with simulated calls is simulated itself.
simulated_months as (
    select
        source,
        cast(date_trunc('month', day_local) as date) as month_start_on
    from {{ ref('service_level_by_day') }}
    group by source, cast(date_trunc('month', day_local) as date)
    having bool_or(is_simulated)
),

sized as (
    select
        source,
        month_start_on,
        kind,
        team,
        max(least_persons_shown) as least_persons_shown,
        count(distinct employee) as persons
    from trainings
    group by source, month_start_on, kind, team
),

-- Small teams are put together, and left out where they are too few people even so. No row tells of all teams, from
-- which they could be computed.
grouped as (
    select
        trainings.*,
        case when sized.persons >= sized.least_persons_shown then trainings.team else 'small teams' end as team_shown
    from trainings
    inner join sized
        on
            trainings.source = sized.source
            and trainings.month_start_on = sized.month_start_on
            and trainings.kind = sized.kind
            and trainings.team = sized.team
),

counted as (
    select
        source,
        month_start_on,
        kind,
        team_shown,
        count(distinct employee) as persons,
        count(case when is_invited then 1 end) as invited,
        count(case when is_attended then 1 end) as attended,
        count(case when kind = 'test' then is_passed end) as tested,
        count(case when kind = 'test' and is_passed then 1 end) as passed,
        count(case when kind = 'retest' then is_passed end) as retested,
        count(case when kind = 'retest' and is_passed then 1 end) as passed_at_the_retest,
        count(score) as scored,
        sum(score) as score_points
    from grouped
    group by source, month_start_on, kind, team_shown
    having count(distinct employee) >= max(least_persons_shown)
),

final as (
    select
        counted.source,
        counted.month_start_on,
        counted.kind,
        counted.source || '/' || counted.team_shown as team_id,
        simulated_months.source is not null as is_simulated,
        cast(counted.persons as bigint) as persons,
        cast(counted.invited as bigint) as invited,
        cast(counted.attended as bigint) as attended,
        cast(counted.tested as bigint) as tested,
        cast(counted.passed as bigint) as passed,
        cast(counted.retested as bigint) as retested,
        cast(counted.passed_at_the_retest as bigint) as passed_at_the_retest,
        cast(counted.scored as bigint) as scored,
        cast(round(coalesce(counted.score_points, 0), 3) as decimal(18, 3)) as score_points
    from counted
    left join simulated_months
        on
            counted.source = simulated_months.source
            and counted.month_start_on = simulated_months.month_start_on
)

select * from final
