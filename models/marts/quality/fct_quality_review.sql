with reviews as (
    select * from {{ ref('int_quality_reviews') }} as reviews
    where {{ only_rebuilt_days('reviews', 'reviewed_on', entities=['quality_reviews']) }}
),

-- Reviews do not say whether they are simulated; the calls of their day do.
simulated_days as (
    select
        source,
        day_local
    from {{ ref('service_level_by_day') }}
    group by source, day_local
    having bool_or(is_simulated)
),

final as (
    select
        reviews.source,
        reviews.review_id,
        reviews.reviewed_at,
        reviews.reviewed_local,
        reviews.reviewed_on as day_local,
        reviews.contact_id,
        reviews.ticket_id,
        reviews.source || '/' || reviews.agent as agent_id,
        reviews.source || '/' || reviews.team as team_id,
        reviews.is_trainee,
        reviews.reviewer,
        coalesce(reviews.form, 'unknown') as form,
        reviews.source || '/' || coalesce(reviews.business_type, 'unknown') as business_type_id,
        reviews.is_key_business,
        reviews.is_passed,
        1 as reviewed,
        cast(reviews.is_passed as integer) as passed,
        cast(not reviews.is_passed as integer) as errors,
        cast(reviews.is_key_business as integer) as key_business_reviews,
        cast(reviews.is_key_business and reviews.is_passed as integer) as key_business_passed,
        reviews.score,
        cast(reviews.score is not null as integer) as scored_reviews,
        case when not reviews.is_passed then coalesce(reviews.error_kind, 'unknown') end as error_kind,
        case when not reviews.is_passed then coalesce(reviews.error_cause, 'unknown') end as error_cause,
        case when not reviews.is_passed then coalesce(reviews.defect, 'unknown') end as defect,
        reviews.has_contradiction,
        reviews.pass_target,
        reviews.key_business_pass_target,
        simulated_days.source is not null as is_simulated,
        reviews.raw_file_id,
        reviews.raw_row_number
    from reviews
    left join simulated_days
        on reviews.source = simulated_days.source and reviews.reviewed_on = simulated_days.day_local
)

select * from final
