{#
    Months of customers. A file of a month replaces the month, and with it the three months after it, whose life-cycle stage
    looks back on it. Their own records are not read again: the mart has them.
#}

{# Delete the replaced months and those that look back on them, and insert them anew. #}
{% macro get_incremental_replace_customer_months_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}

    delete from {{ target }}
    where {{ near_rebuilt_months(target.identifier, 0, 3) }};

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }};
{%- endmacro %}

{#
    The condition that a rebuilt month lies so many months after the relation's month, or before it. Asked when the model runs and
    written into its SQL as dates: joined as a table they would keep DuckDB from passing over other months.
#}
{% macro near_rebuilt_months(relation, months_after, months_before) -%}
    (
        {%- for source, month in rebuilt_customer_months() %}
        {% if not loop.first %}or {% endif -%}
        (
            {{ relation }}.source = {{ sql_text(source) }}
            and {{ relation }}.month_start_on between
            cast(date '{{ month }}' - interval '{{ months_after }} months' as date)
            and cast(date '{{ month }}' + interval '{{ months_before }} months' as date)
        )
        {%- else -%}
        false
        {%- endfor -%}
    )
{%- endmacro %}

{# (source, first of the month) of each month of customers that is replaced. #}
{% macro rebuilt_customer_months() %}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set months = run_query(
        "select distinct source, day from " ~ source('control', 'rebuild_days')
        ~ " where entity = 'customers' and day = date_trunc('month', day) order by source, day"
    ) -%}
    {{ return(months.rows | list) }}
{% endmacro %}
