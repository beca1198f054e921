with register as (
    select * from {{ ref('complaint_register') }}
),

loaded_through as (
    select * from {{ ref('int_visits_loaded_through') }}
),

reviews as (
    select
        source,
        cast(date_trunc('month', day_local) as date) as month_start_on,
        business_type_id,
        defect,
        count(*) as reviews,
        sum(errors) as errors
    from {{ ref('fct_quality_review') }}
    group by source, cast(date_trunc('month', day_local) as date), business_type_id, defect
),

resolution as (
    select
        source,
        cast(date_trunc('month', day_local) as date) as month_start_on,
        business_type_id,
        sum(contacts) as contacts,
        sum(judged_7_days) as contacts_judged,
        sum(judged_7_days - resolved_7_days) as contacts_repeated
    from {{ ref('resolution_by_day') }}
    group by source, cast(date_trunc('month', day_local) as date), business_type_id
),

judged_complaints as (
    select
        register.*,
        loaded_through.loaded_through_on
    from register
    left join loaded_through on register.source = loaded_through.source
),

complaints as (
    select
        source,
        cast(date_trunc('month', opened_on) as date) as month_start_on,
        business_type_id,
        defect,
        count(*) as complaints,
        count(case when is_founded then 1 end) as founded,
        count(case when is_founded and correction_due_on <= loaded_through_on then 1 end) as founded_judged,
        count(case when is_founded and correction_due_on <= loaded_through_on and is_corrected_in_time then 1 end)
            as founded_corrected,
        count(satisfaction) as call_backs_answered,
        count(case when satisfaction = 'dissatisfied' then 1 end) as call_backs_dissatisfied
    from judged_complaints
    group by source, cast(date_trunc('month', opened_on) as date), business_type_id, defect
),

incidents as (
    select * from {{ ref('int_incidents_by_month') }}
),

assessments as (
    select * from {{ ref('int_risk_assessments') }}
),

-- A call that joined its queue after the last loaded midnight makes no month of its own.
days as (
    select
        days.source,
        days.day_local,
        days.is_simulated
    from {{ ref('service_level_by_day') }} as days
    inner join loaded_through
        on days.source = loaded_through.source and days.day_local <= loaded_through.loaded_through_on
),

months as (
    select
        source,
        cast(date_trunc('month', day_local) as date) as month_start_on,
        max(day_local) as as_of_on,
        bool_or(is_simulated) as is_simulated
    from days
    group by source, cast(date_trunc('month', day_local) as date)
),

-- Whatever anybody assesses, or any reviewer or complainant has found.
cells as (
    select
        source,
        source || '/' || business_type as business_type_id,
        defect
    from assessments
    union
    select
        source,
        business_type_id,
        defect
    from reviews
    where defect is not null
    union
    select
        source,
        business_type_id,
        defect
    from complaints
),

grid as (
    select
        cells.source,
        cells.business_type_id,
        cells.defect,
        months.month_start_on,
        months.as_of_on,
        months.is_simulated
    from cells
    inner join months on cells.source = months.source
    where cells.defect <> 'unknown' and cells.business_type_id <> cells.source || '/unknown'
),

reviews_of_type as (
    select
        source,
        month_start_on,
        business_type_id,
        sum(reviews) as reviews
    from reviews
    group by source, month_start_on, business_type_id
),

incidents_of_cell as (
    select
        grid.source,
        grid.month_start_on,
        grid.business_type_id,
        grid.defect,
        sum(incidents.incidents) as incidents
    from grid
    inner join incidents
        on
            grid.source = incidents.source
            and grid.month_start_on = incidents.month_start_on
            and grid.defect = incidents.defect
            and incidents.business_type in ('*', substr(grid.business_type_id, length(grid.source) + 2))
    group by grid.source, grid.month_start_on, grid.business_type_id, grid.defect
),

final as (
    select
        grid.source,
        grid.business_type_id,
        grid.defect,
        grid.month_start_on,
        grid.as_of_on,
        grid.is_simulated,
        cast(coalesce(reviews_of_type.reviews, 0) as bigint) as reviews,
        cast(coalesce(reviews.errors, 0) as bigint) as errors,
        cast(coalesce(incidents_of_cell.incidents, 0) as bigint) as incidents,
        cast(coalesce(resolution.contacts, 0) as bigint) as contacts,
        cast(coalesce(resolution.contacts_judged, 0) as bigint) as contacts_judged,
        cast(coalesce(resolution.contacts_repeated, 0) as bigint) as contacts_repeated,
        cast(coalesce(complaints.complaints, 0) as bigint) as complaints,
        cast(coalesce(complaints.founded, 0) as bigint) as founded,
        cast(coalesce(complaints.founded_judged, 0) as bigint) as founded_judged,
        cast(coalesce(complaints.founded_corrected, 0) as bigint) as founded_corrected,
        cast(coalesce(complaints.call_backs_answered, 0) as bigint) as call_backs_answered,
        cast(coalesce(complaints.call_backs_dissatisfied, 0) as bigint) as call_backs_dissatisfied
    from grid
    left join reviews_of_type
        on
            grid.source = reviews_of_type.source
            and grid.month_start_on = reviews_of_type.month_start_on
            and grid.business_type_id = reviews_of_type.business_type_id
    left join reviews
        on
            grid.source = reviews.source
            and grid.month_start_on = reviews.month_start_on
            and grid.business_type_id = reviews.business_type_id
            and grid.defect = reviews.defect
    left join resolution
        on
            grid.source = resolution.source
            and grid.month_start_on = resolution.month_start_on
            and grid.business_type_id = resolution.business_type_id
    left join complaints
        on
            grid.source = complaints.source
            and grid.month_start_on = complaints.month_start_on
            and grid.business_type_id = complaints.business_type_id
            and grid.defect = complaints.defect
    left join incidents_of_cell
        on
            grid.source = incidents_of_cell.source
            and grid.month_start_on = incidents_of_cell.month_start_on
            and grid.business_type_id = incidents_of_cell.business_type_id
            and grid.defect = incidents_of_cell.defect
)

select * from final
