{{ config(materialized='table') }}
-- A table: every duration of tickets is looked up in it.
with shifts as (
    select * from {{ ref('int_unit_shifts') }}
),

measured as (
    select
        source,
        unit,
        {{ epoch_minutes('opens_at') }} as opens_minutes,
        {{ epoch_minutes('closes_at') }} as closes_minutes
    from shifts
),

bounds as (
    select
        source,
        unit,
        min(opens_minutes) as first_minutes,
        max(closes_minutes) as last_minutes
    from measured
    group by source, unit
),

reach as (
    select max(floor((last_minutes - first_minutes) / 1440)) + 2 as most_days
    from bounds
),

numbers as (
    {{ numbers_from_zero_to('(select most_days from reach)') }}
),

utc_days as (
    select
        bounds.source,
        bounds.unit,
        cast(floor(bounds.first_minutes / 1440) + numbers.number as bigint) as epoch_day
    from bounds
    inner join numbers on floor(bounds.first_minutes / 1440) + numbers.number <= floor(bounds.last_minutes / 1440)
),

-- A stretch belongs to the UTC days that it touches, cut at their ends.
pieces as (
    select
        utc_days.source,
        utc_days.unit,
        utc_days.epoch_day,
        greatest(measured.opens_minutes, utc_days.epoch_day * 1440) as opens_minutes,
        least(measured.closes_minutes, utc_days.epoch_day * 1440 + 1440) as closes_minutes
    from measured
    inner join numbers on numbers.number <= 2
    inner join utc_days
        on
            measured.source = utc_days.source
            and measured.unit = utc_days.unit
            and floor(measured.opens_minutes / 1440) + numbers.number = utc_days.epoch_day
    where
        measured.opens_minutes < utc_days.epoch_day * 1440 + 1440
        and measured.closes_minutes > utc_days.epoch_day * 1440
),

numbered as (
    select
        *,
        row_number() over (partition by source, unit, epoch_day order by opens_minutes) as piece_no
    from pieces
),

piece_days as (
    select
        source,
        unit,
        epoch_day,
        sum(closes_minutes - opens_minutes) as minutes,
        {% for number in range(1, 5) %}
        max(case when piece_no = {{ number }} then opens_minutes end) as opens_{{ number }}_minutes,
        max(case when piece_no = {{ number }} then closes_minutes end) as closes_{{ number }}_minutes,
        {% endfor %}
        count(*) as pieces
    from numbered
    group by source, unit, epoch_day
),

final as (
    select
        utc_days.source,
        utc_days.unit,
        utc_days.epoch_day,
        cast(
            coalesce(
                sum(piece_days.minutes) over (
                    partition by utc_days.source, utc_days.unit
                    order by utc_days.epoch_day
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ) as bigint
        ) as minutes_before,
        {% for number in range(1, 5) %}
        piece_days.opens_{{ number }}_minutes,
        piece_days.closes_{{ number }}_minutes,
        {% endfor %}
        coalesce(piece_days.pieces, 0) as pieces
    from utc_days
    left join piece_days
        on
            utc_days.source = piece_days.source
            and utc_days.unit = piece_days.unit
            and utc_days.epoch_day = piece_days.epoch_day
)

select * from final
