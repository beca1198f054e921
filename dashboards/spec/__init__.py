"""The dashboards, one module each, and the datasets that they share."""

from dashboards.spec.agents import AGENTS
from dashboards.spec.datasets import DATASETS
from dashboards.spec.operations import OPERATIONS
from dashboards.spec.service_level import SERVICE_LEVEL

DASHBOARDS = (SERVICE_LEVEL, AGENTS, OPERATIONS)

__all__ = ["DASHBOARDS", "DATASETS"]
