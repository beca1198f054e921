with source as (
    select * from {{ source('hotline', 'agent_schedules') }}
),

renamed as (
    select
        -- ids
        _source as source,
        agent_id as agent,

        -- strings
        activity,
        shift_pattern,

        -- dates and times
        _time_zone as time_zone,
        starts_at,
        ends_at
    from source
)

select * from renamed
