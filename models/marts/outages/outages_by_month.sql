with of_outages as (
    select
        *,
        cast(date_trunc('month', starts_on) as date) as month_start_on
    from {{ ref('fct_outage') }}
),

areas as (
    select
        of_outages.source,
        of_outages.is_planned,
        of_outages.month_start_on,
        count(*) as areas,
        count(of_areas.is_information_correct) as areas_checked,
        count(case when of_areas.is_information_correct then 1 end) as areas_correct,
        sum(case when of_areas.is_information_correct is not null then of_areas.correct_share_required end)
            as areas_correct_required,
        count(of_areas.is_announced_in_time) as areas_to_announce,
        count(case when of_areas.is_announced_in_time then 1 end) as areas_announced_in_time,
        count(of_areas.is_copied_in_time) as areas_to_copy,
        count(case when of_areas.is_copied_in_time then 1 end) as areas_copied_in_time,
        sum(of_areas.outage_minutes * of_areas.customers_affected) as customer_minutes
    from {{ ref('fct_outage_area') }} as of_areas
    inner join of_outages
        on of_areas.source = of_outages.source and of_areas.outage_id = of_outages.outage_id
    group by of_outages.source, of_outages.is_planned, of_outages.month_start_on
),

outages as (
    select
        source,
        is_planned,
        month_start_on,
        count(*) as outages,
        sum(customers_affected) as customers_affected,
        sum(notices) as notices,
        sum(notices_confirmed) as notices_confirmed,
        sum(notices_late) as notices_late,
        sum(reports) as reports,
        sum(reports_called_back) as reports_called_back,
        count(case when least_call_backs >= 1 then 1 end) as outages_to_call_back,
        count(case when least_call_backs >= 1 and is_called_back_enough then 1 end) as outages_called_back_enough,
        sum(areas_to_call_back) as report_areas_to_call_back,
        sum(areas_left_out) as report_areas_left_out
    from of_outages
    group by source, is_planned, month_start_on
),

final as (
    select
        outages.source,
        outages.month_start_on,
        outages.is_planned,
        cast(outages.outages as bigint) as outages,
        cast(outages.customers_affected as bigint) as customers_affected,
        cast(areas.customer_minutes as bigint) as customer_minutes,
        cast(areas.areas as bigint) as areas,
        cast(areas.areas_checked as bigint) as areas_checked,
        cast(areas.areas_correct as bigint) as areas_correct,
        areas.areas_correct_required,
        cast(areas.areas_to_announce as bigint) as areas_to_announce,
        cast(areas.areas_announced_in_time as bigint) as areas_announced_in_time,
        cast(areas.areas_to_copy as bigint) as areas_to_copy,
        cast(areas.areas_copied_in_time as bigint) as areas_copied_in_time,
        cast(outages.notices as bigint) as notices,
        cast(outages.notices_confirmed as bigint) as notices_confirmed,
        cast(outages.notices_late as bigint) as notices_late,
        cast(outages.reports as bigint) as reports,
        cast(outages.reports_called_back as bigint) as reports_called_back,
        cast(outages.outages_to_call_back as bigint) as outages_to_call_back,
        cast(outages.outages_called_back_enough as bigint) as outages_called_back_enough,
        cast(outages.report_areas_to_call_back as bigint) as report_areas_to_call_back,
        cast(outages.report_areas_left_out as bigint) as report_areas_left_out
    from outages
    inner join areas
        on
            outages.source = areas.source
            and outages.month_start_on = areas.month_start_on
            and outages.is_planned = areas.is_planned
)

select * from final
