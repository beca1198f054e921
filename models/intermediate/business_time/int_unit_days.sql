with units as (
    select * from {{ ref('unit_calendars') }}
),

calendars as (
    select * from {{ ref('business_calendars') }}
),

loaded as (
    select * from {{ ref('int_tickets_loaded') }}
),

public_holidays as (
    select * from {{ ref('int_public_holidays') }}
),

overrides as (
    select * from {{ ref('business_day_overrides') }}
),

span as (
    select
        cast(min(first_on) - interval '31 days' as date) as first_on,
        max(deadlines_until_on) as last_on
    from loaded
),

all_days as (
    {{ days_between('(select first_on from span)', '(select last_on from span)') }}
),

-- The calendar of a unit may change on a date: each day has the one in force on it.
unit_days as (
    select
        units.source,
        units.unit,
        units.calendar,
        calendars.time_zone,
        calendars.holiday_country,
        calendars.worked_weekend_as,
        all_days.date_day as day_local,
        {{ iso_weekday('all_days.date_day') }} as weekday
    from units
    inner join loaded on units.source = loaded.source
    inner join calendars on units.calendar = calendars.calendar
    inner join all_days
        on
            all_days.date_day between units.valid_from and units.valid_to
            and loaded.first_on - interval '31 days' <= all_days.date_day
            and loaded.deadlines_until_on >= all_days.date_day
),

-- What the place itself decides goes before what the country says.
final as (
    select
        unit_days.source,
        unit_days.unit,
        unit_days.calendar,
        unit_days.time_zone,
        unit_days.day_local,
        case
            when coalesce(overrides.is_worked, public_holidays.is_worked, true) then
                case
                    when coalesce(overrides.is_worked, public_holidays.is_worked, false) and unit_days.weekday >= 6
                        then coalesce(unit_days.worked_weekend_as, unit_days.weekday)
                    else unit_days.weekday
                end
        end as hours_of_weekday,
        overrides.opens_minute,
        overrides.closes_minute
    from unit_days
    left join public_holidays
        on
            unit_days.holiday_country = public_holidays.country
            and unit_days.day_local = cast(public_holidays.day as date)
    left join overrides
        on unit_days.calendar = overrides.calendar and unit_days.day_local = overrides.day
)

select * from final
