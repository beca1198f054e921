with visits as (
    select * from {{ ref('fct_queue_visit') }} as visits
    where visit_no = 1 and direction = 'inbound' and not is_test and {{ only_rebuilt_days('visits', 'arrival_on') }}
),

kinds as (
    select * from {{ ref('call_kinds') }}
),

by_kind as (
    select
        source,
        queue_id,
        coalesce(call_kind, 'unknown') as call_kind,
        arrival_on as day_local,
        any_value(queue) as queue,
        bool_or(is_simulated) as is_simulated,
        count(*) as calls,
        count_if(outcome = 'answered') as calls_answered,
        count_if(is_silent) as silent_calls,
        count_if(is_nuisance) as nuisance_calls
    from visits
    where is_entered or is_silent or is_nuisance
    group by source, queue_id, coalesce(call_kind, 'unknown'), arrival_on
),

final as (
    select
        by_kind.source,
        by_kind.queue_id,
        by_kind.queue,
        by_kind.call_kind,
        coalesce(kinds.label_en, by_kind.call_kind) as call_kind_en,
        coalesce(kinds.label_zh, by_kind.call_kind) as call_kind_zh,
        by_kind.day_local,
        by_kind.is_simulated,
        cast(by_kind.calls as bigint) as calls,
        cast(by_kind.calls_answered as bigint) as calls_answered,
        cast(by_kind.silent_calls as bigint) as silent_calls,
        cast(by_kind.nuisance_calls as bigint) as nuisance_calls
    from by_kind
    left join kinds on by_kind.call_kind = kinds.call_kind
)

select * from final
