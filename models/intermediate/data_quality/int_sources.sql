with entities as (
    select * from {{ ref('stg_landing__sources') }}
),

sources as (
    select distinct source
    from entities
)

select * from sources
