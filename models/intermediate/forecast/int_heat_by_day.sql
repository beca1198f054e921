with weather as (
    select * from {{ ref('stg_hotline__weather') }}
),

rules as (
    select * from {{ ref('int_forecast_rules') }}
),

heat as (
    select
        weather.source,
        weather.day_local,
        avg(greatest(weather.max_celsius - rules.heat_above_celsius, 0)) as heat_degrees
    from weather
    inner join rules on weather.source = rules.source
    where weather.max_celsius is not null
    group by weather.source, weather.day_local
)

select * from heat
