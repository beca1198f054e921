with figures as (
    select * from {{ ref('int_survey_figures') }}
    where part in ('scale', 'scale_item')
),

waves as (
    select * from {{ ref('int_survey_wave_list') }}
),

scales as (
    select * from {{ ref('int_survey_scales') }}
),

readings as (
    select * from {{ ref('survey_readings') }}
),

measured as (
    select
        figures.source,
        figures.survey_id,
        figures.wave,
        figures.scale,
        coalesce(figures.item_id, 'all') as item_id,
        cast({{ survey_figure('items') }} as bigint) as items,
        cast({{ survey_figure('people') }} as bigint) as people,
        cast({{ survey_figure('complete_people') }} as bigint) as complete_people,
        {{ survey_figure('alpha') }} as alpha,
        {{ survey_figure('alpha_low') }} as alpha_low,
        {{ survey_figure('alpha_high') }} as alpha_high,
        {{ survey_figure('omega') }} as omega,
        {{ survey_figure('alpha_if_deleted') }} as alpha_if_deleted,
        {{ survey_figure('item_total') }} as item_total_correlation,
        {{ survey_figure('kmo') }} as kmo,
        {{ survey_figure('bartlett_chi_square') }} as bartlett_chi_square,
        cast({{ survey_figure('bartlett_degrees') }} as bigint) as bartlett_degrees,
        {{ survey_figure('bartlett_p') }} as bartlett_p_value
    from figures
    group by figures.source, figures.survey_id, figures.wave, figures.scale, coalesce(figures.item_id, 'all')
),

final as (
    select
        measured.source,
        measured.survey_id,
        measured.wave,
        measured.scale,
        measured.item_id,
        waves.survey_label_en,
        waves.survey_label_zh,
        scales.scale_label_en,
        scales.scale_label_zh,
        cast(scales.scale_order as integer) as scale_order,
        waves.first_on,
        waves.is_latest,
        measured.item_id <> 'all' as is_item,
        cast(1 as bigint) as row_count,
        measured.items,
        measured.people,
        measured.complete_people,
        measured.alpha,
        measured.alpha_low,
        measured.alpha_high,
        measured.omega,
        measured.alpha_if_deleted,
        measured.alpha_if_deleted - max(case when measured.item_id = 'all' then measured.alpha end)
            over (partition by measured.source, measured.survey_id, measured.wave, measured.scale)
            as alpha_gain_if_deleted,
        measured.item_total_correlation,
        measured.kmo,
        measured.bartlett_chi_square,
        measured.bartlett_degrees,
        measured.bartlett_p_value,
        of_alpha.reading_en as alpha_reading_en,
        of_alpha.reading_zh as alpha_reading_zh,
        of_kmo.reading_en as kmo_reading_en,
        of_kmo.reading_zh as kmo_reading_zh
    from measured
    inner join waves
        on
            measured.source = waves.source
            and measured.survey_id = waves.survey_id
            and measured.wave = waves.wave
    left join scales
        on measured.source = scales.source and measured.survey_id = scales.survey_id and measured.scale = scales.scale
    left join readings as of_alpha
        on
            of_alpha.statistic = 'alpha'
            and measured.alpha >= of_alpha.from_value
            and measured.alpha < of_alpha.to_value
    left join readings as of_kmo
        on of_kmo.statistic = 'kmo' and measured.kmo >= of_kmo.from_value and measured.kmo < of_kmo.to_value
)

select * from final
