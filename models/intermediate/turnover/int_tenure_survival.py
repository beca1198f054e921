"""How long people stay, per source; made again only when a file of the source changed, and then as a whole."""


def model(dbt, session):
    dbt.config(materialized="incremental", incremental_strategy="replace_sources")
    staff, files = dbt.ref("int_tenures"), dbt.ref("stg_turnover_survival__tenures")
    condition = "true"
    if dbt.is_incremental:
        changed = "select source from control.changed_days where entity in ('employees', 'turnover_survival_tenures')"
        condition = f"source in ({changed})"
        if not session.execute(changed).fetchall():
            return session.sql(f"select * from {dbt.this} where false")
    # Libraries that only this model needs: not before it runs.
    from hotline.statistics.tenures import tenures_of_sources

    return tenures_of_sources(staff.filter(condition).df(), files.filter(condition).df())
