with weather as (
    select * from {{ ref('stg_hotline__weather') }}
),

rules as (
    select * from {{ ref('int_forecast_rules') }}
),

by_day as (
    select
        weather.source,
        weather.day_local,
        count(*) as places,
        max(weather.max_celsius) as max_celsius_of_hottest,
        avg(weather.max_celsius) as max_celsius_mean,
        avg(greatest(weather.max_celsius - rules.heat_above_celsius, 0)) as heat_degrees,
        avg(weather.rain_mm) as rain_mm_mean
    from weather
    inner join rules on weather.source = rules.source
    where weather.max_celsius is not null
    group by weather.source, weather.day_local
)

select * from by_day
