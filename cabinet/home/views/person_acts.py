"""What is done to a card: a new one, contacts, another name or organization, leaving and coming back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cabinet.home.forms.people import ContactsForm, LeaveForm, MoveForm, NewPersonForm, RenameForm
from cabinet.home.services.leaving import come_back, leave, look_at_leaving
from cabinet.home.services.moving import (
    Move,
    communities_left_behind,
    look_at_move,
    look_at_rename,
    move_person,
    rename_person,
    roles_left_behind,
)
from cabinet.home.services.people import KEEPERS, editable_by, listed_to, reachable_by
from cabinet.home.services.person_changes import CardsAlike, add_person, change_card, stamp
from cabinet.home.services.rehearsing import ActRefused
from cabinet.users.decorators import roles_required
from cabinet.users.models import User

Context = dict[str, Any]
BOTH = ["GET", "HEAD", "POST"]


def typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def in_two_steps(
    request: HttpRequest, form: Any, context: Context, *, look: Callable[[], Context], act: Callable[[], object]
) -> HttpResponse | None:
    """First what will happen, then the deed; None once it is done. A refusal stands at the form, nothing is lost.

    «Найти» shows the form again with what was found: nothing is wrong with it yet.
    """
    if getattr(form, "is_search", False):
        return render(request, "home/people/form.html", context | {"form": form, "searched": True})
    if form.is_bound and form.is_valid():
        try:
            if request.POST.get("do") == "write":
                act()
                return None
            if request.POST.get("do") != "edit":
                return render(request, "home/people/confirm.html", context | {"form": form} | look())
        except ActRefused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "home/people/form.html", context | {"form": form}, status=422 if form.errors else 200)


def kept(request: HttpRequest, pk: int) -> Any:
    """The card, if it is this person's to keep; nobody moves, renames or dismisses himself."""
    people = editable_by(request.user).select_related("organization__municipality", "position")
    user: Any = request.user
    return get_object_or_404(people.exclude(pk=user.pk), pk=pk)


@require_http_methods(BOTH)
@roles_required(*KEEPERS)
def person_new(request: HttpRequest) -> HttpResponse:
    """Cards alike are shown before the new one is written."""
    user: Any = request.user
    form = NewPersonForm(typed(request), actor=user)
    similar: list[Any] = []
    if form.is_bound and not form.is_search and form.is_valid():
        is_sure = request.POST.get("sure") == "yes"
        try:
            person = add_person(form.answers(), actor=user, is_sure=is_sure, request=request)
        except CardsAlike as found:
            similar = found.similar
        except ActRefused as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, "Карточка заведена. Здесь же можно открыть вход и дать роль.")
            return redirect("home:person", person.pk)
    wrong = bool(form.is_bound and not form.is_search and form.errors)
    context = {"form": form, "similar": similar, "wrong": wrong}
    return render(request, "home/people/new.html", context, status=422 if wrong else 200)


