"""Statistics for planners: queues (`erlang`), forecasts (`forecasting`) and comparisons (`comparing`).

Pure functions on arrays and tables; nothing here knows dbt, Dagster or where data comes from.
"""
