with answers as (
    select * from {{ ref('stg_surveys__answers') }}
),

described as (
    select * from {{ ref('stg_surveys__items') }}
),

bank as (
    select * from {{ ref('survey_bank_items') }}
),

answered as (
    select distinct
        source,
        survey_id
    from answers
),

-- The question bank holds for every source that brings answers to its survey.
banked as (
    select
        answered.source,
        bank.*
    from answered
    inner join bank on answered.survey_id = bank.survey_id
),

-- What a source says of an item goes before the bank.
together as (
    select
        coalesce(described.source, banked.source) as source,
        coalesce(described.survey_id, banked.survey_id) as survey_id,
        coalesce(described.item_id, banked.item_id) as item_id,
        banked.item_order,
        coalesce(described.dimension, banked.dimension, coalesce(described.item_id, banked.item_id)) as dimension,
        coalesce(described.is_reversed, banked.is_reversed, false) as is_reversed,
        coalesce(described.scale_min, banked.scale_min) as scale_min,
        coalesce(described.scale_max, banked.scale_max) as scale_max,
        coalesce(described.text_en, banked.text_en) as text_en,
        coalesce(described.text_zh, banked.text_zh) as text_zh
    from described
    full join banked
        on
            described.source = banked.source
            and described.survey_id = banked.survey_id
            and described.item_id = banked.item_id
),

numbered as (
    select
        source,
        survey_id,
        item_id,
        dimension,
        is_reversed,
        scale_min,
        scale_max,
        text_en,
        text_zh,
        -- Without a bank: Q2 before Q10.
        row_number() over (
            partition by source, survey_id
            order by coalesce(item_order, 100000), length(item_id), item_id
        ) as item_number
    from together
)

select * from numbered
