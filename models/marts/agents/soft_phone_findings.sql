with states as (
    select * from {{ ref('fct_agent_state') }} as states
    where {{ only_read_days('states', 'day_local') }}
),

visits as (
    select
        *,
        cast(entered_local as date) as entered_on,
        cast(answered_local as date) as answered_on
    from {{ ref('fct_queue_visit') }} as visits
    where {{ only_read_days('visits', 'arrival_on') }}
),

rules as (
    select * from {{ ref('int_agent_rules_by_day') }}
),

-- Who has no log on the day tells nothing by its silence; nobody known has none.
logged as (
    select distinct
        source,
        agent_id,
        day_local
    from states
),

talks as (
    select * from states
    where state = 'talking'
),

talks_by_contact as (
    select distinct
        source,
        agent_id,
        contact_id
    from talks
    where contact_id is not null
),

without_its_talk as (
    select
        visits.source,
        visits.agent_id,
        visits.arrival_on,
        visits.answered_on,
        visits.answered_at,
        visits.contact_id,
        visits.visit_no,
        visits.business_type_id,
        visits.raw_file_id,
        visits.raw_row_number,
        rules.hard_phone_tolerance_seconds
    from visits
    inner join logged
        on
            visits.source = logged.source
            and visits.agent_id = logged.agent_id
            and visits.answered_on = logged.day_local
    inner join rules on visits.source = rules.source and visits.answered_on = rules.date_day
    left join talks_by_contact
        on
            visits.source = talks_by_contact.source
            and visits.agent_id = talks_by_contact.agent_id
            and visits.contact_id = talks_by_contact.contact_id
    where
        visits.is_answered
        and coalesce(visits.channel, 'phone') = 'phone'
        and talks_by_contact.contact_id is null
        and rules.hard_phone_tolerance_seconds is not null
),

shifts as (
    select -1 as shift
    union all
    select 0 as shift
    union all
    select 1 as shift
),

-- The tolerance may reach over midnight: a talk is looked for from the days beside its own, too.
talks_around as (
    select
        talks.source,
        talks.agent_id,
        talks.started_at,
        talks.ended_at,
        cast(talks.day_local + shifts.shift * interval '1 day' as date) as looked_for_on
    from talks
    cross join shifts
),

talked_at_the_time as (
    select distinct
        without_its_talk.source,
        without_its_talk.contact_id,
        without_its_talk.visit_no
    from without_its_talk
    inner join talks_around
        on
            without_its_talk.source = talks_around.source
            and without_its_talk.agent_id = talks_around.agent_id
            and without_its_talk.answered_on = talks_around.looked_for_on
    where
        {{ exact_seconds_between('without_its_talk.answered_at', 'talks_around.started_at') }}
        <= without_its_talk.hard_phone_tolerance_seconds
        and {{ exact_seconds_between('talks_around.ended_at', 'without_its_talk.answered_at') }}
        <= without_its_talk.hard_phone_tolerance_seconds
),

hard_phones as (
    select
        without_its_talk.source,
        'hard_phone' as finding,
        without_its_talk.agent_id,
        without_its_talk.arrival_on,
        without_its_talk.answered_at as found_at,
        cast(null as double) as observed_seconds,
        without_its_talk.hard_phone_tolerance_seconds as allowed_seconds,
        without_its_talk.contact_id,
        without_its_talk.visit_no,
        without_its_talk.business_type_id,
        without_its_talk.raw_file_id,
        without_its_talk.raw_row_number
    from without_its_talk
    left join talked_at_the_time
        on
            without_its_talk.source = talked_at_the_time.source
            and without_its_talk.contact_id = talked_at_the_time.contact_id
            and without_its_talk.visit_no = talked_at_the_time.visit_no
    where talked_at_the_time.contact_id is null
),

