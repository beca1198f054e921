with answers as (
    select * from {{ ref('stg_surveys__answers') }}
),

items as (
    select * from {{ ref('int_survey_items') }}
),

numbers as (
    select
        answers.*,
        items.item_number,
        items.scale_min,
        items.scale_max,
        try_cast(answers.answer as double) as number
    from answers
    left join items
        on
            answers.source = items.source
            and answers.survey_id = items.survey_id
            and answers.item_id = items.item_id
),

judged as (
    select
        source,
        survey_id,
        wave,
        response_id,
        item_id,
        item_number,
        gender,
        age_band,
        education,
        marital_status,
        tenure_band,
        survey_group,
        is_valid,
        submitted_at,
        submitted_on,
        raw_file_id,
        raw_row_number,
        number,
        case
            when item_number is null then 'the item is unknown'
            when scale_min is null or scale_max is null then 'the item has no scale'
            when number is null then 'the answer is no number'
            when number not between scale_min and scale_max
                then 'the answer is off the scale of ' || scale_min || ' to ' || scale_max
        end as problem
    from numbers
),

final as (
    select
        source,
        survey_id,
        wave,
        response_id,
        item_id,
        item_number,
        gender,
        age_band,
        education,
        marital_status,
        tenure_band,
        survey_group,
        is_valid,
        submitted_at,
        submitted_on,
        raw_file_id,
        raw_row_number,
        problem,
        case when problem is null then number end as answer_value
    from judged
)

select * from final
