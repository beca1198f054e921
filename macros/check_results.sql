{# The table that the checks write. A first build reads it before any check has run. #}
{% macro create_check_results() -%}
    create schema if not exists raw;
    create table if not exists raw.check_results (
        check_id varchar, layer varchar, suite varchar, expectation varchar, entity varchar, source varchar, day date,
        observed varchar, expected varchar, success boolean, status varchar, content varchar,
        accepted_by varchar, accepted_at timestamptz, reason varchar, checked_at timestamptz
    );
{%- endmacro %}
