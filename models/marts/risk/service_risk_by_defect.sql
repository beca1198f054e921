{% set sides = ('assessed', 'measured') %}
with risks as (
    select * from {{ ref('service_risk') }}
),

added as (
    select
        {% for side in sides -%}
        count({{ side }}_risk) as business_types_{{ side }},
        sum({{ side }}_risk) as {{ side }}_risk,
        max({{ side }}_risk) as highest_{{ side }}_risk,
        count_if({{ side }}_zone = 'high') as {{ side }}_high,
        count_if({{ side }}_zone = 'medium') as {{ side }}_medium,
        {% endfor -%}
        source,
        defect,
        as_of_on,
        bool_or(is_latest) as is_latest,
        bool_or(is_simulated) as is_simulated,
        count(*) as business_types
    from risks
    group by source, defect, as_of_on
),

ranked as (
    select
        {% for side in sides -%}
        rank() over (partition by source, as_of_on order by {{ side }}_risk desc nulls last) as {{ side }}_place,
        {{ side }}_risk
        - lag({{ side }}_risk) over (partition by source, defect order by as_of_on) as {{ side }}_change,
        {% endfor -%}
        *
    from added
),

final as (
    select
        source,
        defect,
        as_of_on,
        is_latest,
        is_simulated,
        {% for side in sides -%}
        cast(business_types_{{ side }} as integer) as business_types_{{ side }},
        cast({{ side }}_risk as decimal(10, 2)) as {{ side }}_risk,
        cast(highest_{{ side }}_risk as decimal(10, 2)) as highest_{{ side }}_risk,
        cast({{ side }}_high as integer) as {{ side }}_high,
        cast({{ side }}_medium as integer) as {{ side }}_medium,
        cast(case when {{ side }}_risk is not null then {{ side }}_place end as integer) as {{ side }}_rank,
        cast({{ side }}_change as decimal(10, 2)) as {{ side }}_change,
        {% endfor -%}
        cast(business_types as integer) as business_types
    from ranked
)

select * from final
