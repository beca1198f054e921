{# The KPIs that a mart declares in its meta: dbt's graph holds what the YAML says. Empty while dbt parses. #}
{% macro kpis_of_mart(mart) -%}
    {{ return(graph.nodes['model.hotline.' ~ mart].config.get('meta', {}).get('kpis', []) if execute else []) }}
{%- endmacro %}

{# Every KPI of every mart, as (mart, kpi). #}
{% macro kpis_of_all_marts() -%}
    {%- set declared = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | sort(attribute='name') -%}
            {%- for kpi in kpis_of_mart(node.name) -%}
                {%- do declared.append((node.name, kpi)) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(declared) }}
{%- endmacro %}

{# A KPI over any set of rows of its mart: sums first, the division last. hotline.kpis says the same to Python. #}
{% macro kpi_sql(kpi) -%}
    {%- if kpi.get('denominator') is none -%}
        sum({{ kpi.numerator }})
    {%- else -%}
        sum({{ kpi.numerator }}) * 1.0 / nullif(sum({{ kpi.denominator }}), 0)
    {%- endif -%}
{%- endmacro %}

{% macro sql_text(value) -%}
    {%- if value is none -%}cast(null as varchar){%- else -%}'{{ value | string | replace("'", "''") }}'{%- endif -%}
{%- endmacro %}

{# The columns of a mart that count visits and add up over any slice: all that say how they count, but for maxima. #}
{% macro additive_columns(mart) -%}
    {%- set additive = [] -%}
    {%- for column in (graph.nodes['model.hotline.' ~ mart].columns if execute else {}).values() -%}
        {%- set visits = column.config.get('meta', {}).get('visits') -%}
        {%- if visits and visits.get('aggregate') != 'max' %}{% do additive.append(column.name) %}{% endif -%}
    {%- endfor -%}
    {{ return(additive) }}
{%- endmacro %}
