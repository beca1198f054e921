with employees as (
    select * from {{ ref('stg_hotline__employees') }}
),

sources as (
    select * from {{ ref('int_sources') }}
),

named as (
    select distinct
        source,
        team
    from employees
    where team is not null and team <> 'unknown'
),

-- Agents of a source that sends no HR records need a team to point at.
unknown as (
    select
        source,
        'unknown' as team
    from sources
),

teams as (
    select * from named
    union all
    select * from unknown
)

select * from teams
