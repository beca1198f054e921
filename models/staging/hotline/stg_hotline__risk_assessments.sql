with source as (
    select * from {{ source('hotline', 'risk_assessments') }}
),

renamed as (
    select
        -- ids
        _source as source,
        business_type,
        defect,

        -- strings
        defect_level as defect_level_text,
        vulnerability_level as vulnerability_level_text,
        control_level as control_level_text,
        importance as importance_text,

        -- dates
        as_of
    from source
)

select * from renamed
