"""Expressions of marts' declarations: the part of SQL that Python reads alike."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any


class ExplainError(ValueError):
    """The question can't be answered as asked; the message says what can be."""


_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@cache
def _parsed(expression: str) -> ast.expr:
    try:
        return ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise ExplainError(f"not an expression of names, numbers, + - * /, and, or, not: {expression}") from error


def names_in(expression: str) -> set[str]:
    """Columns that an expression names."""
    return {node.id for node in ast.walk(_parsed(expression)) if isinstance(node, ast.Name)}


def evaluate(expression: str, values: Mapping[str, Any]) -> Any:
    """Value of an expression of names, numbers, + - * /, and, or, not, `name in ('text')`.

    Raises ExplainError for anything else.
    """

    def value(node: ast.expr) -> Any:
        match node:
            case ast.Name():
                return values[node.id]
            case ast.Constant(value=int() | float() as number):
                return number
            case ast.BinOp() if type(node.op) in _OPERATORS:
                return _OPERATORS[type(node.op)](value(node.left), value(node.right))
            case ast.BoolOp(op=ast.And()):
                return all(value(part) for part in node.values)
            case ast.BoolOp():
                return any(value(part) for part in node.values)
            case ast.UnaryOp(op=ast.Not()):
                return not value(node.operand)
            case ast.Compare(
                left=ast.Name() as name, ops=[ast.In()], comparators=[ast.Constant() | ast.Tuple() as among]
            ):
                # `state in ('late')`, which SQL and Python read differently, is one of one here too.
                texts = among.elts if isinstance(among, ast.Tuple) else [among]
                return value(name) in [text.value for text in texts if isinstance(text, ast.Constant)]
        raise ExplainError(f"not an expression of names, numbers, + - * /, and, or, not: {expression}")

    return value(_parsed(expression))
