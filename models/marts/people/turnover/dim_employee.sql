with history as (
    select * from {{ ref('int_employee_history') }} as history
    where {{ of_changed_sources('history', ['employees']) }}
),

periods as (
    select * from {{ ref('int_hr_periods') }}
),

final as (
    select
        history.source || '/' || history.employee as employee_id,
        history.source || '/' || history.employee || '/' || history.spell_no as spell_id,
        history.source,
        history.employee,
        history.spell_no,
        history.valid_from_on,
        history.valid_to_on,
        history.is_current,
        history.name,
        history.gender,
        history.birth_on,
        history.education,
        history.marital_status,
        history.source || '/' || history.agent as agent_id,
        history.source || '/' || history.manager as manager_id,
        history.source || '/' || coalesce(history.team, 'unknown') as team_id,
        history.site,
        history.job,
        history.grade,
        history.contract,
        history.monthly_pay,
        history.market_pay,
        history.independent_from as independent_from_on,
        history.confirmed_on,
        history.spell_hired_on as hired_on,
        history.spell_left_on as left_on,
        history.spell_leave_kind as leave_kind,
        history.spell_leave_reason as leave_reason,
        history.spell_no > 1 as is_rehired,
        history.is_leaving_inferred,
        coalesce(history.spell_left_on > periods.last_as_of, false) as is_leaving_announced,
        history.has_shared_identifier,
        history.last_as_of as as_of,
        history.raw_file_id,
        history.raw_row_number
    from history
    left join periods on history.source = periods.source
)

select * from final
