{#
    Business time. A time stands in its minute, counted from 1970 in UTC: from 10:00:59 to 10:01:01 is one minute, and the
    parts of a stretch add up to the whole. int_business_minutes has one row per unit and UTC day with the business minutes
    before the day and its open stretches, four at most: three shifts, one of them cut by midnight UTC. The business time
    between two instants is the difference of two such counts. So an interval of years costs what one of seconds costs, and
    daylight saving, holidays and calendars that change in between are in the counts already.
#}

{# Whole minutes from 1970 to an instant. #}
{% macro epoch_minutes(instant) -%}
    {{ return(adapter.dispatch('epoch_minutes')(instant)) }}
{%- endmacro %}

{% macro default__epoch_minutes(instant) -%}
    epoch_us({{ instant }}) // 60000000
{%- endmacro %}

{% macro spark__epoch_minutes(instant) -%}
    cast(floor(unix_timestamp({{ instant }}) / 60) as bigint)
{%- endmacro %}

{# The instant so many minutes after 1970. #}
{% macro instant_of_epoch_minutes(minutes) -%}
    {{ return(adapter.dispatch('instant_of_epoch_minutes')(minutes)) }}
{%- endmacro %}

{% macro default__instant_of_epoch_minutes(minutes) -%}
    to_timestamp(({{ minutes }}) * 60)
{%- endmacro %}

{% macro spark__instant_of_epoch_minutes(minutes) -%}
    timestamp_seconds(({{ minutes }}) * 60)
{%- endmacro %}

{# The UTC day of an instant, counted from 1970. #}
{% macro epoch_day(instant) -%}
    {{ return(adapter.dispatch('epoch_day')(instant)) }}
{%- endmacro %}

{% macro default__epoch_day(instant) -%}
    epoch_us({{ instant }}) // 86400000000
{%- endmacro %}

{% macro spark__epoch_day(instant) -%}
    cast(floor(unix_timestamp({{ instant }}) / 86400) as bigint)
{%- endmacro %}

{# Whole minutes of calendar time between two instants. #}
{% macro calendar_minutes(earlier, later) -%}
    {{ epoch_minutes(later) }} - {{ epoch_minutes(earlier) }}
{%- endmacro %}

{# Business minutes of the unit up to an instant; `days` is the row of int_business_minutes of its UTC day. #}
{% macro business_minutes_until(days, instant) -%}
    {{ days }}.minutes_before
    {%- for number in range(1, 5) %}
    + coalesce(
        greatest(
            0,
            least({{ epoch_minutes(instant) }}, {{ days }}.closes_{{ number }}_minutes) - {{ days }}.opens_{{ number }}_minutes
        ),
        0
    )
    {%- endfor %}
{%- endmacro %}

{# The condition that joins int_business_minutes to a row with `source`, a unit and an instant. #}
{% macro on_business_day(days, source, unit, instant) -%}
    {{ days }}.source = {{ source }} and {{ days }}.unit = {{ unit }} and {{ days }}.epoch_day = {{ epoch_day(instant) }}
{%- endmacro %}

{# One row per whole number from 0 to `last` in a column `number`. #}
{% macro numbers_from_zero_to(last) -%}
    {{ return(adapter.dispatch('numbers_from_zero_to')(last)) }}
{%- endmacro %}

{% macro default__numbers_from_zero_to(last) -%}
    select unnest(range(cast(coalesce({{ last }}, -1) as bigint) + 1)) as number
{%- endmacro %}

{% macro spark__numbers_from_zero_to(last) -%}
    select explode(sequence(0, {{ last }})) as number
{%- endmacro %}

{# Whether an instant falls in business time; `days` is the row of int_business_minutes of its UTC day. #}
{% macro is_business_time(days, instant) -%}
    coalesce(
        {%- for number in range(1, 5) %}
        {% if not loop.first %}or {% endif %}coalesce(
            {{ epoch_minutes(instant) }} >= {{ days }}.opens_{{ number }}_minutes
            and {{ epoch_minutes(instant) }} < {{ days }}.closes_{{ number }}_minutes,
            false
        )
        {%- endfor %},
        false
    )
{%- endmacro %}

{#
    A deadline of n working days is the same time of day n working days later, within the hours of that day; the clock of who is
    closed starts with the next opening. `start_days` and `due_days` are rows of int_working_days: that of the start's day, and
    the working day with the number that due_working_day_no gives.
#}
{% macro is_started_in_hours(start_days, started_at) -%}
    {{ start_days }}.is_working_day
    and {{ started_at }} between {{ start_days }}.opens_at and {{ start_days }}.closes_at
{%- endmacro %}

{% macro due_working_day_no(start_days, started_at, working_days) -%}
    {{ start_days }}.working_day_no + {{ working_days }}
    + case when {{ start_days }}.is_working_day and {{ started_at }} <= {{ start_days }}.closes_at then 0 else 1 end
{%- endmacro %}

{% macro due_on_working_day(due_days, started_local, is_in_hours) -%}
    case
        when not {{ is_in_hours }} then {{ due_days }}.opens_at
        else greatest(
            {{ due_days }}.opens_at,
            least(
                {{ due_days }}.closes_at,
                {{ instant_of(
                    'cast(' ~ due_days ~ '.day_local as timestamp)'
                    ~ ' + (' ~ started_local ~ ' - cast(cast(' ~ started_local ~ ' as date) as timestamp))',
                    due_days ~ '.time_zone') }}
            )
        )
    end
{%- endmacro %}
