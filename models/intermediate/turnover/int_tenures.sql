with history as (
    select * from {{ ref('dim_employee') }}
),

periods as (
    select * from {{ ref('int_hr_periods') }}
),

bands as (
    select * from {{ ref('hr_bands') }}
),

-- Who was hired before the records of leavers begin is observed from then on only.
observed as (
    select
        history.*,
        cast(periods.last_month_on + interval '1 month' as date) as known_until_on,
        greatest(history.hired_on, periods.first_month_on) as entered_on
    from history
    inner join periods on history.source = periods.source
    where
        history.hired_on < periods.last_month_on + interval '1 month'
        and coalesce(history.left_on >= periods.first_month_on, true)
),

-- Traits are those of the first day observed: what changes later is partly an effect of having stayed.
on_entry as (
    select
        *,
        {{ days_from('hired_on', 'entered_on') }} as entry_days,
        {{ days_from('hired_on', 'least(left_on, known_until_on)') }} as tenure_days,
        {{ days_from('birth_on', 'entered_on') }} / 365.25 as age_years,
        cast(monthly_pay as double) / nullif(cast(market_pay as double), 0) as compa_ratio
    from observed
    where entered_on between valid_from_on and valid_to_on
),

final as (
    select
        on_entry.source,
        on_entry.entry_days / 30.4375 as entry,
        -- Who leaves on the first day was there for a part of it.
        greatest(on_entry.tenure_days, 0.5) / 30.4375 as tenure,
        coalesce(on_entry.left_on < on_entry.known_until_on, false) as has_left,
        coalesce(on_entry.site, 'unknown') as site,
        coalesce(on_entry.job, 'unknown') as job,
        on_entry.team_id,
        coalesce(on_entry.gender, 'unknown') as gender,
        coalesce(on_entry.contract, 'unknown') as contract,
        coalesce(on_entry.education, 'unknown') as education,
        case when on_entry.is_rehired then 'yes' else 'no' end as rehired,
        coalesce(age_bands.band, 'unknown') as age_band,
        coalesce(pay_bands.band, 'unknown') as pay_band,
        10 * (1 - on_entry.compa_ratio) as tenths_under_market,
        on_entry.age_years / 10 as age_decades
    from on_entry
    left join bands as age_bands
        on
            age_bands.kind = 'age'
            and on_entry.age_years >= age_bands.at_least
            and on_entry.age_years < age_bands.below
    left join bands as pay_bands
        on
            pay_bands.kind = 'pay'
            and on_entry.compa_ratio >= pay_bands.at_least
            and on_entry.compa_ratio < pay_bands.below
)

select * from final
