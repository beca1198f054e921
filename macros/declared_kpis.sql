{# The KPIs that the marts declare in their meta, as rows: dbt's graph holds what the YAML says. #}
{% macro declared_kpis() -%}
    {%- set rows = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | sort(attribute='name') -%}
            {%- for kpi in node.config.get('meta', {}).get('kpis', []) -%}
                {%- do rows.append((node.name, kpi)) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for mart, kpi in rows %}
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
        {{ sql_text(kpi.owner) }} as owner
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro sql_text(value) -%}
    {%- if value is none -%}cast(null as varchar){%- else -%}'{{ value | string | replace("'", "''") }}'{%- endif -%}
{%- endmacro %}
