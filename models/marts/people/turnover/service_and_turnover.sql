with service as (
    select * from {{ ref('team_service_by_month') }}
),

turnover as (
    select * from {{ ref('turnover_by_month') }}
    where dimension = 'team_id'
),

-- Months before, by the calendar: of a team that was not there then, nothing is known.
joined as (
    select
        turnover.source,
        turnover.member as team_id,
        turnover.month_start_on,
        turnover.leavers,
        turnover.average_headcount,
        turnover.leavers / nullif(turnover.average_headcount, 0) as turnover_rate,
        {% for months in [1, 2, 3] -%}
        max(
            case
                when earlier.month_start_on = turnover.month_start_on - interval '{{ months }} months'
                    then earlier.leavers
            end
        ) as leavers_{{ months }}_before,
        max(
            case
                when earlier.month_start_on = turnover.month_start_on - interval '{{ months }} months'
                    then earlier.leavers / nullif(earlier.average_headcount, 0)
            end
        ) as turnover_rate_{{ months }}_before,
        {% endfor -%}
        any_value(service.scheduled_seconds) as scheduled_seconds,
        any_value(service.present_seconds) as present_seconds,
        any_value(service.answered) as answered,
        any_value(service.ratings) as ratings,
        any_value(service.ratings_satisfied) as ratings_satisfied,
        any_value(service.centre_answered_within_target) as centre_answered_within_target,
        any_value(service.centre_calls) as centre_calls
    from turnover
    inner join service
        on
            turnover.source = service.source
            and turnover.member = service.team_id
            and turnover.month_start_on = service.month_start_on
    left join turnover as earlier
        on
            turnover.source = earlier.source
            and turnover.member = earlier.member
            and earlier.month_start_on
            between turnover.month_start_on - interval '3 months' and turnover.month_start_on - interval '1 month'
    group by
        turnover.source, turnover.member, turnover.month_start_on, turnover.leavers, turnover.average_headcount
),

final as (
    select
        source,
        team_id,
        month_start_on,
        leavers,
        average_headcount,
        turnover_rate,
        leavers_1_before,
        leavers_2_before,
        leavers_3_before,
        turnover_rate_1_before,
        turnover_rate_2_before,
        turnover_rate_3_before,
        scheduled_seconds,
        present_seconds,
        scheduled_seconds / 3600.0 / nullif(average_headcount, 0) as scheduled_hours_per_head,
        answered,
        ratings,
        ratings_satisfied,
        centre_answered_within_target,
        centre_calls
    from joined
)

select * from final
