with survival as (
    select * from {{ ref('int_tenure_survival') }} as survival
    where {{ of_changed_sources('survival', ['employees', 'turnover_survival_tenures']) }} and part = 'test'
),

final as (
    select
        source,
        grouping_by as dimension,
        groups as members,
        persons,
        leavers,
        statistic as chi_square,
        groups - 1 as degrees_of_freedom,
        p_value,
        p_value < 0.05 as is_clear
    from survival
)

select * from final
