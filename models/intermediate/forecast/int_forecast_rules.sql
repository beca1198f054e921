with sources as (
    select * from {{ ref('int_visits_loaded_through') }}
),

rules as (
    select * from {{ ref('forecast_rules') }}
),

own_rules as (
    select * from rules
    where source <> '*'
),

-- A source without rules of its own keeps to those of all.
rules_of_source as (
    select
        sources.source,
        sources.loaded_through_on,
        coalesce(own_rules.horizon_days, rules.horizon_days) as horizon_days,
        coalesce(own_rules.history_days, rules.history_days) as history_days,
        coalesce(own_rules.heat_above_celsius, rules.heat_above_celsius) as heat_above_celsius,
        own_rules.holiday_country
    from sources
    cross join rules
    left join own_rules on sources.source = own_rules.source
    where rules.source = '*'
)

select * from rules_of_source