@require_http_methods(BOTH)
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    person = get_object_or_404(reachable_by(user).select_related("organization"), pk=pk)
    is_kept = editable_by(user).filter(pk=pk).exists()
    form = ContactsForm(typed(request), instance=person, is_kept=is_kept)
    if form.is_bound and form.is_valid():
        seen = form.cleaned_data["seen"]
        try:
            changed = change_card(person, form.values, seen=seen, actor=user, request=request)
        except ActRefused as refusal:
            person = User.objects.select_related("organization").get(pk=pk)
            # What was typed stays; saved once more, it goes over what somebody else has just written.
            again = request.POST.copy()
            again["seen"] = stamp(person)
            form.data = again
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Карточка сохранена." if changed else "Ничего не изменилось.")
            return redirect("home:person", pk)
    person = User.objects.select_related("organization").get(pk=pk)  # a form that is checked writes into its card
    context = {"form": form, "person": person, "title": "Контакты и должность" if is_kept else "Контакты"}
    return render(request, "home/people/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(BOTH)
@roles_required(*KEEPERS)
def person_move(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    person = kept(request, pk)
    held = {"roles": roles_left_behind(person), "communities": communities_left_behind(person)}
    form = MoveForm(typed(request), actor=user, person=person, **held)

    def wanted() -> Move:
        ending, quitting = (
            frozenset(one.pk for one in form.cleaned_data.get(name, ())) for name in ("ending", "quitting")
        )
        return Move(form.cleaned_data["organization"], ending, quitting, form.cleaned_data["comment"])

    def look() -> Context:
        outlook = look_at_move(person, wanted(), actor=user)
        return {"outlook": outlook, "seen": outlook.fingerprint(person.pk, wanted().organization.pk)}

    told = False

    def act() -> None:
        nonlocal told
        told = move_person(person, wanted(), actor=user, seen=request.POST.get("seen", ""))

    page = {
        "person": person,
        "title": "Другая организация",
        "button": "Перевести",
        "what": "move",
        "picks": "organization",
    }
    answer = in_two_steps(request, form, page, look=look, act=act)
    return answer or _back(request, pk, "Человек переведён, письма отправлены." if told else "Человек переведён.")


def _back(request: HttpRequest, pk: int, said: str) -> HttpResponse:
    """After a move the card may be out of this reader's sight."""
    messages.success(request, said)
    is_seen = listed_to(request.user).filter(pk=pk).exists()
    return redirect("home:person", pk) if is_seen else redirect("home:people")


@require_http_methods(BOTH)
@roles_required(*KEEPERS)
def person_rename(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    person = kept(request, pk)
    names = ("last_name", "first_name", "patronymic")
    form = RenameForm(typed(request), initial={name: getattr(person, name) for name in names})

    def act() -> None:
        values = [form.cleaned_data[name] for name in names]
        rename_person(person, *values, keeps_former=not form.cleaned_data["is_slip"], actor=user)

    def look() -> Context:
        parts = [form.cleaned_data[name] for name in names]
        twins = _twins(person, " ".join(part for part in parts if part), user)
        keeps = not form.cleaned_data["is_slip"] and parts[0] != person.last_name
        return {"outlook": look_at_rename(person, user), "new_name": " ".join(parts), "twins": twins, "keeps": keeps}

    page = {"person": person, "title": "Другая фамилия или имя", "button": "Сохранить имя", "what": "rename"}
    answer = in_two_steps(request, form, page, look=look, act=act)
    return answer or _back(request, pk, "Имя сохранено.")


def _twins(person: User, name: str, reader: User) -> list[User]:
    """Others of the same name in the same place: perhaps a second card of this very person."""
    others = listed_to(reader).search(name).filter(organization=person.organization).exclude(pk=person.pk)
    return list(others.order_by("pk")[:5]) if person.organization_id else []


@require_http_methods(BOTH)
@roles_required(*KEEPERS)
def person_leave(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    person = kept(request, pk)
    if not person.is_active:
        messages.info(request, "Уже отмечено, что человек больше не работает.")
        return redirect("home:person", pk)
    form = LeaveForm(typed(request))

    def look() -> Context:
        outlook = look_at_leaving(person, actor=user)
        return {"outlook": outlook, "seen": outlook.fingerprint(person.pk)}

    def act() -> None:
        leave(person, actor=user, why=form.cleaned_data["why"], seen=request.POST.get("seen", ""))

    page = {
        "person": person,
        "title": "Больше не работает",
        "button": "Отметить, что не работает",
        "what": "leave",
        "is_loss": True,
    }
    answer = in_two_steps(request, form, page, look=look, act=act)
    return answer or _back(request, pk, "Отмечено. Вернуть можно здесь же.")


@require_http_methods(BOTH)
@roles_required(*KEEPERS)
def person_return(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    person = kept(request, pk)
    if request.method == "POST":
        if come_back(person, actor=user):
            messages.success(request, "Человек снова работает. Роли, если нужны, дайте заново.")
        return redirect("home:person", pk)
    if person.is_active:
        raise Http404
    context = {
        "title": "Снова работает",
        "text": f"{person.full_name}: карточка откроется, вход заработает по прежнему адресу. Роли, участие в "
        "сообществах и прекращённые карты сами не вернутся: роли дают в карточке, карту возобновляет администратор.",
        "action_label": "Вернуть",
        "cancel_url": reverse("home:person", args=[pk]),
    }
    return render(request, "components/confirm.html", context)
