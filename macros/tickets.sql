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
    (source, day) of each source of which something changed: the first day on which it did, a day on either side included. What is open
    on the evening of a day without any file depends on how far the source has been loaded, so the last loaded day, now and in the
    build before, counts as changed. Asked when the model runs and written into its SQL as dates: joined as a table they would keep
    DuckDB from passing over older rows.
#}
{% macro first_changed_days() %}
    {#- A linter has no database to ask. -#}
    {%- if not execute or env_var('HOTLINE_ONLY_RENDERS', '') -%}{{ return([]) }}{%- endif -%}
    {%- set changed -%}
    with changes as (
        select source, day from {{ source('control', 'rebuild_days') }}
        union all
        select source, day from {{ source('control', 'changed_days') }} where entity = 'tickets'
    )

    select source, cast(min(day) as date) as day
    from (
        select source, day from changes
        {% for table in ('days', 'built_days') %}
        union all
        select source, max(day) as day
        from {{ source('control', table) }}
        where entity in ('tickets', 'ticket_events') and source in (select source from changes)
        group by source
        {% endfor %}
    ) as changed
    group by source
    order by source
    {%- endset -%}
    {{ return(run_query(changed).rows | list) }}
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

{# The last day of which a relation with the days of a ticket's opening and its last event tells. #}
{% macro last_day_of_ticket(relation) -%}
    greatest({{ relation }}.opened_on, {{ relation }}.last_event_on)
{%- endmacro %}

{# The condition that a ticket has to be made again. #}
{% macro may_have_changed(relation) -%}
    {%- if is_incremental() -%}
    ({{ on_or_after_first_change(relation, last_day_of_ticket(relation)) }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#
    The condition that a ticket was made after whatever this model holds. An event that is taken back leaves nothing in the ticket that
    would tell of it, but that the ticket was made again. The time is written into the SQL: as a subquery it would keep DuckDB from
    passing over the tickets that were made long ago.
#}
{% macro made_since(tickets) -%}
    {%- if not is_incremental() -%}
    true
    {%- elif not execute -%}
    false
    {%- else -%}
    {%- set last = run_query("select cast(max(built_at) as varchar) from " ~ this).rows[0][0] -%}
    {{ tickets }}.built_at > timestamp with time zone '{{ last or "1970-01-01 00:00:00+00" }}'
    {%- endif -%}
{%- endmacro %}

{#
    The day on which the first of the tickets was opened that were made after whatever this model holds; none in a full build. Written
    into the SQL, it lets DuckDB pass over older tickets, events and months of customers. `also` says which further tickets the model
    reads; they are asked for apart, as DuckDB passes over older rows for one condition, and not for two of which either may hold.
#}
{% macro first_opening_of_made(tickets, also=none) -%}
    {%- if not is_incremental() or not execute -%}{{ return(none) }}{%- endif -%}
    {%- set opened = "select min(made.opened_on) as day from " ~ tickets ~ " as made where " -%}
    {%- set first = run_query(
        "select coalesce(min(day), date '9999-12-31') from (" ~ opened ~ made_since('made')
        ~ (" union all " ~ opened ~ "made." ~ also if also else "") ~ ") as firsts"
    ) -%}
    {{ return(first.rows[0][0]) }}
{%- endmacro %}

{#
    The day on which the first of the tickets was opened that waited on the evening of a day from the first changed one on; none in a
    full build. They are open still, or something was said of them since.
#}
{% macro first_opening_of_waiting(tickets) -%}
    {%- if not is_incremental() or not execute -%}{{ return(none) }}{%- endif -%}
    {%- set first -%}
    select coalesce(min(day), date '9999-12-31')
    from (
        select min(tickets.opened_on) as day from {{ tickets }} as tickets where tickets.state = 'open'
        union all
        select min(tickets.opened_on) as day from {{ tickets }} as tickets where {{ may_have_changed('tickets') }}
    ) as firsts
    {%- endset -%}
    {{ return(run_query(first).rows[0][0]) }}
{%- endmacro %}

{# The condition that a column is not before that day, or so many months before it; true where there is no such day. #}
{% macro not_before(day_column, day, months=0) -%}
    {%- if not day -%}
    true
    {%- elif months -%}
    {{ day_column }} >= cast(date '{{ day }}' - interval '{{ months }} months' as date)
    {%- else -%}
    {{ day_column }} >= date '{{ day }}'
    {%- endif -%}
{%- endmacro %}

{#
    The condition that a row stands on a day that is to be counted again: from the first changed day on, and each earlier day on which
    a ticket stands that was made again. Earlier days of other tickets are as they were. `also` says of which further tickets the days
    are counted again, `moved_from` names the column of the day on which a ticket stood before, where that is another one. All in one
    list of days, as DuckDB passes over older rows for one, and not for several conditions of which any may hold.
#}
{% macro on_changed_days(relation, day_column, tickets, also=none, moved_from=none) -%}
    {%- if is_incremental() -%}
    ({{ relation }}.source, {{ relation }}.{{ day_column }}) in (
        select changed.source, changed.{{ day_column }}
        from {{ tickets }} as changed
        where {{ since_first_change('changed', day_column) }}
        union
        {{ days_of_made(tickets, day_column, also) }}
        {%- if moved_from %}
        union
        {{ days_of_made(tickets, moved_from) }}
        {%- endif %}
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{# As (source, day): the days on which tickets stand that were made after whatever this model holds. #}
{% macro days_of_made(tickets, day_column, also=none) %}
    select distinct made.source, made.{{ day_column }}
    from {{ tickets }} as made
    where {{ made_since('made') }}
    {%- if also %}
    union
    select distinct made.source, made.{{ day_column }}
    from {{ tickets }} as made
    where made.{{ also }}
    {%- endif %}
{% endmacro %}

{#
    Delete the tickets that may be gone and those that were made again, and insert what they are now. Apart, as either condition alone
    lets DuckDB pass over older rows, and both together do not.
#}
{% macro get_incremental_replace_tickets_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}

    delete from {{ target }}
    where {{ may_have_changed(target.identifier) }};

    delete from {{ target }}
    where (source, ticket_id) in (select distinct source, ticket_id from {{ arg_dict['temp_relation'] }});

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }};
{%- endmacro %}

{#
    Delete all days from the first changed one on, and the earlier days that were made again, and insert the new rows. The days from
    which tickets moved, if meta.moved_from names their model and column, go even where no other ticket stands on them.
#}
{% macro get_incremental_replace_days_since_change_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set day_column = config.get('meta')['day_column'] -%}
    {%- set moved_from = config.get('meta').get('moved_from') -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}

    delete from {{ target }}
    where
        {{ since_first_change(target.identifier, day_column) }}
        or (source, {{ day_column }}) in (select distinct source, {{ day_column }} from {{ arg_dict['temp_relation'] }})
        {%- if moved_from %}
        or (source, {{ day_column }}) in ({{ days_of_made(ref(moved_from['model']), moved_from['column']) }})
        {%- endif %};

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }};
{%- endmacro %}
