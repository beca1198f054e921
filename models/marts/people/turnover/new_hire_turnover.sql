{%- set terms = [30, 90, 180, 365] -%}
with history as (
    select * from {{ ref('dim_employee') }} as history
    where {{ of_changed_sources('history', ['employees']) }}
),

periods as (
    select * from {{ ref('int_hr_periods') }}
),

-- Hired when leavers were already recorded: of earlier cohorts only those who stayed are known.
hires as (
    select
        history.source,
        history.spell_id,
        history.team_id,
        history.job,
        history.hired_on,
        history.left_on,
        cast(date_trunc('month', history.hired_on) as date) as month_start_on,
        cast(periods.last_month_on + interval '1 month' - interval '1 day' as date) as known_through_on
    from history
    inner join periods on history.source = periods.source
    where
        history.hired_on >= periods.first_month_on
        and history.hired_on < periods.last_month_on + interval '1 month'
    qualify row_number() over (partition by history.spell_id order by history.valid_from_on) = 1
),

final as (
    select
        source,
        month_start_on,
        team_id,
        job,
        cast(count(*) as bigint) as hires{% for days in terms %},
        cast(count_if(hired_on + interval '{{ days }} days' <= known_through_on) as bigint) as judged_{{ days }}_days,
        cast(
            count(
                case
                    when
                        hired_on + interval '{{ days }} days' <= known_through_on
                        and left_on <= hired_on + interval '{{ days }} days'
                        then 1
                end
            ) as bigint
        ) as left_{{ days }}_days{% endfor %}
    from hires
    group by source, month_start_on, team_id, job
)

select * from final
