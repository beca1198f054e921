with survival as (
    select * from {{ ref('int_tenure_survival') }} as survival
    where {{ of_changed_sources('survival', ['employees', 'turnover_survival_tenures']) }} and part = 'hazard'
),

final as (
    select
        source,
        grouping_by as trait,
        member,
        status,
        persons,
        leavers,
        coefficient,
        standard_error,
        hazard_ratio,
        hazard_ratio_low,
        hazard_ratio_high,
        p_value,
        coalesce(hazard_ratio_low > 1 or hazard_ratio_high < 1, false) as is_clear,
        proportionality_p_value,
        coalesce(proportionality_p_value < 0.05, false) as is_changing_with_tenure,
        concordance
    from survival
)

select * from final
