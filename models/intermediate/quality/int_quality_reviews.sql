with reviews as (
    select * from {{ ref('stg_hotline__quality_reviews') }}
),

assignments as (
    select * from {{ ref('int_agent_assignments') }}
),

rules as (
    select * from {{ ref('int_quality_rules_by_day') }}
),

key_business_types as (
    select * from {{ ref('key_business_types') }}
),

key_types as (
    select distinct
        reviews.source,
        reviews.business_type,
        reviews.reviewed_on
    from reviews
    inner join key_business_types
        on
            key_business_types.source in (reviews.source, '*')
            and reviews.business_type = key_business_types.business_type
            and reviews.reviewed_on between key_business_types.valid_from and key_business_types.valid_to
),

joined as (
    select
        reviews.*,
        coalesce(assignments.team, 'unknown') as team,
        coalesce(reviews.reviewed_on <= assignments.trainee_until, false) as is_trainee,
        key_types.business_type is not null as is_key_business,
        rules.pass_target,
        rules.key_business_pass_target,
        -- What was passed has no error, and what was not has one: anything else is a mistake of the form.
        reviews.is_passed = (reviews.error_kind is not null) as has_contradiction
    from reviews
    left join assignments
        on
            reviews.source = assignments.source
            and reviews.agent = assignments.agent
            and reviews.reviewed_on between assignments.valid_from and assignments.valid_to
    left join key_types
        on
            reviews.source = key_types.source
            and reviews.business_type = key_types.business_type
            and reviews.reviewed_on = key_types.reviewed_on
    left join rules on reviews.source = rules.source and reviews.reviewed_on = rules.date_day
)

select * from joined
