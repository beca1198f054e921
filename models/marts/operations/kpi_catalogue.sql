with declared as (
    {{ declared_kpis() }}
),

final as (
    select
        mart,
        kpi,
        label_en,
        label_zh,
        definition,
        numerator,
        denominator,
        unit,
        direction,
        target,
        owner,
        coalesce(
            'sum(' || numerator || ') * 1.0 / nullif(sum(' || denominator || '), 0)',
            'sum(' || numerator || ')'
        ) as sql_expression
    from declared
)

select * from final
