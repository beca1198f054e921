"""dbt's models and tests, and the checks of the tables."""
