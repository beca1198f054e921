"""The small centre of the model tests, for the marts of planning."""

from tests.models.conftest import bank, built_centre, centre

__all__ = ["bank", "built_centre", "centre"]
