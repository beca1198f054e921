with figures as (
    select * from {{ ref('int_survey_figures') }}
    where part = 'rate'
),

waves as (
    select * from {{ ref('int_survey_wave_list') }}
),

landed as (
    select * from {{ ref('int_survey_waves') }}
),

members as (
    select * from {{ ref('survey_members') }}
),

rates as (
    select
        figures.source,
        figures.survey_id,
        figures.wave,
        figures.variable,
        figures.member,
        min(figures.member_order) as member_order,
        cast({{ survey_figure('sent') }} as bigint) as sent,
        cast({{ survey_figure('returned') }} as bigint) as returned,
        cast({{ survey_figure('valid') }} as bigint) as valid_responses
    from figures
    group by figures.source, figures.survey_id, figures.wave, figures.variable, figures.member
),

final as (
    select
        rates.source,
        rates.survey_id,
        rates.wave,
        rates.variable,
        rates.member,
        waves.survey_label_en,
        waves.survey_label_zh,
        coalesce(members.label_en, rates.member) as member_label_en,
        coalesce(members.label_zh, case when rates.member = 'all' then '全体' else rates.member end) as member_label_zh,
        cast(rates.member_order as integer) as member_order,
        waves.first_on,
        waves.closes_on,
        waves.is_latest,
        rates.sent,
        rates.returned,
        rates.valid_responses,
        case when rates.variable = 'all' then greatest(0, landed.responses - rates.returned) end as returned_later
    from rates
    inner join waves
        on rates.source = waves.source and rates.survey_id = waves.survey_id and rates.wave = waves.wave
    left join landed
        on rates.source = landed.source and rates.survey_id = landed.survey_id and rates.wave = landed.wave
    left join members on rates.variable = members.variable and rates.member = members.member
)

select * from final
