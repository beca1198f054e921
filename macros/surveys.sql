{# A day so many days after another. #}
{% macro days_later(day, days) -%}
    {{ return(adapter.dispatch('days_later')(day, days)) }}
{%- endmacro %}

{% macro default__days_later(day, days) -%}
    {{ day }} + cast({{ days }} as integer)
{%- endmacro %}

{% macro spark__days_later(day, days) -%}
    date_add({{ day }}, cast({{ days }} as int))
{%- endmacro %}

{# One figure of a survey's wave, of the rows of a group in int_survey_figures. #}
{% macro survey_figure(statistic, column='value') -%}
    max(case when figures.statistic = '{{ statistic }}' then figures.{{ column }} end)
{%- endmacro %}
