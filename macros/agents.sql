{# The states of an agent's timeline, as the landing contract names them; a test compares them with the seed agent_states. #}
{% macro agent_states() -%}
    {{ return([
        'signed_in', 'ready', 'ringing', 'talking', 'holding', 'wrapping_up', 'outbound', 'training', 'coaching', 'away', 'meal'
    ]) }}
{%- endmacro %}

{# How many parts of a rule are named and not '*', the first weighing more than the second. #}
{% macro named_parts(first, second) -%}
    case when {{ first }} <> '*' then 2 else 0 end + case when {{ second }} <> '*' then 1 else 0 end
{%- endmacro %}

{# A number as text with so many digits after the point; a dash where there is none. #}
{% macro rounded_text(number, digits=0) -%}
    {{ return(adapter.dispatch('rounded_text')(number, digits)) }}
{%- endmacro %}

{% macro default__rounded_text(number, digits) -%}
    coalesce(format('{:.{{ digits }}f}', cast({{ number }} as double)), '–')
{%- endmacro %}

{% macro spark__rounded_text(number, digits) -%}
    coalesce(format_string('%.{{ digits }}f', cast({{ number }} as double)), '–')
{%- endmacro %}

{# Every day on which something names an agent, in the columns that seen_members reads. #}
{% macro agents_seen() %}
    select
        source,
        agent_id,
        arrival_on
    from {{ ref('fct_queue_visit') }}
    union all
    select
        source,
        agent_id,
        day_local as arrival_on
    from {{ ref('agent_by_day') }}
{% endmacro %}
