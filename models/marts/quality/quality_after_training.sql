with trainings as (
    select
        *,
        source || '/' || agent as agent_id
    from {{ ref('int_agent_trainings') }}
),

reviews as (
    select
        source,
        agent_id,
        day_local,
        is_simulated,
        count(*) as reviews,
        count_if(is_passed) as passed
    from {{ ref('fct_quality_review') }}
    group by source, agent_id, day_local, is_simulated
),

-- The day of the training itself is on neither side: nobody knows which reviews were of the hours before it.
by_agent as (
    select
        trainings.source,
        trainings.course,
        trainings.kind,
        trainings.agent_id,
        any_value(trainings.least_persons_shown) as least_persons_shown,
        bool_or(reviews.is_simulated) as is_simulated,
        sum(case when reviews.day_local < trainings.trained_on then reviews.reviews else 0 end) as reviews_before,
        sum(case when reviews.day_local < trainings.trained_on then reviews.passed else 0 end) as passed_before,
        sum(case when reviews.day_local > trainings.trained_on then reviews.reviews else 0 end) as reviews_after,
        sum(case when reviews.day_local > trainings.trained_on then reviews.passed else 0 end) as passed_after
    from trainings
    inner join reviews
        on
            trainings.source = reviews.source and trainings.agent_id = reviews.agent_id
            and trainings.trained_on <> reviews.day_local
            and abs({{ days_from('trainings.trained_on', 'reviews.day_local') }}) <= trainings.learning_days
    group by trainings.source, trainings.course, trainings.kind, trainings.agent_id
),

-- Only who was reviewed on both sides: else those who left, and the new ones, would be compared with each other.
counted as (
    select
        source,
        course,
        kind,
        bool_or(is_simulated) as is_simulated,
        count(*) as agents,
        max(least_persons_shown) as least_persons_shown,
        sum(reviews_before) as reviews_before,
        sum(passed_before) as passed_before,
        sum(reviews_after) as reviews_after,
        sum(passed_after) as passed_after
    from by_agent
    where reviews_before > 0 and reviews_after > 0
    group by source, course, kind
    having count(*) >= max(least_persons_shown)
),

bounded as (
    select
        *,
        cast(passed_before as double) / reviews_before as share_before,
        cast(passed_after as double) / reviews_after as share_after,
        {{ wilson_low('passed_before', 'reviews_before') }} as low_before,
        {{ wilson_high('passed_before', 'reviews_before') }} as high_before,
        {{ wilson_low('passed_after', 'reviews_after') }} as low_after,
        {{ wilson_high('passed_after', 'reviews_after') }} as high_after
    from counted
),

differing as (
    select
        *,
        share_after - share_before as difference,
        {{ newcombe_low('share_before', 'high_before', 'share_after', 'low_after') }} as difference_low,
        {{ newcombe_high('share_before', 'low_before', 'share_after', 'high_after') }} as difference_high
    from bounded
),

final as (
    select
        source,
        course,
        kind,
        is_simulated,
        cast(agents as bigint) as agents,
        cast(reviews_before as bigint) as reviews_before,
        cast(passed_before as bigint) as passed_before,
        cast(reviews_after as bigint) as reviews_after,
        cast(passed_after as bigint) as passed_after,
        round(difference, 6) as difference,
        round(difference_low, 6) as difference_low,
        round(difference_high, 6) as difference_high,
        case
            when difference_low > 0 then 'better'
            when difference_high < 0 then 'worse'
            else 'no clear difference'
        end as verdict
    from differing
)

select * from final
