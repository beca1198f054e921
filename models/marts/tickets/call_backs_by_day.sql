with call_backs as (
    select * from {{ ref('fct_call_back') }} as call_backs
    where {{ on_changed_days('call_backs', 'day_local', ref('fct_call_back')) }}
),

final as (
    select
        source,
        day_local,
        kind,
        customer_kind,
        count(*) as attempts,
        count(case when kind = 'fault_repair' then 1 end) as attempts_on_repairs,
        count(case when is_reached then 1 end) as reached,
        count(case when is_in_forbidden_hours then 1 end) as attempts_in_forbidden_hours,
        count(case when is_against_customer_hours then 1 end) as attempts_against_customer_hours,
        count(case when is_after_late_repair then 1 end) as attempts_after_late_repairs,
        count(case when is_same_night then 1 end) as attempts_in_the_same_night,
        count(case when satisfaction is not null then 1 end) as answered_on_satisfaction,
        count(case when satisfaction = 'satisfied' then 1 end) as satisfied,
        count(case when satisfaction = 'dissatisfied' then 1 end) as dissatisfied,
        max(built_at) as built_at
    from call_backs
    group by source, day_local, kind, customer_kind
)

select * from final
