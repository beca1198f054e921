{% set dimensions = {
    'business_type': 'business_type_id',
    'team': 'team_id',
    'agent': 'agent_id',
    'form': 'form',
    'experience': "case when is_trainee then 'trainee' else 'experienced' end",
} %}
with reviews as (
    select
        *,
        cast(date_trunc('month', day_local) as date) as month_start_on
    from {{ ref('fct_quality_review') }}
),

rules as (
    select * from {{ ref('int_quality_rules_by_day') }}
),

-- Added up once as finely as any dimension asks: each then adds up these few rows.
added as (
    select
        source,
        month_start_on,
        is_key_business,
        {% for column in dimensions.values() -%}
        {{ column }} as member_{{ loop.index }},
        {% endfor -%}
        bool_or(is_simulated) as is_simulated,
        count(*) as reviews,
        count_if(is_passed) as passed
    from reviews
    where {{ only_rebuilt_days('reviews', 'month_start_on', 'month', entities=['quality_reviews']) }}
    group by
        {% for column in dimensions.values() -%}
        {{ column }},
        {% endfor -%}
        source,
        month_start_on,
        is_key_business
),

listed as (
    select
        source,
        month_start_on,
        'overall' as dimension,
        'all' as member,
        is_simulated,
        reviews,
        passed
    from added
    union all
    select
        source,
        month_start_on,
        'key_business' as dimension,
        'six_business_types' as member,
        is_simulated,
        reviews,
        passed
    from added
    where is_key_business
    {% for dimension in dimensions %}
    union all
    select
        source,
        month_start_on,
        '{{ dimension }}' as dimension,
        member_{{ loop.index }} as member,
        is_simulated,
        reviews,
        passed
    from added
    {% endfor %}
),

counted as (
    select
        source,
        month_start_on,
        dimension,
        member,
        bool_or(is_simulated) as is_simulated,
        sum(reviews) as reviews,
        sum(passed) as passed
    from listed
    group by source, month_start_on, dimension, member
),

bounded as (
    select
        counted.*,
        rules.least_reviews_ranked,
        counted.reviews >= rules.least_reviews_ranked as is_ranked,
        {{ wilson_low('counted.passed', 'counted.reviews') }} as pass_rate_low,
        {{ wilson_high('counted.passed', 'counted.reviews') }} as pass_rate_high,
        case
            when counted.dimension = 'key_business' then rules.key_business_pass_target
            else rules.pass_target
        end as pass_target
    from counted
    inner join rules on counted.source = rules.source and counted.month_start_on = rules.date_day
),

-- Of all others, and not of all: a member is not held against itself.
held_against as (
    select
        bounded.*,
        overall.reviews - bounded.reviews as reviews_of_others,
        overall.passed - bounded.passed as passed_of_others
    from bounded
    inner join counted as overall
        on
            bounded.source = overall.source
            and bounded.month_start_on = overall.month_start_on
            and overall.dimension = 'overall'
),

compared as (
    select
        *,
        cast(passed as double) / reviews as pass_share,
        cast(passed_of_others as double) / nullif(reviews_of_others, 0) as share_of_others,
        {{ wilson_low('passed_of_others', 'reviews_of_others') }} as others_low,
        {{ wilson_high('passed_of_others', 'reviews_of_others') }} as others_high
    from held_against
),

final as (
    select
        source,
        month_start_on,
        dimension,
        member,
        is_simulated,
        cast(reviews as bigint) as reviews,
        cast(passed as bigint) as passed,
        cast(reviews - passed as bigint) as errors,
        round(pass_rate_low, 6) as pass_rate_low,
        round(pass_rate_high, 6) as pass_rate_high,
        cast(pass_target * reviews as decimal(18, 6)) as passed_target,
        cast(reviews_of_others as bigint) as reviews_of_others,
        cast(passed_of_others as bigint) as passed_of_others,
        least_reviews_ranked,
        is_ranked,
        case
            when is_ranked
                then cast(
                    rank() over (
                        partition by source, month_start_on, dimension, is_ranked order by pass_share desc
                    ) as integer
                )
        end as pass_rank,
        is_ranked and reviews_of_others >= least_reviews_ranked and coalesce(
            {{ newcombe_high('share_of_others', 'others_low', 'pass_share', 'pass_rate_high') }} < 0, false
        ) as is_clearly_below_others,
        is_ranked and reviews_of_others >= least_reviews_ranked and coalesce(
            {{ newcombe_low('share_of_others', 'others_high', 'pass_share', 'pass_rate_low') }} > 0, false
        ) as is_clearly_above_others
    from compared
)

select * from final
