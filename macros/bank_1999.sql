{# A clock time of the bank's log on the call's day, or on the next where an evening call has it in the small hours. #}
{% macro bank_1999_local(time) -%}
    {{ date_with_time('date', time) }} + case
        when {{ time }} < time '06:00:00' and vru_entry >= time '18:00:00' then interval '1 day'
        else interval '0 days'
    end
{%- endmacro %}
