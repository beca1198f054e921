{#
    Incremental models whose rows belong to days.

    The days that a build replaces stand in control.rebuild_days (source, day): those whose landed rows changed, and a day on
    either side, because a contact may cross midnight. The window is a table and never a var: config() is rendered when dbt
    parses, and a date in it keeps the value of an older build in silence.

    meta.replaced_period widens the days to whole months, say. meta.days_ahead is for rows that tell what came in the days
    after theirs, such as repeats: a changed day also replaces so many days before it. meta.entities names entities whose
    changed days are replaced too, although a source may let their files replace keys and not days.
#}

{# Delete the replaced days from the target and insert the new rows of those days, in one transaction. #}
{% macro get_incremental_replace_days_sql(arg_dict) -%}
    {%- set meta = config.get('meta') -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}

    delete from {{ target }}
    where
        {{ in_rebuilt(
            target.identifier,
            meta['day_column'],
            meta.get('replaced_period', 'day'),
            meta.get('days_ahead', 0),
            meta.get('entities', [])
        ) }};

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }};
{%- endmacro %}

{# In an incremental build, the condition that keeps the replaced days of a relation; in a full build true for every row. #}
{% macro only_rebuilt_days(relation, day_column, period='day', days_ahead=0, entities=[]) -%}
    {% if is_incremental() %}{{ in_rebuilt(relation, day_column, period, days_ahead, entities) }}{% else %}true{% endif %}
{%- endmacro %}

{#
    In an incremental build, the condition that a day is not before the first replaced period: where the period is worked out from the
    day, this lets DuckDB pass over older rows without looking.
#}
{% macro since_first_rebuilt(relation, day_column, period) -%}
    {%- if is_incremental() and execute -%}
    {%- set first = run_query(
        "select cast(date_trunc('" ~ period ~ "', min(day)) as date) from " ~ source('control', 'rebuild_days')
    ).rows[0][0] -%}
    {% if first %}{{ relation }}.{{ day_column }} >= date '{{ first }}'{% else %}false{% endif %}
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{# The same with one day more on either side: what a replaced day needs of its neighbours. #}
{% macro only_read_days(relation, day_column) -%}
    {% if is_incremental() %}{{ in_control('read_days', relation, day_column, 'day') }}{% else %}true{% endif %}
{%- endmacro %}

{#
    The days that rows of the replaced days look at, when each looks `days_ahead` days ahead: they are to be read. One day more,
    because a contact stands on the day of its queue, which may be the one after it entered.
#}
{% macro only_days_looked_at(relation, day_column, days_ahead) -%}
    {% if is_incremental() -%}
    ({{ relation }}.source, {{ relation }}.{{ day_column }}) in ({{ days_around_changes(days_ahead + 1, days_ahead + 1) }})
    {%- else %}true{% endif %}
{%- endmacro %}

{% macro in_rebuilt(relation, day_column, period='day', days_ahead=0, entities=[]) -%}
    {%- if days_ahead -%}
    ({{ relation }}.source, {{ relation }}.{{ day_column }}) in ({{ days_around_changes(days_ahead, 0) }})
    {%- elif entities -%}
    (
        {{ in_control('rebuild_days', relation, day_column, period) }}
        or {{ in_control('changed_days', relation, day_column, period, entities) }}
    )
    {%- else -%}
    {{ in_control('rebuild_days', relation, day_column, period) }}
    {%- endif -%}
{%- endmacro %}

{#
    As (source, day): the replaced days with so many before and after each. What a row knows of the days ahead also depends
    on how far the source has been loaded, so the last loaded day, now and in the build before, counts as replaced.
#}
{% macro days_around_changes(days_before, days_after) %}
    select distinct
        changes.source,
        cast(
            changes.day + (numbers.generated_number - {{ days_before + 1 }}) * interval '1 day' as date
        ) as day
    from (
        select source, day
        from {{ source('control', 'rebuild_days') }}
        {% for table in ('days', 'built_days') %}
        union all
        select source, max(day) as day
        from {{ source('control', table) }}
        where
            entity in ({{ entities_of_visits() }})
            and source in (select rebuilt.source from {{ source('control', 'rebuild_days') }} as rebuilt)
        group by source
        {% endfor %}
    ) as changes
    cross join ({{ dbt.generate_series(days_before + 1 + days_after) }}) as numbers
{% endmacro %}

{# Entities whose rows are queue visits, quoted. #}
{% macro entities_of_visits() -%}
    'calls', 'bank_1999_calls'
{%- endmacro %}

{% macro in_control(table, relation, day_column, period, entities=[]) -%}
    {%- set day = 'control_days.day' if period == 'day' else "cast(date_trunc('" ~ period ~ "', control_days.day) as date)" -%}
    exists (
        select 1
        from {{ source('control', table) }} as control_days
        where control_days.source = {{ relation }}.source and {{ day }} = {{ relation }}.{{ day_column }}
        {%- if entities %} and control_days.entity in ('{{ entities | join("', '") }}'){% endif %}
    )
{%- endmacro %}
