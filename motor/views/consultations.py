"""Group consultations: the list, one of them, and writing a new one down with a preview first."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.users.decorators import roles_required
from cabinet.users.models import User
from motor.forms.consultation import ConsultationForm
from motor.models import Case, CaseQuerySet, Consultation
from motor.services.consultations import consultable_by, hold_consultation, plan_consultation

PAGE_SIZE = 25
CASES_SHOWN = 200
HOLDERS = ("methodist", "municipal", "admin")


@require_safe
def consultation_list(request: HttpRequest) -> HttpResponse:
    found = Consultation.objects.visible_to(request.user).select_related("member__user", "author")
    found = found.annotate(people=Count("cases"))
    page = Paginator(found.order_by("-on", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    can_add = bool(getattr(request.user, "roles", frozenset()) & set(HOLDERS))
    return render(request, "motor/consultation_list.html", {"page": page, "can_add": can_add})


@require_safe
def consultation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    found = Consultation.objects.visible_to(request.user).select_related("member__user", "author")
    consultation = get_object_or_404(found, pk=pk)
    people = consultation.cases.count()
    cases = Case.objects.visible_to(request.user).filter(consultations=consultation).with_names()
    page = Paginator(cases.order_by("person__name_key", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "consultation": consultation,
        "page": page,
        "people": people,
        "hidden": people - page.paginator.count,
        "sees_note": _sees_note(request, consultation, cases),
    }
    return render(request, "motor/consultation_detail.html", context)


def _sees_note(request: HttpRequest, consultation: Consultation, cases: CaseQuerySet) -> bool:
    """Whoever wrote it, led the meeting or works with a participant; never one who only took part."""
    user = request.user
    leads = consultation.member is not None and consultation.member.user_id == user.pk
    return consultation.author_id == user.pk or leads or cases.exclude(person=user.pk).exists()


@roles_required(*HOLDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def consultation_new(request: HttpRequest) -> HttpResponse:
    """«Показать, что изменится», then «Записать»; «Изменить» goes back with everything as it was typed."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    cases = consultable_by(user).with_names().select_related("completion__course__programme__topic")
    cases = cases.order_by("person__name_key", "pk")
    form = ConsultationForm(cases, request.POST if request.method == "POST" else None)
    if not form.is_bound or request.POST.get("do") == "edit" or not form.is_valid():
        return _form_page(request, form, cases)
    chosen = list(form.cleaned_data["cases"])
    if request.POST.get("do") != "write":
        context = {"form": form, "plan": plan_consultation(chosen), "meeting": form.meeting}
        return render(request, "motor/consultation_preview.html", context)
    consultation, left = hold_consultation(form.meeting, chosen, author=user)
    messages.success(request, "Консультация записана.")
    if left:
        names = ", ".join(case.person.short_name for case in left)
        messages.warning(request, f"Карты тем временем изменились и остались как были: {names}.")
    return redirect("motor:consultation", consultation.pk)


def _form_page(request: HttpRequest, form: ConsultationForm, cases: CaseQuerySet) -> HttpResponse:
    """With the cases of the chosen programme or topic; those already ticked stay in sight whatever is chosen."""
    rows = list(cases[:CASES_SHOWN])
    options = _options(rows)
    chosen = {name: request.GET.get(name, "") for name in options}
    shown = [case for case in rows if str(case.pk) in form.ticked or _fits(case, chosen)]
    plan = plan_consultation(shown)
    context = {
        "form": form,
        "rows": [(case, "") for case in plan.ends] + plan.notes,
        "options": [(name, label, options[name], chosen[name]) for name, label in FILTERS],
        "total": len(rows),
        "is_cut": len(rows) == CASES_SHOWN,
    }
    is_refused = form.is_bound and request.POST.get("do") != "edit"
    return render(request, "motor/consultation_form.html", context, status=422 if is_refused else 200)


FILTERS = (("programme", "Программа"), ("topic", "Тематика"))


def _options(cases: list[Case]) -> dict[str, list[tuple[str, str]]]:
    """Programmes and topics of the user's own cases: a list of choices leaks names."""
    programmes = {case.completion.course.programme for case in cases}
    topics = {one.topic for one in programmes if one.topic}
    return {
        "programme": sorted(((str(one.pk), one.title) for one in programmes), key=lambda pair: pair[1]),
        "topic": sorted(((str(one.pk), one.name) for one in topics), key=lambda pair: pair[1]),
    }


def _fits(case: Case, chosen: dict[str, Any]) -> bool:
    programme = case.completion.course.programme
    return chosen["programme"] in ("", str(programme.pk)) and chosen["topic"] in ("", str(programme.topic_id))
