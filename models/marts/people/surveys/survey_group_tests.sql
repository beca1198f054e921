with figures as (
    select * from {{ ref('int_survey_figures') }}
    where part = 'test'
),

waves as (
    select * from {{ ref('int_survey_wave_list') }}
),

scales as (
    select * from {{ ref('int_survey_scales') }}
),

variables as (
    select * from {{ ref('survey_variables') }}
),

tested as (
    select
        figures.source,
        figures.survey_id,
        figures.wave,
        figures.variable,
        figures.scale,
        cast({{ survey_figure('groups') }} as bigint) as group_count,
        cast({{ survey_figure('people') }} as bigint) as people,
        {{ survey_figure('effect', 'text') }} as test,
        {{ survey_figure('classic') }} as classic_statistic,
        {{ survey_figure('classic_p') }} as classic_p_value,
        {{ survey_figure('welch') }} as welch_statistic,
        {{ survey_figure('degrees_1') }} as welch_degrees_1,
        {{ survey_figure('degrees_2') }} as welch_degrees_2,
        {{ survey_figure('welch_p') }} as welch_p_value,
        {{ survey_figure('welch_p_holm') }} as welch_p_value_holm,
        {{ survey_figure('effect') }} as effect_size,
        {{ survey_figure('difference') }} as difference,
        {{ survey_figure('difference_low') }} as difference_low,
        {{ survey_figure('difference_high') }} as difference_high
    from figures
    group by figures.source, figures.survey_id, figures.wave, figures.variable, figures.scale
),

final as (
    select
        tested.source,
        tested.survey_id,
        tested.wave,
        tested.variable,
        tested.scale,
        waves.survey_label_en,
        waves.survey_label_zh,
        coalesce(variables.label_en, tested.variable) as variable_label_en,
        coalesce(variables.label_zh, tested.variable) as variable_label_zh,
        scales.scale_label_en,
        scales.scale_label_zh,
        cast(scales.scale_order as integer) as scale_order,
        waves.first_on,
        waves.is_latest,
        tested.group_count,
        tested.people,
        tested.test,
        tested.classic_statistic,
        tested.classic_p_value,
        tested.welch_statistic,
        tested.welch_degrees_1,
        tested.welch_degrees_2,
        tested.welch_p_value,
        tested.welch_p_value_holm,
        case when tested.test = 't' then 'Hedges g' else 'omega squared' end as effect_name,
        tested.effect_size,
        tested.difference,
        tested.difference_low,
        tested.difference_high,
        tested.welch_p_value_holm < 0.05 as is_clear,
        case
            when tested.welch_p_value_holm < 0.05 then 'The groups differ.'
            when tested.welch_p_value < 0.05 then 'No clear difference: of so many tests one may look so by chance.'
            else 'No clear difference.'
        end as words_en,
        case
            when tested.welch_p_value_holm < 0.05 then '各组存在差异。'
            when tested.welch_p_value < 0.05 then '无明显差异：多次检验中可能出于偶然。'
            else '无明显差异。'
        end as words_zh
    from tested
    inner join waves
        on tested.source = waves.source and tested.survey_id = waves.survey_id and tested.wave = waves.wave
    left join scales
        on tested.source = scales.source and tested.survey_id = scales.survey_id and tested.scale = scales.scale
    left join variables on tested.variable = variables.variable
)

select * from final
