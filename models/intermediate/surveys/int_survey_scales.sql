with items as (
    select * from {{ ref('int_survey_items') }}
),

dimensions as (
    select * from {{ ref('survey_bank_dimensions') }}
),

listed as (
    select
        source,
        survey_id,
        dimension,
        min(item_number) as first_item,
        max(scale_min) as scale_min,
        max(scale_max) as scale_max
    from items
    group by source, survey_id, dimension
),

labelled as (
    select
        listed.source,
        listed.survey_id,
        listed.dimension as scale,
        coalesce(dimensions.dimension_order, listed.first_item) as scale_order,
        coalesce(dimensions.label_en, listed.dimension) as scale_label_en,
        coalesce(dimensions.label_zh, listed.dimension) as scale_label_zh,
        listed.scale_min,
        listed.scale_max
    from listed
    left join dimensions on listed.survey_id = dimensions.survey_id and listed.dimension = dimensions.dimension
),

together as (
    select
        source,
        survey_id,
        'all' as scale,
        0 as scale_order,
        'All items' as scale_label_en,
        '全部题目' as scale_label_zh,
        max(scale_min) as scale_min,
        max(scale_max) as scale_max
    from listed
    group by source, survey_id
),

final as (
    select * from labelled
    union all
    select * from together
)

select * from final
