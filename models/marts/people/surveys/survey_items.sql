with figures as (
    select * from {{ ref('int_survey_figures') }}
    where part = 'item'
),

waves as (
    select * from {{ ref('int_survey_wave_list') }}
),

items as (
    select * from {{ ref('int_survey_items') }}
),

scales as (
    select * from {{ ref('int_survey_scales') }}
),

measured as (
    select
        figures.source,
        figures.survey_id,
        figures.wave,
        figures.item_id,
        figures.scale,
        cast({{ survey_figure('people') }} as bigint) as people,
        {{ survey_figure('answer_sum') }} as answer_sum,
        {{ survey_figure('mean') }} as mean_score,
        {{ survey_figure('mean', 'text') }} as mean_is,
        {{ survey_figure('standard_deviation') }} as standard_deviation,
        {{ survey_figure('scale_highest') }} as scale_highest
    from figures
    group by figures.source, figures.survey_id, figures.wave, figures.item_id, figures.scale
),

final as (
    select
        measured.source,
        measured.survey_id,
        measured.wave,
        measured.item_id,
        items.item_number as item_order,
        measured.scale,
        scales.scale_label_en,
        scales.scale_label_zh,
        waves.survey_label_en,
        waves.survey_label_zh,
        items.text_en,
        items.text_zh,
        items.is_reversed,
        waves.first_on,
        waves.is_latest,
        measured.people,
        measured.answer_sum,
        measured.mean_score,
        measured.mean_is,
        measured.standard_deviation,
        100.0 * measured.mean_score / measured.scale_highest as score_of_100,
        rank() over (
            partition by measured.source, measured.survey_id, measured.wave
            order by case when waves.high_is = 'bad' then measured.mean_score else -measured.mean_score end
        ) as best_rank,
        rank() over (
            partition by measured.source, measured.survey_id, measured.wave
            order by case when waves.high_is = 'bad' then -measured.mean_score else measured.mean_score end
        ) as worst_rank,
        case
            when measured.standard_deviation is not null
                then rank() over (
                    partition by measured.source, measured.survey_id, measured.wave
                    order by measured.standard_deviation desc nulls last
                )
        end as largest_spread_rank,
        case
            when measured.standard_deviation is not null
                then rank() over (
                    partition by measured.source, measured.survey_id, measured.wave
                    order by measured.standard_deviation asc nulls last
                )
        end as smallest_spread_rank
    from measured
    inner join waves
        on
            measured.source = waves.source
            and measured.survey_id = waves.survey_id
            and measured.wave = waves.wave
    left join items
        on
            measured.source = items.source
            and measured.survey_id = items.survey_id
            and measured.item_id = items.item_id
    left join scales
        on measured.source = scales.source and measured.survey_id = scales.survey_id and measured.scale = scales.scale
)

select * from final
