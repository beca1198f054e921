with records as (
    select * from {{ ref('stg_hotline__employees') }}
),

claims as (
    select * from {{ ref('int_employment_claims') }}
),

in_spells as (
    select
        records.*,
        claims.spell_no,
        claims.hired_on as spell_hired_on,
        claims.left_on as spell_left_on,
        claims.leave_kind as spell_leave_kind,
        claims.leave_reason as spell_leave_reason,
        claims.is_leaving_inferred,
        claims.has_shared_identifier,
        claims.last_as_of,
        {{ row_signature([
            'records.name', 'records.gender', 'records.birth_on', 'records.education', 'records.marital_status',
            'records.team', 'records.site', 'records.job', 'records.grade', 'records.contract', 'records.monthly_pay',
            'records.market_pay', 'records.manager', 'records.agent', 'records.independent_from', 'records.confirmed_on'
        ]) }} as signature,
        row_number() over (
            partition by records.source, records.employee, claims.spell_no
            order by records.as_of, records.hired_on
        ) as record_no
    from records
    inner join claims
        on
            records.source = claims.source
            and records.employee = claims.employee
            and records.hired_on = claims.claimed_hired_on
),

-- What a record says after the last day of employment holds for no day of it.
of_employment as (
    select
        *,
        lag(signature) over (partition by source, employee, spell_no order by record_no) as signature_before
    from in_spells
    where record_no = 1 or as_of <= coalesce(spell_left_on, as_of)
),

-- The first record also holds for the days before it, and no record for days before the first of employment.
changes as (
    select
        *,
        case when record_no = 1 then spell_hired_on else greatest(as_of, spell_hired_on) end as valid_from_on
    from of_employment
    where signature_before is null or signature <> signature_before
),

-- Of two that hold from the same day the later one counts.
distinct_changes as (
    select *
    from changes
    qualify
        lead(valid_from_on) over (partition by source, employee, spell_no order by record_no)
        is distinct from valid_from_on
),

final as (
    select
        *,
        cast(
            coalesce(
                lead(valid_from_on) over (partition by source, employee, spell_no order by record_no)
                - interval '1 day',
                spell_left_on,
                cast('2999-12-31' as date)
            ) as date
        ) as valid_to_on,
        lead(valid_from_on) over (partition by source, employee order by spell_no, record_no) is null as is_current
    from distinct_changes
)

select * from final
