"""Pages that belong to some roles only: for everybody else they do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def roles_required(*roles: str) -> Callable[[View], View]:
    """404 for a signed-in user without any of the roles: the answer must not tell what is there."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not getattr(request.user, "roles", frozenset()) & set(roles):
                raise Http404
            return view(request, *args, **kwargs)

        return wrapped

    return decorate
