-- Few rows: all are made anew, as a file of outages may replace any of them.
with areas as (
    select * from {{ ref('int_outages') }}
),

final as (
    select
        source,
        outage_id,
        area,
        is_planned,
        approved_at,
        copy_due_at,
        copied_at,
        announced_at,
        starts_at,
        starts_local,
        starts_on,
        ends_at,
        case when ends_at >= starts_at then {{ calendar_minutes('starts_at', 'ends_at') }} end as outage_minutes,
        ends_at < starts_at as has_time_fault,
        customers_affected,
        cast({{ days_from('announced_on', 'starts_on') }} as integer) as notice_days,
        case when is_planned then coalesce(announced_on <= starts_on - cast(least_notice_days as integer), false) end
            as is_announced_in_time,
        case when is_planned and copy_due_at is not null then coalesce(copied_at <= copy_due_at, false) end
            as is_copied_in_time,
        is_information_correct,
        correct_share_required
    from areas
)

select * from final
