with risks as (
    select * from {{ ref('service_risk') }}
    where is_latest
),

rules as (
    select * from {{ ref('int_risk_rules_by_day') }}
),

latest as (
    select
        risks.source,
        risks.as_of_on,
        any_value(rules.window_months) as window_months,
        any_value(rules.least_reviews_ranked) as least_reviews_ranked
    from risks
    inner join rules on risks.source = rules.source and risks.as_of_on = rules.date_day
    group by risks.source, risks.as_of_on
),

-- The same months that the levels are measured over.
reviews as (
    select
        reviews.source,
        latest.as_of_on,
        latest.least_reviews_ranked,
        reviews.agent_id,
        reviews.business_type_id,
        reviews.defect,
        bool_or(reviews.is_simulated) as is_simulated,
        count(*) as reviews,
        sum(reviews.errors) as errors
    from {{ ref('fct_quality_review') }} as reviews
    inner join latest
        on
            reviews.source = latest.source
            and reviews.day_local <= latest.as_of_on
            and reviews.day_local
            >= date_trunc('month', latest.as_of_on) - (latest.window_months - 1) * interval '1 month'
    group by
        reviews.source, latest.as_of_on, latest.least_reviews_ranked, reviews.agent_id, reviews.business_type_id,
        reviews.defect
),

weighed as (
    select
        reviews.source,
        reviews.agent_id,
        reviews.as_of_on,
        reviews.least_reviews_ranked,
        bool_or(reviews.is_simulated) as is_simulated,
        sum(reviews.reviews) as reviews,
        sum(reviews.errors) as errors,
        sum(reviews.errors * coalesce(risks.measured_risk, risks.assessed_risk, 0)) as risk_points,
        sum(case when coalesce(risks.measured_risk, risks.assessed_risk) is null then reviews.errors else 0 end)
            as errors_without_risk
    from reviews
    left join risks
        on
            reviews.source = risks.source
            and reviews.business_type_id = risks.business_type_id
            and reviews.defect = risks.defect
    group by reviews.source, reviews.agent_id, reviews.as_of_on, reviews.least_reviews_ranked
),

final as (
    select
        source,
        agent_id,
        as_of_on,
        is_simulated,
        cast(reviews as bigint) as reviews,
        cast(errors as bigint) as errors,
        cast(errors_without_risk as bigint) as errors_without_risk,
        cast(risk_points as decimal(18, 2)) as risk_points,
        round({{ wilson_low('errors', 'reviews') }}, 6) as error_share_low,
        round({{ wilson_high('errors', 'reviews') }}, 6) as error_share_high,
        reviews >= least_reviews_ranked as is_ranked,
        case
            when reviews >= least_reviews_ranked
                then cast(
                    rank() over (
                        partition by source, reviews >= least_reviews_ranked order by risk_points / reviews desc
                    ) as integer
                )
        end as risk_rank
    from weighed
)

select * from final
