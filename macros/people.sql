{#
    Records of HR.

    A snapshot or a correction may change anything that was ever said of anybody: a leaving date of two years ago, with all the
    months after it. So the people of a source are made again as a whole when a file of theirs changed, and on all other
    days, which are nearly all, not even read: whether one changed is asked while the model is rendered, and `false` in the place
    of a condition lets the engine skip what lies below it.
#}

{# In an incremental build, the condition that keeps the sources of which a file of these entities changed; else true. #}
{% macro of_changed_sources(relation, entities) -%}
    {%- if not is_incremental() -%}
    true
    {%- elif not has_changed(entities) -%}
    false
    {%- else -%}
    {{ relation }}.source in ({{ changed_sources(entities) }})
    {%- endif -%}
{%- endmacro %}

{% macro changed_sources(entities) -%}
    select source from {{ source('control', 'changed_days') }} where entity in ('{{ entities | join("', '") }}')
{%- endmacro %}

{% macro has_changed(entities) -%}
    {{ return(run_query(changed_sources(entities) ~ ' limit 1').rows | length > 0 if execute else true) }}
{%- endmacro %}

{# Delete the rows of the sources of which something changed, and insert those made anew. #}
{% macro get_incremental_replace_sources_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}

    delete from {{ arg_dict['target_relation'] }}
    where source in ({{ changed_sources(config.get('meta')['entities']) }});

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }};
{%- endmacro %}

{# A number that differs where any of the columns does. #}
{% macro row_signature(columns) -%}
    {{ return(adapter.dispatch('row_signature')(columns)) }}
{%- endmacro %}

{% macro default__row_signature(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__row_signature(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}

{# One row per month in a column `month_start_on`, from the first of one month to the first of another, both included. #}
{% macro months_between(first_month, last_month) -%}
    {{ return(adapter.dispatch('months_between')(first_month, last_month)) }}
{%- endmacro %}

{% macro default__months_between(first_month, last_month) -%}
    select cast(months.month_start as date) as month_start_on
    from generate_series({{ first_month }}, {{ last_month }}, interval '1 month') as months (month_start)
{%- endmacro %}

{% macro spark__months_between(first_month, last_month) -%}
    select explode(sequence({{ first_month }}, {{ last_month }}, interval 1 month)) as month_start_on
{%- endmacro %}
