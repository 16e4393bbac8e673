"""From the case to the teacher's route: one click each."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from cabinet.users.models import User
from iom.models import Route
from iom.moves import Refused
from motor.models import Case
from motor.services.planning import FIELDS, add_to_plan, join_route, words_of


@require_POST
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """With `kind` and `source` the words become a line of the route; without them a follow-up step takes it up."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    cases = Case.objects.visible_to(user).filter(Q(person=user) | Q(responsible=user))
    case = get_object_or_404(cases.select_related("person__organization", "completion__course__programme"), pk=pk)
    kind = request.POST.get("kind", "")
    try:
        if not kind:
            route = join_route(case, actor=user, is_revised=request.POST.get("act") == "revise")
            is_built = Route.objects.designable_by(user).filter(pk=route.pk).exists()
            return redirect("iom:design", route.pk) if is_built else redirect(route)
        survey = case.surveys.submitted().prefetch_related("changes").last()
        words = words_of(survey, request.POST.get("source", "")) if survey else ""
        if kind not in FIELDS or not words:
            raise Http404
        route = add_to_plan(case, kind, words, actor=user)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect(case)
    where = "цели" if kind == "goal" else "мероприятия"
    version = f" (новая версия {route.version}, открыта актуализация)" if route.status == "revision" else ""
    address = reverse("iom:design", args=[route.pk])
    messages.success(
        request, format_html('Добавлено в {} маршрута{}. <a href="{}">Открыть маршрут</a>', where, version, address)
    )
    return redirect(case)
