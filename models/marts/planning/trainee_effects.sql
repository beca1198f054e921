with effects as (
    select * from {{ ref('int_trainee_effects') }}
),

catalogue as (
    select * from {{ ref('kpi_catalogue') }}
    where mart = 'handling_by_day'
),

written as (
    select
        effects.*,
        catalogue.label_en,
        catalogue.label_zh,
        catalogue.unit,
        {{ rounded_text('effects.ratio', 2) }} as ratio_text,
        {{ rounded_text('effects.ratio_low', 2) }}
        || ' to ' || {{ rounded_text('effects.ratio_high', 2) }} as interval_en,
        {{ rounded_text('effects.ratio_low', 2) }}
        || ' 至 ' || {{ rounded_text('effects.ratio_high', 2) }} as interval_zh
    from effects
    inner join catalogue on effects.measure = catalogue.kpi
),

final as (
    select
        source,
        measure,
        label_en,
        label_zh,
        unit,
        status,
        cast(first_day as date) as first_day_on,
        cast(last_day as date) as last_day_on,
        cast(agents_1 as bigint) as agents_experienced,
        cast(agents_2 as bigint) as agents_trainees,
        cast(cases_1 as bigint) as cases_experienced,
        cast(cases_2 as bigint) as cases_trainees,
        value_1 as value_experienced,
        value_2 as value_trainees,
        ratio,
        ratio_low,
        ratio_high,
        is_clear,
        case
            when status = 'no trainees' then 'No trainee took a call.'
            when status = 'too few' then 'Too few calls or agents to tell.'
            when is_clear
                then 'On the same matters × ' || ratio_text || ' (95 % interval ' || interval_en || ').'
            else 'No clear difference: × ' || ratio_text || ' (95 % interval ' || interval_en || ').'
        end as words_en,
        case
            when status = 'no trainees' then '没有见习座席接听。'
            when status = 'too few' then '通话或座席过少，无法判断。'
            when is_clear
                then '相同业务下为 ' || ratio_text || ' 倍（95% 区间 ' || interval_zh || '）。'
            else '无明显差异：' || ratio_text || ' 倍（95% 区间 ' || interval_zh || '）。'
        end as words_zh
    from written
)

select * from final
