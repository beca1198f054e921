with days as (
    select * from {{ ref('service_level_by_day') }} as days
    where {{ only_rebuilt_days('days', 'day_local') }}
),

-- One column per KPI first: the days are read once and not once per KPI.
added as (
    select
        source,
        queue_id,
        day_local,
        {% for kpi in kpis_of_mart('service_level_by_day') %}
        sum({{ kpi.numerator }}) as {{ kpi.name }}_numerator,
        sum({{ kpi.get('denominator', 'null') }}) as {{ kpi.name }}_denominator,
        {{ kpi_sql(kpi) }} as {{ kpi.name }},
        {% endfor %}
        any_value(queue) as queue,
        bool_or(is_simulated) as is_simulated
    from days
    group by source, queue_id, day_local
),

listed as (
    {%- for kpi in kpis_of_mart('service_level_by_day') %}
    select
        source,
        queue_id,
        queue,
        day_local,
        is_simulated,
        '{{ kpi.name }}' as kpi,
        '{{ kpi.unit }}' as unit,
        cast({{ kpi.name }}_numerator as double) as numerator,
        cast({{ kpi.name }}_denominator as double) as denominator,
        cast({{ kpi.name }} as double) as value
    from added
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        source,
        queue_id,
        queue,
        day_local,
        is_simulated,
        kpi,
        numerator,
        denominator,
        value,
        case unit
            when 'share' then cast(round(value * 100, 1) as varchar) || ' %'
            when 'seconds' then cast(round(value, 1) as varchar) || ' s'
            when 'count' then cast(cast(value as bigint) as varchar)
            else cast(round(value, 2) as varchar)
        end as value_shown
    from listed
)

select * from final
