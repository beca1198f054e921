with declared as (
    {%- for mart, kpi in kpis_of_all_marts() %}
    select
        {{ sql_text(mart) }} as mart,
        {{ sql_text(kpi.name) }} as kpi,
        {{ sql_text(kpi.label_en) }} as label_en,
        {{ sql_text(kpi.label_zh) }} as label_zh,
        {{ sql_text(kpi.description) }} as definition,
        {{ sql_text(kpi.numerator) }} as numerator,
        {{ sql_text(kpi.get('denominator')) }} as denominator,
        {{ sql_text(kpi.unit) }} as unit,
        {{ sql_text(kpi.direction) }} as direction,
        {{ sql_text(kpi.get('target')) }} as target,
        {{ sql_text(kpi.owner) }} as owner,
        {{ sql_text(kpi_sql(kpi)) }} as sql_expression
    {{ 'union all' if not loop.last }}
    {%- endfor %}
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
        sql_expression
    from declared
)

select * from final
