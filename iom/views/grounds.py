"""What a route stands on: a course, a diagnosis, a request in words; added and taken away by those who build it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from cabinet.courses.models import Completion
from cabinet.users.asking import number
from iom.forms.design import RequestForm
from iom.models import Diagnosis, Ground, Route
from iom.moves import Refused
from iom.services import lines
from iom.services.creating import Grounds
from iom.views.design import Unsaved, route_to_build
from iom.views.design_lines import back_to, not_saved, refused, taken_away


@require_POST
def ground_add(request: HttpRequest, pk: int) -> HttpResponse:
    """`course` or `diagnosis` names one of those offered; without them it is a request in words."""
    route = route_to_build(request, pk)
    unsaved = None
    if "course" in request.POST:
        courses = Completion.objects.filter(person=route.person_id).select_related("course__programme")
        grounds = Grounds(completions=[get_object_or_404(courses, pk=number(request.POST["course"]))])
    elif "diagnosis" in request.POST:
        seen = Diagnosis.objects.visible_to(request.user).filter(person=route.person_id)
        grounds = Grounds(diagnoses=[get_object_or_404(seen, pk=number(request.POST["diagnosis"]))])
    else:
        form = RequestForm(request.POST)
        unsaved = Unsaved("ground", form)
        if not form.is_valid():
            return not_saved(request, route, unsaved)
        grounds = Grounds(request=form.cleaned_data["request"])
    try:
        lines.add_grounds(route, grounds)
    except Refused as refusal:
        return refused(request, route, refusal, unsaved)
    return back_to(request, route, "grounds")


@require_POST
def ground_remove(request: HttpRequest, pk: int) -> HttpResponse:
    routes = Route.objects.helpable_by(request.user).filter(is_outside=False).order_by().values("pk")
    ground = get_object_or_404(Ground.objects.filter(route__in=routes).select_related("route"), pk=pk)
    try:
        taken = lines.remove_ground(ground)
    except Refused as refusal:
        return refused(request, ground.route, refusal)
    return taken_away(request, ground.route, taken, "grounds")
