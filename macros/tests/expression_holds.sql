{# Fails for every row in which a condition over its columns is false or unknown. #}
{% test expression_holds(model, expression) %}
    select *
    from {{ model }}
    where not coalesce({{ expression }}, false)
{% endtest %}
