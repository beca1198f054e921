with tickets as (
    select
        source,
        kind,
        coalesce(department, 'unknown') as department,
        cast(date_trunc('week', opened_on) as date) as week_start_on,
        state,
        satisfaction,
        call_backs
    from {{ ref('fct_ticket') }}
    where not is_duplicate
),

final as (
    select
        source,
        week_start_on,
        kind,
        department,
        cast(count(*) as bigint) as tickets,
        cast(count_if(state <> 'open') as bigint) as tickets_closed,
        cast(count_if(call_backs > 0) as bigint) as tickets_called_back,
        cast(count(satisfaction) as bigint) as ratings,
        cast(count(case when satisfaction = 'satisfied' then 1 end) as bigint) as satisfied,
        cast(count(case when satisfaction = 'neutral' then 1 end) as bigint) as neutral,
        cast(count(case when satisfaction = 'dissatisfied' then 1 end) as bigint) as dissatisfied
    from tickets
    group by source, week_start_on, kind, department
)

select * from final
