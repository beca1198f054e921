with incidents as (
    select * from {{ ref('stg_hotline__system_incidents') }}
),

systems as (
    select * from {{ ref('system_business_types') }}
),

-- A system that no row of the seed names may concern every business type.
concerned as (
    select
        incidents.source,
        incidents.incident_id,
        incidents.defect,
        cast(date_trunc('month', incidents.started_on) as date) as month_start_on,
        coalesce(systems.business_type, '*') as business_type
    from incidents
    left join systems
        on
            systems.source in (incidents.source, '*')
            and incidents.system = systems.system
            and incidents.started_on between systems.valid_from and systems.valid_to
    where incidents.defect is not null
),

by_month as (
    select
        source,
        month_start_on,
        business_type,
        defect,
        count(distinct incident_id) as incidents
    from concerned
    group by source, month_start_on, business_type, defect
)

select * from by_month
