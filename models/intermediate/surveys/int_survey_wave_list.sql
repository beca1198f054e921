with figures as (
    select * from {{ ref('int_survey_figures') }}
),

surveys as (
    select * from {{ ref('survey_banks') }}
),

waves as (
    select
        source,
        survey_id,
        wave,
        cast(max(case when statistic = 'first_on' then text end) as date) as first_on,
        cast(max(case when statistic = 'closes_on' then text end) as date) as closes_on,
        -- Of a wave that privacy withholds as a whole there is nothing to compare with.
        coalesce(max(case when part = 'table' and variable = 'all' then value end) > 0, false) as is_published
    from figures
    where part in ('wave', 'table')
    group by source, survey_id, wave
),

final as (
    select
        waves.source,
        waves.survey_id,
        waves.wave,
        coalesce(surveys.label_en, waves.survey_id) as survey_label_en,
        coalesce(surveys.label_zh, waves.survey_id) as survey_label_zh,
        surveys.high_is,
        waves.first_on,
        waves.closes_on,
        waves.is_published
        and row_number() over (
            partition by waves.source, waves.survey_id, waves.is_published
            order by waves.first_on desc, waves.wave desc
        ) = 1 as is_latest,
        lag(waves.wave) over (
            partition by waves.source, waves.survey_id, waves.is_published order by waves.first_on, waves.wave
        ) as wave_before
    from waves
    left join surveys on waves.survey_id = surveys.survey_id
)

select * from final
