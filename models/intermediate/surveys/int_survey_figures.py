"""Every figure that may be published of a closed wave: as published once, or worked out now and published next."""


def model(dbt, session):
    dbt.config(materialized="table")
    # Libraries that only this model needs: not before it runs.
    from hotline.home import Home
    from hotline.publishing.waves import published_waves
    from hotline.statistics.survey_data import Relations, figures

    relations = Relations(
        answers=dbt.ref("int_survey_answers"),
        items=dbt.ref("int_survey_items"),
        waves=dbt.ref("int_survey_waves"),
        invitations=dbt.ref("stg_surveys__invitations"),
        variables=dbt.ref("survey_variables"),
        members=dbt.ref("survey_members"),
        crossings=dbt.ref("survey_crossings"),
    )
    return figures(relations, published_waves(Home.default()))
