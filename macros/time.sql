{# What engines say differently about time. The default is DuckDB's; spark__ holds what Spark says. #}

{# An instant as the wall clock of a time zone shows it. #}
{% macro local_time(instant, time_zone) -%}
    {{ return(adapter.dispatch('local_time')(instant, time_zone)) }}
{%- endmacro %}

{% macro default__local_time(instant, time_zone) -%}
    timezone({{ time_zone }}, {{ instant }})
{%- endmacro %}

{% macro spark__local_time(instant, time_zone) -%}
    from_utc_timestamp({{ instant }}, {{ time_zone }})
{%- endmacro %}

{# The instant at which the wall clock of a time zone shows a time; of the two that exist when clocks go back, the later. #}
{% macro instant_of(local, time_zone) -%}
    {{ return(adapter.dispatch('instant_of')(local, time_zone)) }}
{%- endmacro %}

{% macro default__instant_of(local, time_zone) -%}
    timezone({{ time_zone }}, {{ local }})
{%- endmacro %}

{% macro spark__instant_of(local, time_zone) -%}
    to_utc_timestamp({{ local }}, {{ time_zone }})
{%- endmacro %}

{# A date and a time of day together. #}
{% macro date_with_time(date, time) -%}
    {{ return(adapter.dispatch('date_with_time')(date, time)) }}
{%- endmacro %}

{% macro default__date_with_time(date, time) -%}
    {{ date }} + {{ time }}
{%- endmacro %}

{% macro spark__date_with_time(date, time) -%}
    to_timestamp(concat({{ date }}, ' ', {{ time }}))
{%- endmacro %}

{# Whole seconds from one instant to another, below zero where the second comes first. #}
{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    cast(date_diff('second', {{ earlier }}, {{ later }}) as integer)
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    cast(unix_timestamp({{ later }}) - unix_timestamp({{ earlier }}) as int)
{%- endmacro %}

{# Days from one date to another. #}
{% macro days_from(earlier, later) -%}
    {{ return(adapter.dispatch('days_from')(earlier, later)) }}
{%- endmacro %}

{% macro default__days_from(earlier, later) -%}
    date_diff('day', {{ earlier }}, {{ later }})
{%- endmacro %}

{% macro spark__days_from(earlier, later) -%}
    datediff({{ later }}, {{ earlier }})
{%- endmacro %}

{# A time of day as '09:30'. #}
{% macro clock_label(time) -%}
    {{ return(adapter.dispatch('clock_label')(time)) }}
{%- endmacro %}

{% macro default__clock_label(time) -%}
    strftime({{ time }}, '%H:%M')
{%- endmacro %}

{% macro spark__clock_label(time) -%}
    date_format({{ time }}, 'HH:mm')
{%- endmacro %}

{# Day of the week, 1 = Monday to 7 = Sunday. #}
{% macro iso_weekday(day) -%}
    {{ return(adapter.dispatch('iso_weekday')(day)) }}
{%- endmacro %}

{% macro default__iso_weekday(day) -%}
    cast(isodow({{ day }}) as integer)
{%- endmacro %}

{% macro spark__iso_weekday(day) -%}
    weekday({{ day }}) + 1
{%- endmacro %}

{# One row per day in a column `date_day`, both ends included. #}
{% macro days_between(first_day, last_day) -%}
    {{ return(adapter.dispatch('days_between')(first_day, last_day)) }}
{%- endmacro %}

{% macro default__days_between(first_day, last_day) -%}
    select cast(days.day_start as date) as date_day
    from generate_series({{ first_day }}, {{ last_day }}, interval '1 day') as days (day_start)
{%- endmacro %}

{% macro spark__days_between(first_day, last_day) -%}
    select explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day)) as date_day
{%- endmacro %}

{# Whole months from one date to another; 31 January to 28 February is one, both being the last day. #}
{% macro whole_months(earlier, later) -%}
    {{ return(adapter.dispatch('whole_months')(earlier, later)) }}
{%- endmacro %}

{% macro default__whole_months(earlier, later) -%}
    cast(date_sub('month', {{ earlier }}, {{ later }}) as integer)
{%- endmacro %}

{% macro spark__whole_months(earlier, later) -%}
    cast(floor(months_between({{ later }}, {{ earlier }})) as int)
{%- endmacro %}

{# Seconds from one instant to another to the millisecond, as a decimal; parts of a stretch add up to the whole. #}
{% macro exact_seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('exact_seconds_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__exact_seconds_between(earlier, later) -%}
    cast(date_diff('millisecond', {{ earlier }}, {{ later }}) as decimal(15, 3)) * 0.001
{%- endmacro %}

{% macro spark__exact_seconds_between(earlier, later) -%}
    cast(unix_millis({{ later }}) - unix_millis({{ earlier }}) as decimal(15, 3)) * 0.001
{%- endmacro %}

{# Minutes of the wall clock since midnight. #}
{% macro minute_of_day(local) -%}
    extract(hour from {{ local }}) * 60 + extract(minute from {{ local }})
{%- endmacro %}
