with answers as (
    select * from {{ ref('stg_surveys__answers') }}
),

invitations as (
    select * from {{ ref('stg_surveys__invitations') }}
),

rules as (
    select * from {{ ref('survey_rules') }}
),

answered as (
    select
        source,
        survey_id,
        wave,
        min(submitted_on) as first_on,
        count(distinct response_id) as responses
    from answers
    group by source, survey_id, wave
),

invited as (
    select
        source,
        survey_id,
        wave,
        min(sent_on) as first_on,
        count(*) as invitations
    from invitations
    group by source, survey_id, wave
),

-- Without answers there is nothing to publish; a wave begins with its first invitation, or its first answer.
waves as (
    select
        answered.source,
        answered.survey_id,
        answered.wave,
        answered.responses,
        invited.invitations,
        least(
            coalesce(invited.first_on, answered.first_on), coalesce(answered.first_on, invited.first_on)
        ) as first_on
    from answered
    left join invited
        on
            answered.source = invited.source
            and answered.survey_id = invited.survey_id
            and answered.wave = invited.wave
),

-- A rule of the source itself goes before one for all.
ruled as (
    select
        waves.source,
        waves.survey_id,
        waves.wave,
        rules.rule,
        max_by(rules.value, rules.source <> '*') as value
    from waves
    inner join rules
        on
            rules.source in (waves.source, '*')
            and coalesce(waves.first_on, current_date) between rules.valid_from and rules.valid_to
    group by waves.source, waves.survey_id, waves.wave, rules.rule
),

by_wave as (
    select
        source,
        survey_id,
        wave,
        max(case when rule = 'open_days' then value end) as open_days,
        max(case when rule = 'minimum_people' then value end) as minimum_people,
        max(case when rule = 'minimum_people_text' then value end) as minimum_people_text,
        max(case when rule = 'minimum_people_spread' then value end) as minimum_people_spread,
        max(case when rule = 'free_share' then value end) as free_share
    from ruled
    group by source, survey_id, wave
),

final as (
    select
        waves.source,
        waves.survey_id,
        waves.wave,
        waves.responses,
        waves.invitations,
        waves.first_on,
        {{ days_later('waves.first_on', 'by_wave.open_days') }} as closes_on,
        by_wave.minimum_people,
        by_wave.minimum_people_text,
        by_wave.minimum_people_spread,
        by_wave.free_share
    from waves
    inner join by_wave
        on waves.source = by_wave.source and waves.survey_id = by_wave.survey_id and waves.wave = by_wave.wave
)

select * from final
