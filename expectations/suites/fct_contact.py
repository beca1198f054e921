"""Contacts about to be published: small counts per source and unpublished day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expectations.rules import between

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def suite(settings: dict[str, dict[str, Any]]) -> ExpectationSuite:
    """Judges `published.measure: fct_contact`."""
    from great_expectations import ExpectationSuite

    return ExpectationSuite(
        name="fct_contact",
        expectations=[
            # A contact has one visit or more; over midnight a few stand on the day before.
            between(
                "contacts_of_landed", "contacts for the landed visits", *settings["published"]["contacts_of_landed"]
            ),
        ],
    )
