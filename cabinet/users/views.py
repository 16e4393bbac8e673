"""Pages of people."""

from django.http import Http404, HttpRequest, HttpResponse


def not_here(request: HttpRequest) -> HttpResponse:
    """In the place of a page that a package brings and the cabinet does without."""
    raise Http404
