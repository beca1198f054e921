"""Answers that could not be used, with the line of the file that each stands on. The answer itself stays behind."""


def model(dbt, session):
    dbt.config(materialized="table")
    from hotline.home import Home
    from hotline.statistics.survey_data import problems

    return problems(dbt.ref("int_survey_answers"), Home.default())
