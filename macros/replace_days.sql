{#
    Incremental models whose rows belong to days.

    The days that a build replaces stand in control.rebuild_days (source, day): those whose landed rows changed, and a day on
    either side, because a contact may cross midnight. The window is a table and never a var: config() is rendered when dbt
    parses, and a date in it keeps the value of an older build in silence.
#}

{# Delete the replaced days from the target and insert the new rows of those days, in one transaction. #}
{% macro get_incremental_replace_days_sql(arg_dict) -%}
    {%- set meta = config.get('meta') -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}

    delete from {{ target }}
    where {{ in_rebuilt(target.identifier, meta['day_column'], meta.get('replaced_period', 'day')) }};

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }};
{%- endmacro %}

{# In an incremental build, the condition that keeps the replaced days of a relation; in a full build true for every row. #}
{% macro only_rebuilt_days(relation, day_column, period='day') -%}
    {% if is_incremental() %}{{ in_rebuilt(relation, day_column, period) }}{% else %}true{% endif %}
{%- endmacro %}

{# The same with one day more on either side: what a replaced day needs of its neighbours. #}
{% macro only_read_days(relation, day_column) -%}
    {% if is_incremental() %}{{ in_control('read_days', relation, day_column, 'day') }}{% else %}true{% endif %}
{%- endmacro %}

{% macro in_rebuilt(relation, day_column, period='day') -%}
    {{ in_control('rebuild_days', relation, day_column, period) }}
{%- endmacro %}

{% macro in_control(table, relation, day_column, period) -%}
    {%- set day = 'control_days.day' if period == 'day' else "cast(date_trunc('" ~ period ~ "', control_days.day) as date)" -%}
    exists (
        select 1
        from {{ source('control', table) }} as control_days
        where control_days.source = {{ relation }}.source and {{ day }} = {{ relation }}.{{ day_column }}
    )
{%- endmacro %}
