"""A regional methodist's own first page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cabinet.home.services.member_page import member_page
from cabinet.users.models import User


@require_safe
def own_work(request: HttpRequest) -> HttpResponse:
    user = request.user
    page = member_page(user) if isinstance(user, User) and "regional" in user.roles else None
    if page is None:
        raise Http404
    return render(request, "home/member/page.html", {"page": page})
