"""The roster: who is in it, how loaded, what is missing; the same as a workbook; a new card."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.clock import today
from cabinet.core.fragments import wants_fragment
from cabinet.core.search import squeeze
from cabinet.files.services import hand_out
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry, User, UserQuerySet
from cabinet.users.services import record
from rma.exports import write_roster
from rma.filters.roster import KEEPERS, MemberFilter, sorted_members
from rma.forms.roster import NewMemberForm
from rma.models import Member
from rma.models.member import READERS
from rma.services.cards import formal_words, lacks_words
from rma.services.editing import open_card
from rma.services.roster import RosterRefused

PAGE_SIZE = 25
PEOPLE_SHOWN = 30


@require_safe
@vary_on_headers("HX-Request")  # the page and its fragment share an address; caches must not mix them
@roles_required(*READERS)
def member_list(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    found = MemberFilter(request.GET, queryset=Member.objects.visible_to(user), user=user)
    keys = sorted_members(found.rows, request.GET.get("sort", "")).values_list("pk", flat=True)
    # Counted apart: the order's own counts of requests and indicators are no part of it.
    page = Paginator(keys, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "filter": found,
        "page": page,
        "rows": rows_of(list(page.object_list)),
        "keeps": bool(user.roles & KEEPERS),
        "may_edit": "admin" in user.roles,
    }
    template = "rma/roster/list.html" + ("#results" if wants_fragment(request) else "")
    return render(request, template, context)


def rows_of(keys: list[int]) -> list[Member]:
    """The members of a page, in its order, with all that a line shows: four queries, whatever their number."""
    found = (
        Member.objects.filter(pk__in=keys)
        .order_by()
        .select_related("user__organization__municipality__territory", "user__position")
        .prefetch_related("subjects", "roles")
        .with_indicators(today())
    )
    loads = dict(Member.objects.filter(pk__in=keys).order_by().with_load().values_list("pk", "load"))  # type: ignore[misc]
    for member in found:
        member.load = loads[member.pk]
        member.formal, member.lacks = formal_words(member).partition(":")[0], lacks_words(member)  # type: ignore[attr-defined]
    by_key = {member.pk: member for member in found}
    return [by_key[key] for key in keys]


@require_safe
@roles_required(*KEEPERS)
def roster_excel(request: HttpRequest) -> HttpResponse:
    """Whole cards with orders and addresses: of the members one keeps, whoever else the page shows."""
    user: Any = request.user
    found = MemberFilter(request.GET, queryset=Member.objects.kept_by(user), user=user)
    target = BytesIO()
    count = write_roster(target, sorted_members(found.rows, request.GET.get("sort", "")), today())
    record(LogEntry.Action.EXPORTED, note=f"методисты РМА, строк: {count}", request=request)
    return hand_out(target.getvalue(), f"Методисты РМА {today():%Y-%m-%d}.xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required("admin")
def member_new(request: HttpRequest) -> HttpResponse:
    """A person is found by name first; `?person=` opens the form of his card."""
    user: Any = request.user
    people = User.objects.visible_to(user).filter(is_active=True, merged_into=None)
    people = people.select_related("organization__municipality", "position", "rma_member")
    asked = request.POST.get("person") or request.GET.get("person", "")
    if not asked:
        return _choose(request, people)
    person = get_object_or_404(people, pk=int(asked) if asked.isdecimal() and len(asked) < 10 else 0)
    former = Member.objects.filter(user=person).first()
    if former is not None:
        messages.info(request, "Карточка у этого человека уже есть, она открыта здесь.")
        return redirect(former)
    form = NewMemberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            member = open_card(person, **form.cleaned_data, actor=user)
        except RosterRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Карточка заведена. Добавьте роли, функции и показатели.")
            return redirect(member)
    context = {"form": form, "person": person}
    return render(request, "rma/roster/new.html", context, status=422 if form.errors else 200)


def _choose(request: HttpRequest, people: UserQuerySet) -> HttpResponse:
    text = squeeze(request.GET.get("q", ""))[:100]
    found = list(people.search(text).order_by("name_key", "pk")[: PEOPLE_SHOWN + 1]) if text else []
    context = {"people": found[:PEOPLE_SHOWN], "is_cut": len(found) > PEOPLE_SHOWN, "q": text}
    return render(request, "rma/roster/new_person.html", context)
