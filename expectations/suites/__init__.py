"""One suite module per table.

A landed table has `RULES` and `suite(settings)`; landed tables without a module are judged by `any_entity`.
"""
