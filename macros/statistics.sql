{# The 95 % interval of a share by Wilson's score, of `hits` in `cases`; empty where there is no case. #}
{% macro wilson_low(hits, cases) -%}
    {{ wilson_bound(hits, cases, '-') }}
{%- endmacro %}

{% macro wilson_high(hits, cases) -%}
    {{ wilson_bound(hits, cases, '+') }}
{%- endmacro %}

{# Wilson (1927): (p + z²/2n ± z √(p (1 − p)/n + z²/4n²)) / (1 + z²/n). Rounding must not leave 0 to 1. #}
{% macro wilson_bound(hits, cases, sign) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set share = 'cast(' ~ hits ~ ' as double) / nullif(' ~ cases ~ ', 0)' -%}
    case
        when {{ cases }} > 0
            then greatest(0.0, least(1.0, (
                {{ share }} + {{ z * z }} / (2.0 * nullif({{ cases }}, 0))
                {{ sign }} {{ z }} * sqrt(
                    {{ share }} * (1.0 - {{ share }}) / nullif({{ cases }}, 0)
                    + {{ z * z }} / (4.0 * nullif({{ cases }}, 0) * nullif({{ cases }}, 0))
                )
            ) / (1.0 + {{ z * z }} / nullif({{ cases }}, 0))))
    end
{%- endmacro %}

{# The 95 % interval of the mean of `cases` values from their sum and their sum of squares; empty for fewer than two. #}
{% macro mean_bound(total, squares, cases, sign) -%}
    case
        when {{ cases }} > 1
            then cast({{ total }} as double) / {{ cases }}
            {{ sign }} 1.959963984540054 * sqrt(greatest(
                0.0,
                ({{ squares }} - cast({{ total }} as double) * {{ total }} / {{ cases }}) / ({{ cases }} - 1.0)
            ) / {{ cases }})
    end
{%- endmacro %}

{# Newcombe's 95 % interval of the difference of two shares, the second less the first, from their Wilson intervals. #}
{% macro newcombe_low(share_1, high_1, share_2, low_2) -%}
    {{ share_2 }} - {{ share_1 }}
    - sqrt(({{ share_2 }} - {{ low_2 }}) * ({{ share_2 }} - {{ low_2 }})
        + ({{ high_1 }} - {{ share_1 }}) * ({{ high_1 }} - {{ share_1 }}))
{%- endmacro %}

{% macro newcombe_high(share_1, low_1, share_2, high_2) -%}
    {{ share_2 }} - {{ share_1 }}
    + sqrt(({{ high_2 }} - {{ share_2 }}) * ({{ high_2 }} - {{ share_2 }})
        + ({{ share_1 }} - {{ low_1 }}) * ({{ share_1 }} - {{ low_1 }}))
{%- endmacro %}
