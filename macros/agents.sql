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
