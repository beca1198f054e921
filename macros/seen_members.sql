{#
    Dimensions whose members are the keys that visits name, each with the first and last day on which one does.

    A full build groups all visits. An ordinary day must not cost more the longer the history is, and still has to drop a
    member that a corrected file no longer names. So an incremental build looks at the rebuilt days, and at all history only
    for members whose known first or last day was rebuilt and no longer names them. Days that were not rebuilt are certain.

    The rows have `member_id, source, first_seen_on, last_seen_on`: of all members in a full build, else of those that changed
    (of all with `only_changed=false`, for a small dimension whose other columns may change too). A member that no visit
    names any more has no days, and the strategy replace_members takes it out.
#}
{% macro seen_members(visits, key, only_changed=true) %}
    {% if not is_incremental() %}
    select
        {{ key }} as member_id,
        any_value(source) as source,
        min(arrival_on) as first_seen_on,
        max(arrival_on) as last_seen_on
    from {{ visits }}
    group by {{ key }}
    {% else %}
    with rebuilt as (
        select
            visits.{{ key }} as member_id,
            any_value(visits.source) as source,
            min(visits.arrival_on) as first_seen_on,
            max(visits.arrival_on) as last_seen_on
        from {{ visits }} as visits
        where {{ in_rebuilt('visits', 'arrival_on') }}
        group by visits.{{ key }}
    ),

    known as (
        select
            known.{{ key }} as member_id,
            known.source,
            known.first_seen_on,
            known.last_seen_on,
            {{ in_rebuilt('known', 'first_seen_on') }} as is_first_rebuilt,
            {{ in_rebuilt('known', 'last_seen_on') }} as is_last_rebuilt
        from {{ this }} as known
    ),

    doubtful as (
        select known.member_id
        from known
        left join rebuilt on known.member_id = rebuilt.member_id
        where
            (known.is_first_rebuilt and coalesce(rebuilt.first_seen_on > known.first_seen_on, true))
            or (known.is_last_rebuilt and coalesce(rebuilt.last_seen_on < known.last_seen_on, true))
    ),

    searched as (
        select
            doubtful.member_id,
            min(visits.arrival_on) as first_seen_on,
            max(visits.arrival_on) as last_seen_on
        from doubtful
        left join {{ visits }} as visits on doubtful.member_id = visits.{{ key }}
        group by doubtful.member_id
    ),

    current_members as (
        select
            coalesce(rebuilt.member_id, known.member_id) as member_id,
            coalesce(rebuilt.source, known.source) as source,
            case
                when searched.member_id is not null then searched.first_seen_on
                else least(rebuilt.first_seen_on, known.first_seen_on)
            end as first_seen_on,
            case
                when searched.member_id is not null then searched.last_seen_on
                else greatest(rebuilt.last_seen_on, known.last_seen_on)
            end as last_seen_on,
            known.first_seen_on as known_first_seen_on,
            known.last_seen_on as known_last_seen_on
        from rebuilt
        full outer join known on rebuilt.member_id = known.member_id
        left join searched on coalesce(rebuilt.member_id, known.member_id) = searched.member_id
    )

    select
        member_id,
        source,
        first_seen_on,
        last_seen_on
    from current_members
    {% if only_changed %}
    where
        first_seen_on is distinct from known_first_seen_on
        or last_seen_on is distinct from known_last_seen_on
    {% endif %}
    {% endif %}
{% endmacro %}

{# Replace the members that changed; those without a day are gone. #}
{% macro get_incremental_replace_members_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}

    delete from {{ arg_dict['target_relation'] }}
    where {{ arg_dict['unique_key'] }} in (select {{ arg_dict['unique_key'] }} from {{ arg_dict['temp_relation'] }});

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }}
    where first_seen_on is not null;
{%- endmacro %}
