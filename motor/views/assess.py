"""The checklist page, for the school's methodist and for the regional one."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from cabinet.structure.models import Topic
from cabinet.users.models import User
from motor.forms import ChecklistForm
from motor.forms.checklist import initial_of
from motor.forms.queue import Step
from motor.models import Case, Checklist, Status
from motor.services import MoveRefused, save_rma_checklist, save_school_checklist
from motor.services.queue import Line, Place, has_saved, lines_of, place_of, was_with
from motor.services.story import Story, material_of
from motor.services.studied import Studied, studied_before, with_studied
from motor.views.queue import ASSESSORS

TOPICS = 200


@require_http_methods(["GET", "HEAD", "POST"])
def checklist(request: HttpRequest, pk: int) -> HttpResponse:
    """One page beside the teacher's own words and evidence; from one of the queue to the next."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    case = get_object_or_404(Case.objects.visible_to(user).with_names(), pk=pk)
    run = _run(request, user, case)
    kind = _kind(case, user)
    if kind is None:
        return _moved_on(request, user, run)
    story, studied = material_of(case), studied_before(case, user)
    form = _form(request, case, kind, studied, story)
    if form.is_valid() and _save(form, user):
        messages.success(request, _saved(request, run, user))
        return _go_on(request, run)
    context = {
        "case": case,
        "form": form,
        "run": run,
        "story": story,
        "studied": [(one, form.counts(one)) for one in studied],
        "draft": draft_name(user, case),
        "is_rma": kind == Checklist.AssessorKind.RMA,
        **_beside(request, case),
    }
    return render(request, "motor/checklist.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True)
class Run:
    """This checklist among the others that wait for the same person."""

    case: Case
    step: Step
    place: Place

    @property
    def is_last(self) -> bool:
        return self.place.next_pk is None

    @property
    def next_address(self) -> str:
        """After this one is saved: the next, or the queue when it was the last."""
        place = self.place
        if place.next_pk is None:
            return reverse("motor:queue") + self.step.address(done=True)
        kept = self.step.address(total=place.total, skipped=place.skipped)
        return reverse("motor:checklist", args=[place.next_pk]) + kept

    @property
    def skip_address(self) -> str:
        """The next without saving this one; it comes again at the end."""
        skipped = (*self.place.skipped, self.case.pk)
        kept = self.step.address(total=self.place.total, skipped=skipped)
        return reverse("motor:checklist", args=[self.place.next_pk]) + kept

    @property
    def queue_address(self) -> str:
        return reverse("motor:queue") + self.step.address()


def _run(request: HttpRequest, user: User, case: Case) -> Run:
    step = Step(request.GET)
    here = Line(case.pk, case.completion.course.programme_id)
    lines = lines_of(user, step.choice)
    place = place_of(here, lines, skipped=step.skipped, total=step.total, by_due=step.choice.by_due)
    return Run(case, step, place)


def _form(request: HttpRequest, case: Case, kind: str, studied: list[Studied], story: Story) -> ChecklistForm:
    """The form as it was sent; or, before that, with the visits made filled in.

    «Учесть» sends the whole form too, so that what was typed stays; by a link, `?use=` does the same.
    """
    if request.method == "POST" and "use" not in request.POST:
        form = ChecklistForm(case, kind, request.POST)
    elif request.method == "POST":
        chosen = [one for one in studied if one.code == request.POST["use"]]
        form = ChecklistForm(case, kind, initial=with_studied(request.POST.dict(), chosen))
    else:
        wanted = request.GET.get("use", "")
        chosen = [one for one in studied if one.is_planned_here or one.code == wanted]
        sent_back = _sent_back(case, kind) if any(one.move == "return_school" for one in story.history) else None
        form = ChecklistForm(case, kind, initial=with_studied(initial_of(sent_back) if sent_back else {}, chosen))
    form.brought = story.evidence
    return form


def _beside(request: HttpRequest, case: Case) -> dict[str, Any]:
    return {
        # «Учесть» only fills in: what changed meanwhile is still to be told when the checklist is saved.
        "revision": request.POST.get("revision", "") if "use" in request.POST else case.revision,
        "topics": Topic.objects.order_by("name").values_list("name", flat=True)[:TOPICS],
    }


def _sent_back(case: Case, kind: str) -> Checklist | None:
    """What this kind of assessor said before the case came back to him."""
    return case.checklists.filter(version=case.version, assessor_kind=kind, superseded_at__isnull=False).last()


def _save(form: ChecklistForm, user: User) -> bool:
    """A refusal stays on the page with what was typed."""
    case = form.case
    try:
        if form.kind == Checklist.AssessorKind.SCHOOL:
            save_school_checklist(case, form.answers(), assessor=user, member=form.member)
        else:
            save_rma_checklist(case, form.answers(), assessor=user)
    except MoveRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _saved(request: HttpRequest, run: Run, user: User) -> SafeString:
    """For whom, with the way back or on; a copy kept by the browser is let go."""
    is_there = _goes_on(request) or run.is_last
    onward = "" if is_there else format_html(' <a href="{}">Следующий чек-лист</a>', run.next_address)
    return format_html(
        'Чек-лист сохранён: <a href="{}">{}</a>.{}<span data-forget="{}"></span>',
        run.case.get_absolute_url(),
        run.case.person.full_name,
        onward,
        draft_name(user, run.case),
    )


def draft_name(user: User, case: Case) -> str:
    """Under which the browser keeps what is typed and not sent: another person at the same computer has another."""
    return f"checklist.{user.pk}.{case.pk}.{case.version}"


def _goes_on(request: HttpRequest) -> bool:
    return request.POST.get("then") == "next"


def _go_on(request: HttpRequest, run: Run) -> HttpResponse:
    return redirect(run.next_address if _goes_on(request) else run.case)


def _moved_on(request: HttpRequest, user: User, run: Run) -> HttpResponse:
    """No longer this person's to fill in: whoever had it open is told and goes on; for a stranger there is nothing."""
    case = run.case
    is_stale = request.POST.get("revision", str(case.revision)) != str(case.revision)
    had_it_open = request.method == "POST" or run.step.is_run
    is_known = was_with(case, user) or (is_stale and user.roles & set(ASSESSORS))
    if case.person_id == user.pk or not (had_it_open and is_known):
        raise Http404
    if has_saved(case, user):
        messages.info(request, format_html("Чек-лист уже сохранён: {}.", case.person.full_name))
    else:
        text = 'Чек-лист не сохранён: карта «<a href="{}">{}</a>» больше не ждёт его. Сейчас она в состоянии «{}».'
        words = (case.get_absolute_url(), case.person.full_name, case.get_status_display())
        messages.warning(request, format_html(text, *words))
    return redirect(run.next_address) if run.step.is_run and request.method != "POST" else _go_on(request, run)


def _kind(case: Case, user: User) -> str | None:
    """Which checklist this person fills in now."""
    if case.person_id == user.pk:
        return None
    if case.status == Status.SCHOOL_REVIEW and case.responsible_id == user.pk:
        return Checklist.AssessorKind.SCHOOL
    if case.status == Status.RMA_REVIEW and case.rma_member and case.rma_member.user_id == user.pk:
        return Checklist.AssessorKind.RMA
    return None
