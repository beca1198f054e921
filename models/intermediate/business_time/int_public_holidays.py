"""Public holidays and worked weekends of the countries that calendars name."""


def model(dbt, session):
    dbt.config(materialized="table")
    from hotline.statistics.calendars import holidays_of

    loaded = dbt.ref("int_tickets_loaded").df()
    years = {
        year
        for first, last in zip(loaded["first_on"], loaded["deadlines_until_on"], strict=True)
        for year in range(first.year, last.year + 1)
    }
    return holidays_of(dbt.ref("business_calendars").df(), years)
