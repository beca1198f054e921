{% set first_opening = first_opening_of_waiting(ref('fct_ticket')) %}
with stretches as (
    select * from {{ ref('fct_ticket_status') }} as stretches
    where {{ since_first_change('stretches', 'entered_on') }}
),

-- Those that last over the end of a day that is made again, and others, are of tickets opened from then on.
lasting as (
    select * from {{ ref('fct_ticket_status') }}
    where not is_closed and {{ not_before('entered_on', first_opening) }}
),

loaded as (
    select * from {{ ref('int_tickets_loaded') }}
),

loaded_days as (
    {{ days_between('(select min(first_on) from loaded)', '(select max(loaded_through_on) from loaded)') }}
),

days as (
    select
        loaded.source,
        loaded_days.date_day as day_local
    from loaded
    inner join loaded_days
        on loaded.first_on <= loaded_days.date_day and loaded.loaded_through_on >= loaded_days.date_day
),

-- Nothing that changed bears on the evening of a day before it.
remade_days as (
    select * from days
    where {{ since_first_change('days', 'day_local') }}
),

-- A ticket is in the backlog of a day by the stretch that lasts over its end.
waiting as (
    select
        remade_days.source,
        remade_days.day_local,
        lasting.kind,
        lasting.department,
        {{ days_from('lasting.opened_on', 'remade_days.day_local') }} as age_days
    from remade_days
    inner join lasting
        on
            remade_days.source = lasting.source
            and remade_days.day_local >= lasting.entered_on
            and (lasting.left_on is null or remade_days.day_local < lasting.left_on)
),

moves as (
    select
        source,
        entered_on as day_local,
        kind,
        case when is_closed then coalesce(previous_department, department) else department end as department,
        case when is_opening and not is_closed then 1 else 0 end as opened,
        case when is_closed and not is_opening then 1 else 0 end as closed,
        case when is_reopening then 1 else 0 end as reopened,
        case when previous_department is not null and not is_closed then 1 else 0 end as moved_in,
        0 as moved_out
    from stretches
    union all
    select
        source,
        entered_on as day_local,
        kind,
        previous_department as department,
        0 as opened,
        0 as closed,
        0 as reopened,
        0 as moved_in,
        1 as moved_out
    from stretches
    where previous_department is not null and not is_closed
),

counted as (
    select
        moves.source,
        moves.day_local,
        moves.kind,
        moves.department,
        moves.opened,
        moves.closed,
        moves.reopened,
        moves.moved_in,
        moves.moved_out,
        0 as backlog,
        cast(null as integer) as age_days
    from moves
    inner join remade_days on moves.source = remade_days.source and moves.day_local = remade_days.day_local
    union all
    select
        source,
        day_local,
        kind,
        department,
        0 as opened,
        0 as closed,
        0 as reopened,
        0 as moved_in,
        0 as moved_out,
        1 as backlog,
        age_days
    from waiting
),

final as (
    select
        source,
        day_local,
        kind,
        department,
        cast(sum(opened) as bigint) as opened,
        cast(sum(reopened) as bigint) as reopened,
        cast(sum(closed) as bigint) as closed,
        cast(sum(moved_in) as bigint) as moved_in,
        cast(sum(moved_out) as bigint) as moved_out,
        cast(sum(backlog) as bigint) as backlog,
        count(case when age_days <= 1 then 1 end) as backlog_up_to_1_day,
        count(case when age_days between 2 and 3 then 1 end) as backlog_2_to_3_days,
        count(case when age_days between 4 and 7 then 1 end) as backlog_4_to_7_days,
        count(case when age_days between 8 and 30 then 1 end) as backlog_8_to_30_days,
        count(case when age_days > 30 then 1 end) as backlog_over_30_days,
        cast(coalesce(sum(age_days), 0) as bigint) as backlog_days,
        cast(coalesce(max(age_days), 0) as integer) as oldest_days
    from counted
    group by source, day_local, kind, department
)

select * from final
