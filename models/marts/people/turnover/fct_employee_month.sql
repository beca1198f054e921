with history as (
    select * from {{ ref('dim_employee') }} as history
    where {{ of_changed_sources('history', ['employees']) }}
),

periods as (
    select * from {{ ref('int_hr_periods') }}
),

months as (
    {{ months_between('(select min(first_month_on) from periods)', '(select max(last_month_on) from periods)') }}
),

bands as (
    select * from {{ ref('hr_bands') }}
),

-- The last day of the month, or of employment, decides where a month of a person belongs. So each month of a spell is
-- in one piece of its history: in the last whose first day is not after that day.
in_months as (
    select
        history.source,
        history.spell_id,
        history.employee_id,
        months.month_start_on,
        history.team_id,
        history.site,
        history.job,
        history.grade,
        history.contract,
        history.gender,
        history.birth_on,
        history.monthly_pay,
        history.market_pay,
        history.hired_on,
        history.left_on,
        history.leave_kind,
        history.leave_reason,
        history.is_rehired,
        history.is_leaving_inferred,
        periods.last_month_on,
        cast(months.month_start_on + interval '1 month' as date) as next_month_on
    from history
    inner join periods on history.source = periods.source
    inner join months
        on
            months.month_start_on between periods.first_month_on and periods.last_month_on
            and months.month_start_on >= date_trunc('month', history.valid_from_on)
            and months.month_start_on <= coalesce(history.left_on, months.month_start_on)
            and least(months.month_start_on + interval '1 month' - interval '1 day', history.left_on)
            between history.valid_from_on and history.valid_to_on
),

dated as (
    select
        *,
        cast(least(next_month_on - interval '1 day', left_on) as date) as last_day
    from in_months
),

measured as (
    select
        *,
        {{ days_from('month_start_on', 'next_month_on') }} as days_in_month,
        {{ days_from('greatest(month_start_on, hired_on)', 'least(next_month_on, left_on)') }} as headcount_days,
        hired_on < month_start_on as is_employed_at_start,
        coalesce(left_on >= next_month_on, true) as is_employed_at_end,
        hired_on >= month_start_on as is_hire,
        coalesce(left_on < next_month_on, false) as is_leaver,
        lag(team_id) over (partition by spell_id order by month_start_on) as previous_team_id,
        {{ whole_months('hired_on', 'last_day') }} as tenure_months,
        cast(floor({{ whole_months('birth_on', 'last_day') }} / 12) as integer) as age_years,
        cast(monthly_pay as double) / nullif(cast(market_pay as double), 0) as compa_ratio,
        cast(next_month_on + interval '12 months' as date) as year_later_on
    from dated
),

banded as (
    select
        measured.*,
        coalesce(age_bands.band, 'unknown') as age_band,
        coalesce(tenure_bands.band, 'unknown') as tenure_band,
        coalesce(pay_bands.band, 'unknown') as pay_band
    from measured
    left join bands as age_bands
        on
            age_bands.kind = 'age'
            and measured.age_years >= age_bands.at_least
            and measured.age_years < age_bands.below
    left join bands as tenure_bands
        on
            tenure_bands.kind = 'tenure'
            and measured.tenure_months >= tenure_bands.at_least
            and measured.tenure_months < tenure_bands.below
    left join bands as pay_bands
        on
            pay_bands.kind = 'pay'
            and measured.compa_ratio >= pay_bands.at_least
            and measured.compa_ratio < pay_bands.below
),

final as (
    select
        source,
        spell_id,
        employee_id,
        month_start_on,
        team_id,
        previous_team_id,
        coalesce(team_id <> previous_team_id, false) as is_transfer,
        coalesce(site, 'unknown') as site,
        coalesce(job, 'unknown') as job,
        grade,
        coalesce(contract, 'unknown') as contract,
        coalesce(gender, 'unknown') as gender,
        age_years,
        age_band,
        tenure_months,
        tenure_band,
        monthly_pay,
        market_pay,
        compa_ratio,
        pay_band,
        cast(days_in_month as integer) as days_in_month,
        cast(headcount_days as integer) as headcount_days,
        is_employed_at_start,
        is_employed_at_end,
        is_hire,
        is_hire and is_rehired as is_rehire,
        is_leaver,
        case when is_leaver then leave_kind end as leave_kind,
        case when is_leaver then leave_reason end as leave_reason,
        is_leaver and is_leaving_inferred as is_leaving_inferred,
        case
            when not is_employed_at_end or month_start_on + interval '12 months' > last_month_on then null
            else coalesce(left_on >= year_later_on, true)
        end as is_employed_a_year_later,
        hired_on,
        left_on
    from banded
)

select * from final
