with unit_days as (
    select * from {{ ref('int_unit_days') }}
),

hours as (
    select * from {{ ref('business_hours') }}
),

shifts as (
    select
        unit_days.source,
        unit_days.unit,
        unit_days.time_zone,
        unit_days.day_local,
        coalesce(unit_days.opens_minute, hours.opens_minute) as opens_minute,
        coalesce(unit_days.closes_minute, hours.closes_minute) as closes_minute
    from unit_days
    left join hours
        on
            unit_days.calendar = hours.calendar
            and unit_days.hours_of_weekday = hours.weekday
            and unit_days.day_local between hours.valid_from and hours.valid_to
            and unit_days.opens_minute is null
    where unit_days.hours_of_weekday is not null
),

-- Hours are those of the wall clock; what lies between them is counted in instants, so that the night in which clocks
-- change has an hour more or less.
final as (
    select
        source,
        unit,
        time_zone,
        day_local,
        {{ instant_of("cast(day_local as timestamp) + opens_minute * interval '1 minute'", 'time_zone') }} as opens_at,
        {{ instant_of("cast(day_local as timestamp) + closes_minute * interval '1 minute'", 'time_zone') }} as closes_at
    from shifts
    where opens_minute is not null
)

select * from final
