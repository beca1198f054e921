with compared as (
    select * from {{ ref('int_comparisons') }}
),

final as (
    select
        comparison_id,
        report,
        source,
        label_en,
        label_zh,
        mart,
        measure,
        unit,
        unit_of_analysis,
        group_1,
        cast(first_day_1 as date) as first_day_1_on,
        cast(last_day_1 as date) as last_day_1_on,
        group_2,
        cast(first_day_2 as date) as first_day_2_on,
        cast(last_day_2 as date) as last_day_2_on,
        cast(value_1 as decimal(18, 6)) as value_1,
        cast(cases_1 as bigint) as cases_1,
        cast(value_2 as decimal(18, 6)) as value_2,
        cast(cases_2 as bigint) as cases_2,
        cast(difference as decimal(18, 6)) as difference,
        cast(difference_low as decimal(18, 6)) as difference_low,
        cast(difference_high as decimal(18, 6)) as difference_high,
        test,
        cast(p_value as decimal(7, 6)) as p_value,
        cast(case when abs(effect_size) < 1e9 then effect_size end as decimal(18, 6)) as effect_size,
        effect_name,
        is_clear,
        value_1_shown,
        value_2_shown,
        difference_shown,
        interval_shown,
        p_value_shown,
        effect_shown,
        words_en,
        words_zh
    from compared
)

select * from final
