with figures as (
    select * from {{ ref('int_survey_figures') }}
    where part = 'dimension'
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

members as (
    select * from {{ ref('survey_members') }}
),

measured as (
    select
        figures.source,
        figures.survey_id,
        figures.wave,
        figures.variable,
        figures.member,
        figures.scale,
        min(figures.member_order) as member_order,
        cast({{ survey_figure('people') }} as bigint) as people,
        cast({{ survey_figure('answers') }} as bigint) as answers,
        {{ survey_figure('answer_sum') }} as answer_sum,
        {{ survey_figure('mean') }} as mean_score,
        {{ survey_figure('mean', 'text') }} as mean_is,
        {{ survey_figure('standard_deviation') }} as standard_deviation,
        {{ survey_figure('scale_highest') }} as scale_highest
    from figures
    group by
        figures.source, figures.survey_id, figures.wave, figures.variable, figures.member, figures.scale
),

totals as (
    select * from measured
    where variable = 'all'
),

-- Intervals rest on the spread of everybody: that of a small group would say too much of its people.
compared as (
    select
        measured.source,
        measured.survey_id,
        measured.wave,
        measured.variable,
        measured.member,
        measured.scale,
        measured.member_order,
        measured.people,
        measured.answers,
        measured.answer_sum,
        measured.mean_score,
        measured.mean_is,
        measured.standard_deviation,
        measured.scale_highest,
        waves.survey_label_en,
        waves.survey_label_zh,
        waves.high_is,
        waves.first_on,
        waves.is_latest,
        waves.wave_before,
        1.959963984540054 * totals.standard_deviation / sqrt(measured.people) as half_interval,
        case
            when
                measured.variable <> 'all' and measured.mean_is = 'exact' and totals.mean_is = 'exact'
                and totals.answers > measured.answers
                then
                    measured.mean_score
                    - (totals.answer_sum - measured.answer_sum) / (totals.answers - measured.answers)
        end as difference_to_rest,
        case
            when totals.people > measured.people
                then
                    1.959963984540054 * totals.standard_deviation
                    * sqrt(1.0 / measured.people + 1.0 / (totals.people - measured.people))
        end as half_interval_to_rest
    from measured
    inner join waves
        on
            measured.source = waves.source
            and measured.survey_id = waves.survey_id
            and measured.wave = waves.wave
    inner join totals
        on
            measured.source = totals.source
            and measured.survey_id = totals.survey_id
            and measured.wave = totals.wave
            and measured.scale = totals.scale
),

changed as (
    select
        compared.*,
        earlier.mean_score as mean_score_before,
        case
            when compared.mean_is = 'exact' and earlier.mean_is = 'exact' then compared.mean_score - earlier.mean_score
        end as change_of_mean,
        case
            when compared.variable = 'all'
                then 1.959963984540054 * sqrt(
                    compared.standard_deviation * compared.standard_deviation / compared.people
                    + earlier.standard_deviation * earlier.standard_deviation / earlier.people
                )
        end as half_interval_of_change
    from compared
    left join measured as earlier
        on
            compared.source = earlier.source
            and compared.survey_id = earlier.survey_id
            and compared.wave_before = earlier.wave
            and compared.variable = earlier.variable
            and compared.member = earlier.member
            and compared.scale = earlier.scale
),

-- Correlation of a dimension with the rest of the items, by which what people do not say shows all the same.
together as (
    select
        source,
        survey_id,
        wave,
        scale,
        max(case when statistic = 'rest_r_low' then value end) as rest_r_low
    from {{ ref('int_survey_figures') }}
    where part = 'rest'
    group by source, survey_id, wave, scale
),

final as (
    select
        changed.source,
        changed.survey_id,
        changed.wave,
        changed.variable,
        changed.member,
        changed.scale,
        changed.survey_label_en,
        changed.survey_label_zh,
        coalesce(variables.label_en, changed.variable) as variable_label_en,
        coalesce(variables.label_zh, changed.variable) as variable_label_zh,
        coalesce(members.label_en, changed.member) as member_label_en,
        case
            when changed.member = 'all' then '全体'
            else coalesce(members.label_zh, changed.member)
        end as member_label_zh,
        cast(changed.member_order as integer) as member_order,
        scales.scale_label_en,
        scales.scale_label_zh,
        cast(scales.scale_order as integer) as scale_order,
        changed.first_on,
        changed.is_latest,
        changed.people,
        case when changed.mean_is = 'exact' then changed.answers end as answers,
        changed.answer_sum,
        changed.scale_highest,
        changed.mean_score,
        changed.mean_is,
        changed.standard_deviation,
        changed.mean_score - changed.half_interval as mean_low,
        changed.mean_score + changed.half_interval as mean_high,
        100.0 * changed.mean_score / changed.scale_highest as score_of_100,
        changed.difference_to_rest,
        changed.difference_to_rest - changed.half_interval_to_rest as difference_low,
        changed.difference_to_rest + changed.half_interval_to_rest as difference_high,
        coalesce(
            changed.high_is = 'bad' and changed.difference_to_rest > changed.half_interval_to_rest, false
        ) as is_high_stress,
        changed.mean_score_before,
        changed.change_of_mean,
        changed.change_of_mean - changed.half_interval_of_change as change_low,
        changed.change_of_mean + changed.half_interval_of_change as change_high,
        case
            when changed.variable <> 'all' or changed.scale = 'all' or coalesce(changed.high_is, '') <> 'bad'
                then null
            when changed.mean_score - changed.half_interval > (scales.scale_min + scales.scale_max) / 2.0
                then 'manifest'
            when together.rest_r_low > 0 then 'latent'
            else 'neither'
        end as stressor
    from changed
    left join scales
        on changed.source = scales.source and changed.survey_id = scales.survey_id and changed.scale = scales.scale
    left join variables on changed.variable = variables.variable
    left join members on changed.variable = members.variable and changed.member = members.member
    left join together
        on
            changed.source = together.source
            and changed.survey_id = together.survey_id
            and changed.wave = together.wave
            and changed.scale = together.scale
)

select * from final
