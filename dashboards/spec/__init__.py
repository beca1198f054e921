"""The dashboards, one module each, and the datasets that they share."""

from dashboards.spec.agents import AGENTS
from dashboards.spec.customers import CUSTOMERS_PAGE
from dashboards.spec.datasets import DATASETS as SHARED_DATASETS
from dashboards.spec.operations import OPERATIONS
from dashboards.spec.satisfaction import DATASETS as SATISFACTION_DATASETS
from dashboards.spec.satisfaction import SATISFACTION
from dashboards.spec.service_level import SERVICE_LEVEL
from dashboards.spec.surveys import SURVEY_DATASETS, SURVEYS
from dashboards.spec.tickets import TICKET_DATASETS, TICKETS
from dashboards.spec.turnover import TURNOVER, TURNOVER_DATASETS

DASHBOARDS = (SERVICE_LEVEL, AGENTS, OPERATIONS, CUSTOMERS_PAGE, TICKETS, SATISFACTION, TURNOVER, SURVEYS)
DATASETS = (*SHARED_DATASETS, *TICKET_DATASETS, *SATISFACTION_DATASETS, *TURNOVER_DATASETS, *SURVEY_DATASETS)

__all__ = ["DASHBOARDS", "DATASETS"]
