{#
    What a ticket is follows from events of many days, so tickets are not replaced by day: a build replaces those that what
    changed may bear on, and it can tell them without a list. All that changed lies on the days from the first changed one on. A
    ticket whose last event, and whose opening, lie before that day is as it was; any other is made again. Each table of tickets
    carries both days, so that it can say of its own old rows which are to go, also when an event was taken back, and also when
    the build before this one did not end; and each carries the time at which its ticket was made, so that what is counted from
    it knows which days to count again. An ordinary day replaces the tickets of the last three days, early and late in
    history; a correction costs what has happened since.
#}

{#
    (source, day) of each source of which something changed: the first day on which it did, a day on either side included. Asked
    when the model runs and written into its SQL as dates: joined as a table they would keep DuckDB from passing over older rows.
#}
{% macro first_changed_days() %}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set changed = run_query(
        "select changed.source, min(changed.day) as day from ("
        ~ "select source, day from " ~ source('control', 'rebuild_days')
        ~ " union all select source, day from " ~ source('control', 'changed_days') ~ " where entity = 'tickets'"
        ~ ") as changed group by changed.source order by changed.source"
    ) -%}
    {{ return(changed.rows | list) }}
{% endmacro %}

{# The condition that a day of the relation's source lies on the first changed day of it or after it. #}
{% macro on_or_after_first_change(relation, day) -%}
    {%- set changed = first_changed_days() -%}
    {%- if not changed -%}
    false
    {%- else -%}
    {{ day }} >= date '{{ changed | map(attribute=1) | min }}'
    and (
        {%- for source, first_day in changed %}
        {% if not loop.first %}or {% endif -%}
        ({{ relation }}.source = {{ sql_text(source) }} and {{ day }} >= date '{{ first_day }}')
        {%- endfor %}
    )
    {%- endif -%}
{%- endmacro %}

{# The condition that a relation's day lies on the first changed day of its source or after it. #}
{% macro since_first_change(relation, day_column) -%}
    {%- if is_incremental() -%}
    ({{ on_or_after_first_change(relation, relation ~ '.' ~ day_column) }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{# The condition that a ticket has to be made again, over a relation with the days of its opening and its last event. #}
{% macro may_have_changed(relation) -%}
    {%- if is_incremental() -%}
    ({{ on_or_after_first_change(
        relation, 'greatest(' ~ relation ~ '.opened_on, ' ~ relation ~ '.last_event_on)') }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#
    The condition that a ticket was made after whatever this model holds. An event that is taken back leaves nothing in the ticket that
    would tell of it, but that the ticket was made again.
#}
{% macro made_since(tickets) -%}
    {%- if is_incremental() -%}
    {{ tickets }}.built_at > (
        select coalesce(max(built_at), timestamp with time zone '1970-01-01 00:00:00+00') from {{ this }}
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#
    The condition that a row stands on a day that is to be counted again: from the first changed day on, and each earlier day on which
    a ticket stands that was made again. Earlier days of other tickets are as they were.
#}
{% macro on_changed_days(relation, day_column, tickets, also=none) -%}
    {%- if is_incremental() -%}
    (
        {{ since_first_change(relation, day_column) }}
        or ({{ relation }}.source, {{ relation }}.{{ day_column }}) in (
            select distinct touched.source, touched.{{ day_column }}
            from {{ tickets }} as touched
            where {{ made_since('touched') }}{% if also %} or {{ also }}{% endif %}
        )
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{# Delete the tickets that were made again and those that may be gone, and insert what they are now. #}
{% macro get_incremental_replace_tickets_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}

    delete from {{ target }}
    where
        {{ may_have_changed(target.identifier) }}
        or (source, ticket_id) in (select distinct source, ticket_id from {{ arg_dict['temp_relation'] }});

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }};
{%- endmacro %}

{# Delete all days from the first changed one on, and the earlier days that were made again, and insert the new rows. #}
{% macro get_incremental_replace_days_since_change_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set day_column = config.get('meta')['day_column'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}

    delete from {{ target }}
    where
        {{ since_first_change(target.identifier, day_column) }}
        or (source, {{ day_column }}) in (select distinct source, {{ day_column }} from {{ arg_dict['temp_relation'] }});

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }};
{%- endmacro %}
