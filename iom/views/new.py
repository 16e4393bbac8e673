"""Beginning a route: for whom, from what, on what grounds."""

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from cabinet.core.search import squeeze
from cabinet.users.asking import number, reader
from cabinet.users.models import User, UserQuerySet
from iom.forms.new import NewForm
from iom.models import Route
from iom.moves import Refused
from iom.services.creating import Grounds, create_route, known_header
from iom.services.helping import people_helped_by

SHOWN = 30


@require_http_methods(["GET", "HEAD", "POST"])
def new_route(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    people = people_helped_by(user)
    asked = request.POST.get("person") or request.GET.get("person", "")
    if not asked and user.roles - {"teacher", "head", "municipal", "curator", "observer"}:
        return _choose(request, people, user)
    person = _person(people, asked or str(user.pk))
    running = person.routes.running().first()
    if running is not None:
        messages.info(request, "Действующий маршрут уже есть, он открыт здесь: двух одновременно не бывает.")
        is_built = Route.objects.designable_by(user).filter(pk=running.pk).exists()
        return redirect("iom:design", running.pk) if is_built else redirect(running)
    template = request.GET.get("template", "")
    typed = request.POST if request.method == "POST" else None
    form = NewForm(user, person, typed, template, request.GET.get("diagnosis", ""))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("iom:design", _create(user, person, form).pk)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {"person": person, "form": form, "known": known_header(person)}
    return render(request, "iom/new.html", context, status=422 if form.is_bound else 200)


def _person(people: UserQuerySet, asked: str) -> User:
    return get_object_or_404(people.select_related("organization", "position", "subject"), pk=number(asked))


def _create(user: User, person: User, form: NewForm) -> Route:
    data = form.cleaned_data
    template = form.chosen_template()
    return create_route(
        person,
        author=user,
        grounds=Grounds(list(data["courses"]), list(data["diagnoses"]), data["request"]),
        template=template.versions.first() if template else None,
        previous=form.chosen_former(),
        wish=data["request"],
    )


def _choose(request: HttpRequest, people: UserQuerySet, user: User) -> HttpResponse:
    text = squeeze(request.GET.get("q", ""))[:100]
    running = Route.objects.running().filter(person=OuterRef("pk"))
    free = people.filter(~Exists(running), organization__isnull=False)
    found = list(
        free.search(text)
        .select_related("organization", "subject")
        .order_by("last_name", "first_name", "pk")[: SHOWN + 1]
    )
    context = {
        "people": found[:SHOWN],
        "is_cut": len(found) > SHOWN,
        "q": text,
        "template": request.GET.get("template", ""),
    }
    return render(request, "iom/new_person.html", context)
