with problems as (
    select * from {{ ref('int_survey_problems') }}
),

final as (
    select
        source,
        survey_id,
        wave,
        path,
        line,
        item_id,
        problem,
        answers
    from problems
)

select * from final
