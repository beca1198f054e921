with visits_by_day as (
    select * from {{ ref('int_landed_visits_by_day') }}
),

rules as (
    select * from {{ ref('int_forecast_rules') }}
),

days as (
    select
        visits_by_day.source,
        visits_by_day.entered_on as day_local
    from visits_by_day
    inner join rules on visits_by_day.source = rules.source
    where {{ days_from('visits_by_day.entered_on', 'rules.loaded_through_on') }} < rules.history_days
)

select * from days
