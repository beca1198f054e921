{# Fails for every combination of columns that stands in more than one row. #}
{% test unique_combination(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{#
    The same for a table of tickets: of all rows of those tickets that a build may have made again, as all others are as they were.
#}
{% test unique_combination_of_tickets(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where (source, ticket_id) in (
        select made.source, made.ticket_id
        from {{ model }} as made
        where {{ on_or_after_first_change('made', last_day_of_ticket('made')) }}
    )
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
