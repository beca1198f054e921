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

-- What another source says of a survey holds, as the question bank does, for every source that brings answers to it.
elsewhere as (
    select
        answered.source,
        described.survey_id,
        described.item_id,
        described.dimension,
        described.is_reversed,
        described.scale_min,
        described.scale_max,
        described.text_en,
        described.text_zh
    from answered
    inner join described on answered.survey_id = described.survey_id and answered.source <> described.source
    qualify row_number() over (
        partition by answered.source, described.survey_id, described.item_id order by described.source
    ) = 1
),

listed as (
    select
        source,
        survey_id,
        item_id
    from described
    union
    select
        source,
        survey_id,
        item_id
    from elsewhere
    union
    select
        answered.source,
        bank.survey_id,
        bank.item_id
    from answered
    inner join bank on answered.survey_id = bank.survey_id
),

-- What the source itself says goes before what another says, and that before the bank.
together as (
    select
        listed.source,
        listed.survey_id,
        listed.item_id,
        bank.item_order,
        coalesce(described.dimension, elsewhere.dimension, bank.dimension, listed.item_id) as dimension,
        coalesce(described.is_reversed, elsewhere.is_reversed, bank.is_reversed, false) as is_reversed,
        coalesce(described.scale_min, elsewhere.scale_min, bank.scale_min) as scale_min,
        coalesce(described.scale_max, elsewhere.scale_max, bank.scale_max) as scale_max,
        coalesce(described.text_en, elsewhere.text_en, bank.text_en) as text_en,
        coalesce(described.text_zh, elsewhere.text_zh, bank.text_zh) as text_zh
    from listed
    left join described
        on
            listed.source = described.source
            and listed.survey_id = described.survey_id
            and listed.item_id = described.item_id
    left join elsewhere
        on
            listed.source = elsewhere.source
            and listed.survey_id = elsewhere.survey_id
            and listed.item_id = elsewhere.item_id
    left join bank on listed.survey_id = bank.survey_id and listed.item_id = bank.item_id
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