attempts as (
    select
        *,
        lag(entered_at) over attempts_of_customer as earlier_at,
        lag(is_outbound_reached) over attempts_of_customer as has_reached_earlier,
        lead(entered_at) over attempts_of_customer as next_at
    from visits
    where is_outbound_attempt
    window attempts_of_customer as (partition by source, customer_id order by entered_at, contact_id, visit_no)
),

-- The first dialling of each stretch outbound. What came over midnight has its beginning elsewhere.
dialled as (
    select
        states.source,
        states.agent_id,
        states.started_at as prepared_at,
        attempts.entered_on,
        attempts.entered_at,
        attempts.arrival_on,
        attempts.contact_id,
        attempts.visit_no,
        attempts.business_type_id,
        attempts.raw_file_id,
        attempts.raw_row_number
    from states
    inner join attempts
        on
            states.source = attempts.source
            and states.agent_id = attempts.agent_id
            and states.day_local = attempts.entered_on
            and states.started_at <= attempts.entered_at
            and states.ended_at > attempts.entered_at
    where states.state = 'outbound' and not states.is_carried_over
    qualify
        row_number() over (
            partition by states.source, states.agent_id, states.started_at, states.raw_file_id, states.raw_row_number
            order by attempts.entered_at, attempts.contact_id, attempts.visit_no
        ) = 1
),

delayed_diallings as (
    select
        dialled.source,
        'delayed_dialling' as finding,
        dialled.agent_id,
        dialled.arrival_on,
        dialled.entered_at as found_at,
        cast({{ exact_seconds_between('dialled.prepared_at', 'dialled.entered_at') }} as double) as observed_seconds,
        rules.longest_dialling_delay_seconds as allowed_seconds,
        dialled.contact_id,
        dialled.visit_no,
        dialled.business_type_id,
        dialled.raw_file_id,
        dialled.raw_row_number
    from dialled
    inner join rules on dialled.source = rules.source and dialled.entered_on = rules.date_day
    where
        {{ exact_seconds_between('dialled.prepared_at', 'dialled.entered_at') }}
        > rules.longest_dialling_delay_seconds
),

-- Whoever dials again does; a second attempt that failed as well asks for no third.
no_second_diallings as (
    select
        attempts.source,
        'no_second_dialling' as finding,
        attempts.agent_id,
        attempts.arrival_on,
        attempts.entered_at as found_at,
        cast({{ exact_seconds_between('attempts.entered_at', 'attempts.next_at') }} as double) as observed_seconds,
        rules.second_dialling_within_seconds as allowed_seconds,
        attempts.contact_id,
        attempts.visit_no,
        attempts.business_type_id,
        attempts.raw_file_id,
        attempts.raw_row_number
    from attempts
    inner join logged
        on
            attempts.source = logged.source
            and attempts.agent_id = logged.agent_id
            and attempts.entered_on = logged.day_local
    inner join rules on attempts.source = rules.source and attempts.entered_on = rules.date_day
    where
        not attempts.is_outbound_reached
        and attempts.customer_id <> attempts.source || '/unknown'
        and rules.second_dialling_within_seconds is not null
        and coalesce(
            {{ exact_seconds_between('attempts.entered_at', 'attempts.next_at') }}
            > rules.second_dialling_within_seconds, true
        )
        and coalesce(
            attempts.has_reached_earlier
            or {{ exact_seconds_between('attempts.earlier_at', 'attempts.entered_at') }}
            > rules.second_dialling_within_seconds, true
        )
),

found as (
    select * from hard_phones
    union all
    select * from delayed_diallings
    union all
    select * from no_second_diallings
),

final as (
    select
        source,
        finding,
        agent_id,
        arrival_on as day_local,
        found_at,
        observed_seconds,
        cast(allowed_seconds as double) as allowed_seconds,
        contact_id,
        visit_no,
        business_type_id,
        raw_file_id,
        raw_row_number
    from found
    where {{ only_rebuilt_days('found', 'arrival_on') }}
)

select * from final
