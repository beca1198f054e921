with visits as (
    select * from {{ ref('int_visits_numbered') }}
),

tiers as (
    select * from {{ ref('priority_tiers') }}
),

-- What a source says of its own priorities goes before what holds for all.
tiers_of_source as (
    select * from tiers
    where source <> '*'
),

tiers_of_all as (
    select * from tiers
    where source = '*'
),

arrived as (
    select
        visits.*,
        coalesce(tiers_of_source.tier, tiers_of_all.tier, 'unknown') as tier,
        coalesce(visits.queued_at, visits.entered_at) as arrived_at,
        coalesce(visits.queued_local, visits.entered_local) as arrived_local,
        cast(coalesce(visits.queued_local, visits.entered_local) as date) as arrival_on
    from visits
    left join tiers_of_source on visits.source = tiers_of_source.source and visits.priority = tiers_of_source.priority
    left join tiers_of_all on visits.priority = tiers_of_all.priority
)

select * from arrived
