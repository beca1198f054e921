with contacts as (
    select
        source,
        customer_id,
        cast(date_trunc('month', arrival_on) as date) as month_start_on,
        is_simulated
    from {{ ref('fct_contact') }} as contacts
    where
        is_entered
        and customer_id <> source || '/unknown'
        and {{ since_first_rebuilt('contacts', 'arrival_on', 'month') }}
),

customer_months as (
    select * from {{ ref('fct_customer_month') }}
),

-- Who asks ten times in a month asks once.
asking as (
    select
        source,
        month_start_on,
        customer_id,
        bool_or(is_simulated) as is_simulated
    from contacts
    where {{ only_rebuilt_days('contacts', 'month_start_on', 'month') }}
    group by source, month_start_on, customer_id
),

by_kind as (
    select
        asking.source,
        asking.month_start_on,
        coalesce(customer_months.kind, 'no record') as kind,
        bool_or(asking.is_simulated) as is_simulated,
        count(*) as customers_asking,
        count(customer_months.customer_id) as with_record,
        count(case when customer_months.is_record_complete then 1 end) as complete_records,
        count(case when customer_months.kind = 'company' then 1 end) as companies,
        count(case when customer_months.kind = 'company' and customer_months.has_company_name then 1 end)
            as companies_with_name
    from asking
    left join customer_months
        on
            asking.customer_id = customer_months.customer_id
            and asking.month_start_on = customer_months.month_start_on
    group by asking.source, asking.month_start_on, coalesce(customer_months.kind, 'no record')
),

final as (
    select
        source,
        month_start_on,
        kind,
        is_simulated,
        cast(customers_asking as bigint) as customers_asking,
        cast(with_record as bigint) as with_record,
        cast(complete_records as bigint) as complete_records,
        cast(companies as bigint) as companies,
        cast(companies_with_name as bigint) as companies_with_name
    from by_kind
)

select * from final
