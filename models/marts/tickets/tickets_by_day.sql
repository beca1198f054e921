with tickets as (
    select * from {{ ref('fct_ticket') }} as tickets
    where {{ on_changed_days('tickets', 'opened_on', ref('fct_ticket'), moved_from='event_before_opening_on') }}
),

rules as (
    select * from {{ ref('call_back_rules') }}
),

targets as (
    select
        *,
        -- What a source sets for itself goes before what holds for all.
        case when source = '*' then 0 else 1 end as own_order
    from {{ ref('operating_targets') }}
    where measure in ('order_correctness', 'key_field_correctness')
),

fitting as (
    select
        tickets.source,
        tickets.ticket_id,
        rules.rule,
        rules.value,
        {{ named_parts('rules.source', 'rules.kind') }} as named_parts
    from tickets
    inner join rules
        on
            rules.rule in ('least_share', 'failed_attempts')
            and rules.source in (tickets.source, '*')
            and rules.kind in (tickets.kind, '*')
            and tickets.opened_on between rules.valid_from and rules.valid_to
),

limits as (
    select
        source,
        ticket_id,
        max_by(value, case when rule = 'least_share' then named_parts end) as least_share,
        max_by(value, case when rule = 'failed_attempts' then named_parts end) as most_failed_attempts
    from fitting
    group by source, ticket_id
),

correctness as (
    select
        days.source,
        days.opened_on,
        max_by(targets.target, case when targets.measure = 'order_correctness' then targets.own_order end)
            as order_target,
        max_by(targets.target, case when targets.measure = 'key_field_correctness' then targets.own_order end)
            as key_order_target
    from (
        select distinct
            source,
            opened_on
        from tickets
    ) as days
    inner join targets
        on
            targets.source in (days.source, '*')
            and days.opened_on between targets.valid_from and targets.valid_to
    group by days.source, days.opened_on
),

described as (
    select
        tickets.*,
        limits.least_share,
        limits.most_failed_attempts,
        correctness.order_target,
        correctness.key_order_target,
        tickets.state = 'closed' and not tickets.is_anonymous and limits.least_share is not null as is_to_call_back,
        tickets.kind in ('inquiry', 'consultation') as is_question
    from tickets
    left join limits on tickets.source = limits.source and tickets.ticket_id = limits.ticket_id
    left join correctness on tickets.source = correctness.source and tickets.opened_on = correctness.opened_on
),

final as (
    select
        source,
        opened_on as day_local,
        kind,
        business_type_id,
        coalesce(department, 'centre') as department,
        count(*) as tickets,
        count(case when state = 'open' then 1 end) as still_open,
        count(closed_at) as resolved,
        count(result_at) as with_result,
        count(case when state = 'merged' then 1 end) as merged,
        count(case when is_duplicate then 1 end) as duplicates,
        count(case when is_duplicate and duplicate_cause = 'agent' then 1 end) as duplicates_by_agents,
        count(case when is_duplicate and duplicate_cause = 'system' then 1 end) as duplicates_by_the_system,
        count(case when is_duplicate and duplicate_cause = 'customer' then 1 end) as duplicates_by_customers,
        count(case when reopenings > 0 then 1 end) as reopened,
        count(case when expeditings > 0 then 1 end) as expedited,
        count(case when escalations > 0 then 1 end) as escalated,
        count(case when hand_backs > 0 then 1 end) as handed_back,
        count(case when departments > 1 then 1 end) as of_several_departments,
        count(case when not is_question then is_fields_correct end) as orders_checked,
        count(case when not is_question and is_fields_correct then 1 end) as orders_correct,
        count(case when is_question then is_key_fields_correct end) as key_orders_checked,
        count(case when is_question and is_key_fields_correct then 1 end) as key_orders_correct,
        cast(
            coalesce(sum(case when not is_question and is_fields_correct is not null then order_target end), 0)
            as decimal(18, 4)
        ) as orders_correct_target,
        cast(
            coalesce(sum(case when is_question and is_key_fields_correct is not null then key_order_target end), 0)
            as decimal(18, 4)
        ) as key_orders_correct_target,
        count(case when is_to_call_back then 1 end) as to_call_back,
        cast(
            coalesce(sum(case when is_to_call_back then least_share else 0 end), 0) as decimal(18, 4)
        ) as least_call_backs,
        count(case when is_to_call_back and call_backs + failed_call_backs > 0 then 1 end) as call_back_tried,
        count(case when is_to_call_back and call_backs > 0 then 1 end) as call_back_reached,
        count(
            case when is_to_call_back and call_backs = 0 and failed_call_backs >= most_failed_attempts then 1 end
        ) as call_back_given_up,
        cast(coalesce(sum(result_calendar_minutes), 0) as bigint) as result_calendar_minutes,
        count(result_business_minutes) as results_with_calendar,
        cast(coalesce(sum(result_business_minutes), 0) as bigint) as result_business_minutes,
        cast(coalesce(sum(resolution_calendar_minutes), 0) as bigint) as resolution_calendar_minutes,
        count(resolution_business_minutes) as resolutions_with_calendar,
        cast(coalesce(sum(resolution_business_minutes), 0) as bigint) as resolution_business_minutes,
        count(case when opened_at is null then 1 end) as without_record,
        count(case when has_record and not is_kind_known then 1 end) as of_unknown_kind,
        count(case when not is_department_known then 1 end) as of_unknown_department,
        count(case when events_before_opening > 0 then 1 end) as with_events_before_opening,
        max(built_at) as built_at
    from described
    group by source, opened_on, kind, business_type_id, coalesce(department, 'centre')
)

select * from final
