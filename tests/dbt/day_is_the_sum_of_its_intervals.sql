-- Every column that adds up, as the mart's own declaration says: all that count visits, but for the longest of them.
with days as (
    select
        source,
        queue_id,
        tier,
        day_local,
        {% for column in additive_columns('service_level_by_day') %}
        {{ column }},
        {% endfor %}
        1 as day_exists
    from {{ ref('service_level_by_day') }} as days
    where {{ in_rebuilt('days', 'day_local') }}
),

intervals as (
    select
        source,
        queue_id,
        tier,
        day_local,
        {% for column in additive_columns('service_level_by_day') %}
        sum({{ column }}) as {{ column }},
        {% endfor %}
        1 as day_exists
    from {{ ref('service_level_by_interval') }} as intervals
    where {{ in_rebuilt('intervals', 'day_local') }}
    group by source, queue_id, tier, day_local
),

only_in_days as (
    select * from days
    except
    select * from intervals
),

only_in_intervals as (
    select * from intervals
    except
    select * from days
)

select * from only_in_days
union all
select * from only_in_intervals
