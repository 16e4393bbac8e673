"""The checklist page, for the school's methodist and for the regional one."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from cabinet.structure.models import Topic
from cabinet.users.models import User
from motor.forms import ChecklistForm
from motor.forms.checklist import initial_of
from motor.models import Case, Checklist, Status
from motor.services import MoveRefused, save_rma_checklist, save_school_checklist
from motor.services.story import material_of
from motor.services.studied import Studied, studied_before, with_studied
from motor.views.queue import what_next


@require_http_methods(["GET", "HEAD", "POST"])
def checklist(request: HttpRequest, pk: int) -> HttpResponse:
    """One page beside the teacher's own words and evidence."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    case = get_object_or_404(Case.objects.visible_to(user).with_names(), pk=pk)
    kind = _kind(case, user)
    studied = studied_before(case, user)
    form = _form(request, case, kind, studied)
    if form.is_valid():
        try:
            if kind == Checklist.AssessorKind.SCHOOL:
                save_school_checklist(case, form.answers(), assessor=user, member=form.member)
            else:
                save_rma_checklist(case, form.answers(), assessor=user)
        except MoveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, format_html("Чек-лист сохранён.{}", what_next(user, case)))
            return redirect(case)
    context = {
        "case": case,
        "form": form,
        "story": material_of(case),
        "studied": [(one, form.counts(one)) for one in studied],
        "is_rma": kind == Checklist.AssessorKind.RMA,
        "topics": Topic.objects.order_by("name").values_list("name", flat=True)[:200],
    }
    return render(request, "motor/checklist.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, case: Case, kind: str, studied: list[Studied]) -> ChecklistForm:
    """The form as it was sent; or, before that, with the visits made filled in.

    «Учесть» sends the whole form too, so that what was typed stays; by a link, `?use=` does the same.
    """
    if request.method == "POST" and "use" not in request.POST:
        return ChecklistForm(case, kind, request.POST)
    if request.method == "POST":
        wanted = request.POST["use"]
        chosen = [one for one in studied if one.code == wanted]
        return ChecklistForm(case, kind, initial=with_studied(request.POST.dict(), chosen))
    wanted = request.GET.get("use", "")
    chosen = [one for one in studied if one.is_planned_here or one.code == wanted]
    sent_back = case.checklists.filter(version=case.version, assessor_kind=kind, superseded_at__isnull=False).last()
    return ChecklistForm(case, kind, initial=with_studied(initial_of(sent_back) if sent_back else {}, chosen))


def _kind(case: Case, user: User) -> str:
    """Which checklist this person fills in now; everybody else gets 404."""
    if case.person_id != user.pk:
        if case.status == Status.SCHOOL_REVIEW and case.responsible_id == user.pk:
            return Checklist.AssessorKind.SCHOOL
        if case.status == Status.RMA_REVIEW and case.rma_member and case.rma_member.user_id == user.pk:
            return Checklist.AssessorKind.RMA
    raise Http404
