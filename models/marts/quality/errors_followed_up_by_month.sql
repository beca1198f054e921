with errors as (
    select
        source,
        review_id,
        agent_id,
        team_id,
        day_local,
        cast(date_trunc('month', day_local) as date) as month_start_on,
        is_simulated
    from {{ ref('fct_quality_review') }}
    where not is_passed
),

trainings as (
    select
        source,
        source || '/' || agent as agent_id,
        kind,
        occurred_on
    from {{ ref('int_trainings_by_team') }}
    where agent is not null and is_attended and kind in ('training', 'retest')
),

rules as (
    select * from {{ ref('int_quality_rules_by_day') }}
),

loaded_through as (
    select * from {{ ref('int_visits_loaded_through') }}
),

-- Too young is unknown, also where a training came already.
judged as (
    select
        errors.*,
        rules.least_persons_shown,
        rules.follow_up_days
    from errors
    inner join rules on errors.source = rules.source and errors.day_local = rules.date_day
    inner join loaded_through on errors.source = loaded_through.source
    where {{ days_from('errors.day_local', 'loaded_through.loaded_through_on') }} >= rules.follow_up_days
),

-- The day of the error itself does not count: nobody knows whether the training came before it.
followed as (
    select
        judged.source,
        judged.review_id,
        count(case when trainings.kind = 'training' then 1 end) as trainings,
        count(case when trainings.kind = 'retest' then 1 end) as retests
    from judged
    inner join trainings
        on
            judged.agent_id = trainings.agent_id
            and judged.day_local < trainings.occurred_on
            and {{ days_from('judged.day_local', 'trainings.occurred_on') }} <= judged.follow_up_days
    group by judged.source, judged.review_id
),

sized as (
    select
        source,
        month_start_on,
        team_id,
        max(least_persons_shown) as least_persons_shown,
        count(distinct agent_id) as persons
    from judged
    group by source, month_start_on, team_id
),

-- As in training_by_month: what is shown is that of people enough.
grouped as (
    select
        judged.*,
        case
            when sized.persons >= sized.least_persons_shown then judged.team_id
            else judged.source || '/small teams'
        end as team_shown,
        coalesce(followed.trainings, 0) as trainings,
        coalesce(followed.retests, 0) as retests
    from judged
    inner join sized
        on
            judged.source = sized.source
            and judged.month_start_on = sized.month_start_on
            and judged.team_id = sized.team_id
    left join followed on judged.source = followed.source and judged.review_id = followed.review_id
),

counted as (
    select
        source,
        month_start_on,
        team_shown,
        bool_or(is_simulated) as is_simulated,
        count(distinct agent_id) as persons,
        count(*) as errors_judged,
        count(case when trainings + retests > 0 then 1 end) as errors_followed_up,
        count(case when trainings > 0 then 1 end) as followed_by_training,
        count(case when retests > 0 then 1 end) as followed_by_retest
    from grouped
    group by source, month_start_on, team_shown
    having count(distinct agent_id) >= max(least_persons_shown)
),

final as (
    select
        source,
        month_start_on,
        team_shown as team_id,
        is_simulated,
        cast(persons as bigint) as persons,
        cast(errors_judged as bigint) as errors_judged,
        cast(errors_followed_up as bigint) as errors_followed_up,
        cast(followed_by_training as bigint) as followed_by_training,
        cast(followed_by_retest as bigint) as followed_by_retest
    from counted
)

select * from final
