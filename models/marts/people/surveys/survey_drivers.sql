with figures as (
    select * from {{ ref('int_survey_figures') }}
    where part = 'driver'
),

waves as (
    select * from {{ ref('int_survey_wave_list') }}
),

scales as (
    select * from {{ ref('int_survey_scales') }}
),

terms as (
    select
        figures.source,
        figures.survey_id,
        figures.wave,
        figures.scale,
        {{ survey_figure('r') }} as pearson_r,
        {{ survey_figure('r_low') }} as pearson_r_low,
        {{ survey_figure('r_high') }} as pearson_r_high,
        {{ survey_figure('r_p') }} as pearson_r_p_value,
        {{ survey_figure('coefficient') }} as coefficient,
        {{ survey_figure('coefficient_low') }} as coefficient_low,
        {{ survey_figure('coefficient_high') }} as coefficient_high,
        {{ survey_figure('coefficient_p') }} as coefficient_p_value,
        {{ survey_figure('beta') }} as beta,
        {{ survey_figure('beta_low') }} as beta_low,
        {{ survey_figure('beta_high') }} as beta_high,
        {{ survey_figure('vif') }} as vif,
        cast({{ survey_figure('step') }} as integer) as step,
        {{ survey_figure('step_r_squared') }} as step_r_squared
    from figures
    where figures.scale <> 'all'
    group by figures.source, figures.survey_id, figures.wave, figures.scale
),

models as (
    select
        figures.source,
        figures.survey_id,
        figures.wave,
        cast({{ survey_figure('people') }} as bigint) as people,
        {{ survey_figure('r_squared') }} as r_squared,
        {{ survey_figure('adjusted_r_squared') }} as adjusted_r_squared,
        {{ survey_figure('p') }} as model_p_value,
        {{ survey_figure('intercept') }} as intercept
    from figures
    where figures.scale = 'all'
    group by figures.source, figures.survey_id, figures.wave
),

final as (
    select
        terms.source,
        terms.survey_id,
        terms.wave,
        terms.scale,
        waves.survey_label_en,
        waves.survey_label_zh,
        scales.scale_label_en,
        scales.scale_label_zh,
        cast(scales.scale_order as integer) as scale_order,
        waves.first_on,
        waves.is_latest,
        terms.pearson_r,
        terms.pearson_r_low,
        terms.pearson_r_high,
        terms.pearson_r_p_value,
        terms.coefficient,
        terms.coefficient_low,
        terms.coefficient_high,
        terms.coefficient_p_value,
        terms.beta,
        terms.beta_low,
        terms.beta_high,
        terms.vif,
        terms.step,
        terms.step_r_squared,
        models.people,
        models.r_squared,
        models.adjusted_r_squared,
        models.model_p_value,
        models.intercept,
        coalesce(terms.beta_low > 0 or terms.beta_high < 0, false) as is_clear
    from terms
    inner join waves
        on terms.source = waves.source and terms.survey_id = waves.survey_id and terms.wave = waves.wave
    left join models
        on terms.source = models.source and terms.survey_id = models.survey_id and terms.wave = models.wave
    left join scales
        on terms.source = scales.source and terms.survey_id = scales.survey_id and terms.scale = scales.scale
)

select * from final
