with survival as (
    select * from {{ ref('int_tenure_survival') }} as survival
    where {{ of_changed_sources('survival', ['employees', 'turnover_survival_tenures']) }} and part = 'curve'
),

final as (
    select
        source,
        grouping_by as dimension,
        member,
        cast(tenure_months as integer) as tenure_months,
        survival,
        survival_low,
        survival_high,
        at_risk,
        leavers_in_month,
        median_months,
        begins_at_months,
        persons,
        leavers
    from survival
)

select * from final
