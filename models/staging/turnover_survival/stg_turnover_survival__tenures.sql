with source as (
    select * from {{ source('turnover_survival', 'turnover_survival_tenures') }}
),

renamed as (
    select
        -- ids
        _source as source,

        -- strings; one industry begins with a blank
        gender,
        trim(industry) as industry,
        profession,
        traffic as recruited_through,
        coach,
        head_gender,
        greywage as wage,
        way as way_to_work,

        -- numerics
        tenure_months,
        age as age_years,
        extraversion,
        independ as independence,
        selfcontrol as self_control,
        anxiety,
        novator as novelty_seeking,

        -- booleans
        has_left
    from source
)

select * from renamed
