"""The page of a route."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from cabinet.users.asking import reader
from iom.forms.carrying import ReturnForm, SubmitForm
from iom.models import Route, RouteItem
from iom.moves import IN_HAND
from iom.services.helping import asked_for_help, help_kinds
from iom.services.story import Rights, Story, story_of
from iom.views.acts import acts_for
from iom.views.items import ACTS
from iom.views.looks import note_look


@require_safe
def route_detail(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    here = {"pk": OuterRef("pk")}
    routes: Any = Route.objects.visible_to(user).with_names()
    # What the reader may do, asked of the same querysets as the acts themselves, in the query of the row.
    route = get_object_or_404(
        routes.annotate(
            is_checked=Exists(Route.objects.checkable_by(user).filter(**here)),
            is_approved=Exists(Route.objects.approvable_by(user).filter(**here)),
            is_asked=Exists(asked_for_help().filter(person=OuterRef("person"))),
        ),
        pk=pk,
    )
    if route.is_outside:
        return redirect("iom:outside", pk)
    note_look(request, route)
    rights = Rights(route.person_id == user.pk, route.is_checked, route.is_approved)
    by_deficit = request.GET.get("by") == "deficit"
    story = story_of(route, user, rights, by_deficit=by_deficit)
    _offer(story)
    context = {"route": route, "story": story, "by_deficit": by_deficit, "acts": acts_for(route, rights)}
    context["help_kinds"] = help_kinds(route, user) if rights.is_helper else []
    return render(request, "iom/route_detail.html", context)


def _offer(story: Story) -> None:
    """Beside every item: the form of the next act, and links to the pages of the others with what they are called."""
    for item in story.items:
        offered = [name for name, act in ACTS.items() if item.status in act.when and _may(story, item, name)]
        main = {"start"}
        item.submit_form = SubmitForm(item) if "submit" in offered else None  # type: ignore[attr-defined]
        item.return_form = ReturnForm(item) if "return" in offered else None  # type: ignore[attr-defined]
        item.may_start = "start" in offered  # type: ignore[attr-defined]
        item.may_confirm = "confirm" in offered and item.status == RouteItem.Status.SUBMITTED  # type: ignore[attr-defined]
        main |= {"submit", "return"} | ({"confirm"} if item.may_confirm else set())  # type: ignore[attr-defined]
        item.may_give = story.may_check and item.is_agreed and item.status not in RouteItem.FINISHED  # type: ignore[attr-defined]
        item.offered = [(name, _label(item, name), ACTS[name].is_loss) for name in offered if name not in main]  # type: ignore[attr-defined]


def _label(item: RouteItem, name: str) -> str:
    return "Уточнить, что изменилось" if name == "practice" and item.is_in_practice else ACTS[name].title


def _may(story: Story, item: RouteItem, name: str) -> bool:
    if story.route.status == "archived" or not (item.is_agreed or name.startswith("practice")):
        return False
    if name in ("start", "submit"):
        return story.may_do and item.status in IN_HAND
    if name == "practice_off":
        return story.rights.is_helper and item.is_in_practice
    return story.rights.is_helper if name == "practice" else story.may_check
