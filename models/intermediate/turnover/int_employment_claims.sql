with records as (
    select * from {{ ref('stg_hotline__employees') }} as records
    where {{ of_changed_sources('records', ['employees']) }}
),

snapshots as (
    select * from {{ ref('int_hr_snapshots') }}
),

-- Every first day of employment that HR ever named, with what the newest record that names it says. max_by passes over
-- empty values, and that a leaving was taken back is what an empty one says.
claimed as (
    select
        source,
        employee,
        hired_on,
        min(as_of) as first_as_of,
        max(as_of) as last_as_of,
        nullif(max_by(coalesce(left_on, cast('2999-12-31' as date)), as_of), cast('2999-12-31' as date)) as left_on,
        nullif(max_by(coalesce(leave_kind, ''), as_of), '') as leave_kind,
        nullif(max_by(coalesce(leave_reason, ''), as_of), '') as leave_reason,
        min(birth_on) as least_birth_on,
        max(birth_on) as latest_birth_on,
        min(name) as least_name,
        max(name) as latest_name
    from records
    group by source, employee, hired_on
),

-- A first day after the end of what was known is a new spell; any other is a correction of the same one. Who was to
-- begin and had not yet when last recorded has only a new date.
begun as (
    select
        *,
        case
            when lag(hired_on) over claims is null then 1
            when
                lag(hired_on) over claims <= lag(last_as_of) over claims
                and hired_on > least(lag(left_on) over claims, lag(last_as_of) over claims)
                then 1
            else 0
        end as is_begun
    from claimed
    window claims as (partition by source, employee order by hired_on)
),

numbered as (
    select
        *,
        sum(is_begun) over (partition by source, employee order by hired_on rows unbounded preceding) as spell_no
    from begun
),

-- The newest record of a spell counts as a whole.
spells as (
    select
        source,
        employee,
        spell_no,
        hired_on,
        left_on,
        leave_kind,
        leave_reason,
        min(first_as_of) over spell as first_as_of,
        max(last_as_of) over spell as last_as_of,
        min(least_birth_on) over person <> max(latest_birth_on) over person
        and min(least_name) over person <> max(latest_name) over person as is_shared
    from numbered
    window
        spell as (partition by source, employee, spell_no),
        person as (partition by source, employee)
    qualify
        row_number() over (
            partition by source, employee, spell_no
            order by last_as_of desc, hired_on desc
        ) = 1
),

followed as (
    select
        *,
        lead(hired_on) over (partition by source, employee order by spell_no) as next_hired_on
    from spells
),

-- Who is missing from a whole snapshot is gone, though nobody wrote when.
missed as (
    select
        followed.source,
        followed.employee,
        followed.spell_no,
        min(snapshots.as_of) as missed_on
    from followed
    inner join snapshots
        on followed.source = snapshots.source and followed.last_as_of < snapshots.as_of and snapshots.is_complete
    where followed.left_on is null
    group by followed.source, followed.employee, followed.spell_no
),

ended as (
    select
        followed.source,
        followed.employee,
        followed.spell_no,
        followed.hired_on,
        followed.last_as_of,
        followed.leave_kind,
        followed.leave_reason,
        coalesce(followed.is_shared, false) as is_shared,
        followed.left_on is null as is_inferred,
        cast(
            least(
                coalesce(followed.left_on, missed.missed_on - interval '1 day'),
                followed.next_hired_on - interval '1 day'
            ) as date
        ) as left_on
    from followed
    left join missed
        on
            followed.source = missed.source
            and followed.employee = missed.employee
            and followed.spell_no = missed.spell_no
),

final as (
    select
        numbered.source,
        numbered.employee,
        numbered.hired_on as claimed_hired_on,
        cast(numbered.spell_no as integer) as spell_no,
        ended.hired_on,
        ended.left_on,
        case when ended.left_on is not null then coalesce(ended.leave_kind, 'unknown') end as leave_kind,
        case when ended.left_on is not null then coalesce(ended.leave_reason, 'unknown') end as leave_reason,
        ended.is_inferred and ended.left_on is not null as is_leaving_inferred,
        ended.is_shared as has_shared_identifier,
        ended.last_as_of
    from numbered
    inner join ended
        on
            numbered.source = ended.source
            and numbered.employee = ended.employee
            and numbered.spell_no = ended.spell_no
    -- Who was expected and is missing from the next snapshot never came.
    where ended.left_on is null or ended.left_on >= ended.hired_on
)

select * from final
