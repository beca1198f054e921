with figures as (
    select * from {{ ref('int_survey_figures') }}
    where part = 'table'
),

waves as (
    select * from {{ ref('int_survey_wave_list') }}
),

final as (
    select
        figures.source,
        figures.survey_id,
        figures.wave,
        figures.variable as table_name,
        waves.survey_label_en,
        waves.survey_label_zh,
        waves.first_on,
        waves.is_latest,
        cast(figures.value as bigint) as group_count,
        figures.value > 0 as is_published,
        figures.text as reason
    from figures
    inner join waves
        on figures.source = waves.source and figures.survey_id = waves.survey_id and figures.wave = waves.wave
)

select * from final
