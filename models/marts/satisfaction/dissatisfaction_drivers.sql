with drivers as (
    select * from {{ ref('int_dissatisfaction_drivers') }}
),

terms as (
    select * from {{ ref('dissatisfaction_terms') }}
),

final as (
    select
        drivers.source,
        drivers.term,
        terms.term_order,
        terms.label_en,
        terms.label_zh,
        terms.unit_en,
        terms.unit_zh,
        drivers.status,
        cast(drivers.first_day as date) as first_day_on,
        cast(drivers.last_day as date) as last_day_on,
        cast(drivers.ratings as bigint) as ratings,
        cast(drivers.dissatisfied as bigint) as dissatisfied,
        cast(drivers.days as bigint) as days,
        drivers.mean_value,
        drivers.coefficient,
        drivers.standard_error,
        drivers.odds_ratio,
        drivers.odds_ratio_low,
        drivers.odds_ratio_high,
        drivers.p_value,
        drivers.points,
        drivers.is_clear,
        drivers.rating_status,
        drivers.rating_change,
        drivers.rating_change_low,
        drivers.rating_change_high,
        case
            when drivers.status = 'too few' then 'Too few dissatisfied ratings to tell.'
            when drivers.status = 'not varied' then 'All contacts were alike in it.'
            when not drivers.is_clear then 'No clear association with dissatisfaction.'
            when drivers.coefficient > 0
                then 'Goes with more dissatisfaction: odds × ' || {{ rounded_text('drivers.odds_ratio', 2) }}
            else 'Goes with less dissatisfaction: odds × ' || {{ rounded_text('drivers.odds_ratio', 2) }}
        end as words_en,
        case
            when drivers.status = 'too few' then '不满意评价过少，无法判断。'
            when drivers.status = 'not varied' then '全部联络在此项上无差别。'
            when not drivers.is_clear then '与不满意无明显关联。'
            when drivers.coefficient > 0
                then '与更多不满意相关：优势比 ' || {{ rounded_text('drivers.odds_ratio', 2) }}
            else '与更少不满意相关：优势比 ' || {{ rounded_text('drivers.odds_ratio', 2) }}
        end as words_zh
    from drivers
    inner join terms on drivers.term = terms.term
)

select * from final
