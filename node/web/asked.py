"""The search that a request asks for, and the refusal of what cannot be understood in it."""

from collections.abc import Sequence

from flask import Response, request

from node.services.question import Problem, Question, read
from node.web.errors import problem
from node.web.i18n import PARAMETER, current_language


def ask(*extra: str) -> tuple[Question, Response | None]:
    """Return the question of this request's parameters, and a refusal when some are bad.

    Args:
        extra: names of parameters that mean something else and are no mistake.
    """
    question, problems = read(request.args.to_dict(flat=False), extra=(PARAMETER, *extra))
    return question, bad_parameters(problems) if problems else None


def bad_parameters(problems: Sequence[Problem]) -> Response:
    """Return the problem document that names what cannot be understood."""
    language = current_language()
    errors = [
        {
            "parameter": item.parameter,
            "detail": item.messages.get(language) or item.messages["en"],
        }
        for item in problems
    ]
    return problem(400, "Bad parameters", errors[0]["detail"], errors=errors)
