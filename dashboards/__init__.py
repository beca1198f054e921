"""Superset as code: what the dashboards show, who may see it, and the server that shows it."""
