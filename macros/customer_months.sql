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

{# Whether a rebuilt month lies so many months after the relation's month, or before it. #}
{% macro near_rebuilt_months(relation, months_after, months_before) -%}
    exists (
        select 1
        from {{ source('control', 'rebuild_days') }} as rebuilt
        where
            rebuilt.source = {{ relation }}.source
            and rebuilt.entity = 'customers'
            and rebuilt.day between
            {{ relation }}.month_start_on - interval '{{ months_before }} months'
            and {{ relation }}.month_start_on + interval '{{ months_after }} months'
            and rebuilt.day = date_trunc('month', rebuilt.day)
    )
{%- endmacro %}
