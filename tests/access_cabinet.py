"""Lines of the access matrix: calendar, events, tasks, library, people, communities, polls, letters, search."""

from collections.abc import Callable
from typing import Any

from cabinet.library.models import CollectionItem
from cabinet.mail.models import Mailing
from cabinet.planner.models import CalendarFeed, TaskPoint
from cabinet.polls.models import Participant
from cabinet.structure.models import Community
from cabinet.users.models import Membership
from tests.access_line import ADMIN, EVERYBODY, NAMERS, NOBODY, ORGANIZERS, PLACERS, WITH_ROUTE, Line
from tests.access_rows import item_of_a_draft
from tests.access_world import World
from tests.factories import StoredFileFactory
from tests.home.communities import CommunityMemberFactory
from tests.library.materials import material_in, next_version
from tests.library.shelves import published, shelf
from tests.polls.polls import PollFactory, question_of

OFFERERS = EVERYBODY - {"observer"}
OWNER = frozenset({"teacher"})
KEEPERS = OWNER | ADMIN
PEOPLE_KEEPERS = frozenset({"municipal", "admin"})
CARD = EVERYBODY - {"regional", "observer"}
ASKED = ORGANIZERS | OWNER
WRITERS = frozenset({"municipal", "admin"})

# --- Rows of the world, made when they are asked for; each request is undone with them ----------------------------


def material(state: str = "published", *further: Any) -> Callable[[World], list[Any]]:
    """One of the teacher's, in a state."""

    def args(world: World) -> list[Any]:
        made = material_in(state, owner=world.near["teacher"], keeper=world.near["admin"])
        return [made.pk, *further]

    return args


def next_of_material(*further: Any) -> Callable[[World], list[Any]]:
    """A published one with a draft of its second version."""

    def args(world: World) -> list[Any]:
        made = material_in(owner=world.near["teacher"], keeper=world.near["admin"])
        next_version(made)
        return [made.pk, *further]

    return args


def web_material(world: World) -> list[Any]:
    return [published(owner=world.near["teacher"], link="https://example.org/x").pk]


def own_shelf(world: World) -> list[Any]:
    owner = world.near["teacher"]
    return [shelf(owner, published(owner=owner)).pk]


def item_of_shelf(world: World) -> list[Any]:
    # The same collection each time: rows are made before the request that is undone.
    return [CollectionItem.objects.filter(collection=own_shelf(world)[0]).latest("pk").pk]


def teacher(world: World) -> list[Any]:
    return [world.near["teacher"].pk]


def role_of_head(world: World) -> list[Any]:
    return [Membership.objects.get(user=world.near["head"], role="head").pk]


def community(world: World) -> list[Any]:
    """Of the school of those near."""
    school = world.near["head"].organization
    fields = {"name_key": "мо доступа", "organization": school, "defaults": {"name": "МО доступа"}}
    return [Community.objects.get_or_create(**fields)[0].pk]


def community_member(world: World) -> list[Any]:
    return [CommunityMemberFactory(community_id=community(world)[0]).pk]


def community_asker(world: World) -> list[Any]:
    return [*community(world), world.near["teacher"].pk]


def task(world: World) -> list[Any]:
    return [world.task.pk]


def point_of_task(world: World) -> list[Any]:
    return [world.task.pk, TaskPoint.objects.create(task=world.task, text="Тема").pk]


def file_of_task(world: World) -> list[Any]:
    return [world.task.pk, StoredFileFactory(owner=world.task, uploaded_by=world.task.author).public_id]


def event(world: World) -> list[Any]:
    return [world.event.pk]


def feed_link(world: World) -> list[Any]:
    return [CalendarFeed.objects.get_or_create(person=world.near["methodist"])[0].link]


def guest(world: World) -> dict[str, Any]:
    return {"add": world.near["teacher"].pk}


def poll_in(state: str, what: str = "pk", **fields: Any) -> Callable[[World], list[Any]]:
    """Of the methodist, who asks the teacher."""

    def args(world: World) -> list[Any]:
        author = world.near["methodist"]
        poll = PollFactory(author=author, organization=author.organization, state=state, **fields)
        question_of(poll)
        Participant.objects.create(poll=poll, person=world.near["teacher"])
        return [getattr(poll, what)]

    return args


def mailing(world: World) -> list[Any]:
    place = world.near["teacher"].organization.municipality_id
    fields = {"subject": "О конференции", "body": "Приходите", "author": world.near["municipal"]}
    return [Mailing.objects.create(audience={"scope": "municipality", "pk": place, "roles": []}, **fields).pk]


def mailing_ordered(world: World) -> list[Any]:
    [pk] = mailing(world)
    Mailing.objects.filter(pk=pk).update(state="ordered", recipients=1)
    return [pk]


CABINET = [
    # --- Letters: one's own choice, one letter to many -----------------------------------------------------------
    Line("mail:choices", EVERYBODY),
    Line("mail:mailings", WRITERS),
    Line("mail:mailing_new", WRITERS),
    Line("mail:mailing", WRITERS, mailing),
    Line("mail:mailing_edit", frozenset({"municipal"}), mailing),
    Line("mail:mailing_order", frozenset({"municipal"}), mailing, "post"),
    Line("mail:mailing_stop", WRITERS, mailing_ordered, "post"),
    Line("mail:mailing_delete", frozenset({"municipal"}), mailing),
    # --- Calendar ------------------------------------------------------------------------------------------------
    Line("home:calendar", EVERYBODY),
    Line("home:feed", EVERYBODY),
    Line("home:feed_create", EVERYBODY, method="post"),
    Line("home:feed_renew", EVERYBODY, method="post"),
    Line("home:feed_revoke", EVERYBODY, method="post"),
    Line("home:feed_ics", EVERYBODY, feed_link, is_public=True, has_scope=False),
    Line("home:event_ics", PLACERS | OWNER, event),
    # --- Library -------------------------------------------------------------------------------------------------
    Line("library:materials", EVERYBODY),
    Line("library:own", EVERYBODY),
    Line("library:new", OFFERERS),
    Line("library:material", EVERYBODY, material(), has_scope=False),
    Line("library:material", KEEPERS, material("offered")),
    Line("library:version", EVERYBODY, material("published", 1), has_scope=False),
    Line("library:version", KEEPERS, next_of_material(2)),
    Line("library:edit", OWNER, material("draft")),
    Line("library:edit", ADMIN, material()),
    Line("library:offer", OWNER, material("draft")),
    Line("library:delete", OWNER, material("draft")),
    Line("library:withdraw", OWNER, material("offered"), "post"),
    Line("library:version_edit", KEEPERS, next_of_material()),
    Line("library:version_offer", KEEPERS, next_of_material()),
    Line("library:version_delete", KEEPERS, next_of_material()),
    Line("library:version_withdraw", OWNER, next_of_material(), "post", may_be_missing=True),
    Line("library:queue", ADMIN),
    Line("library:decide", ADMIN, material("offered")),
    Line("library:archive", ADMIN, material()),
    Line("library:restore", ADMIN, material("archived")),
    Line("library:norms", EVERYBODY),
    Line("library:broken", ADMIN),
    Line("library:check_links", ADMIN, method="post"),
    Line("library:check_link", ADMIN, web_material, "post", has_scope=False),
    Line("library:relink", ADMIN, web_material, has_scope=False),
    Line("library:collections", EVERYBODY),
    Line("library:collection_new", EVERYBODY),
    Line("library:collection", OWNER, own_shelf),
    Line("library:collection_print", OWNER, own_shelf),
    Line("library:collection_edit", OWNER, own_shelf),
    Line("library:collection_delete", OWNER, own_shelf),
    Line("library:collection_item", OWNER, item_of_shelf, "post", lambda world: {"note": "Да"}),
    Line("library:collect", EVERYBODY, web_material, "post", lambda world: {"title": "Моя"}, has_scope=False),
    Line("iom:material_add", EVERYBODY, web_material, has_scope=False),
    Line("iom:item_library", WITH_ROUTE, item_of_a_draft),
    # --- Tasks ---------------------------------------------------------------------------------------------------
    Line("planner:tasks", EVERYBODY),
    Line("planner:add", EVERYBODY),
    Line(
        "planner:task",
        frozenset({"teacher", "head", "methodist", "mentor", "municipal", "admin"}),
        lambda world: [world.task.pk],
    ),
    Line("planner:bulk", EVERYBODY, None, "post"),
    # Kept in one's own session: tests/planner/test_task_bulk.py.
    Line("planner:bulk_result", NOBODY, lambda world: ["none"], has_scope=False),
    Line("planner:bulk_undo", NOBODY, lambda world: ["none"], "post", has_scope=False),
    Line("planner:edit", OWNER, task),
    Line("planner:take", OWNER, task, "post", lambda world: {"to": "work"}),
    Line("planner:waive", OWNER, task),
    Line("planner:attach", OWNER, task, "post"),
    Line("planner:detach", OWNER, file_of_task),
    Line("planner:point_add", OWNER, task, "post", lambda world: {"text": "Тема"}),
    Line("planner:point", OWNER, point_of_task, "post", lambda world: {"do": "tick"}),
    Line("planner:complete", OWNER, task, "post"),
    Line("planner:reopen", OWNER, task, "post"),
    # --- Events --------------------------------------------------------------------------------------------------
    Line("planner:events", EVERYBODY),
    Line("planner:event_new", EVERYBODY),
    Line("planner:event", PLACERS | OWNER, event),
    Line("planner:event_edit", ORGANIZERS, event),
    Line("planner:event_cancel", ORGANIZERS, event),
    Line("planner:event_leaders", ORGANIZERS, event, "post", lambda world: {"add": world.near["head"].pk}),
    Line("planner:event_answer", PLACERS | OWNER, event, "post"),
    Line("planner:event_invite", ORGANIZERS, event),
    Line("planner:event_guests", ORGANIZERS, event),
    Line("planner:event_guest", ORGANIZERS, event, "post", guest),
    Line("planner:event_sheet", ORGANIZERS, event),
    Line("planner:event_sheet_excel", ORGANIZERS, event),
    Line("planner:event_attendance", ORGANIZERS, event),
    Line("planner:event_attendance_undo", ORGANIZERS, event, "post"),
    Line("planner:event_attendance_add", ORGANIZERS, event, "post", guest),
    Line("planner:event_material", ORGANIZERS, event, "post", lambda world: {"add": material()(world)[0]}),
    Line("planner:event_file", ORGANIZERS, event, "post"),
    # --- Polls ---------------------------------------------------------------------------------------------------
    Line("polls:polls", EVERYBODY),
    Line("polls:new", PLACERS),
    Line("polls:poll", ASKED, poll_in("open")),
    Line("polls:edit", ORGANIZERS, poll_in("draft")),
    Line("polls:preview", ORGANIZERS, poll_in("draft")),
    Line("polls:open", ORGANIZERS, poll_in("draft")),
    Line("polls:end", ORGANIZERS, poll_in("open")),
    Line("polls:close", ORGANIZERS, poll_in("open"), "post"),
    Line("polls:remove", ORGANIZERS, poll_in("draft"), "post"),
    Line("polls:copy", ORGANIZERS, poll_in("closed"), "post"),
    Line("polls:relink", ORGANIZERS, poll_in("open", is_by_link=True), "post"),
    Line("polls:answer", OWNER, poll_in("open")),
    Line("polls:answer", OWNER, poll_in("open"), "post"),
    Line("polls:results", ASKED, poll_in("closed")),
    Line("polls:excel", ASKED, poll_in("closed")),
    Line("polls:names", frozenset({"methodist"}), poll_in("closed", is_anonymous=False)),
    Line(
        "polls:answer_link",
        EVERYBODY,
        poll_in("open", "link", is_by_link=True),
        is_public=True,
        has_scope=False,
    ),
    # --- People and communities, the search ----------------------------------------------------------------------
    Line("home:people", EVERYBODY),
    Line("home:people_excel", NAMERS),
    Line("home:people_invite", NAMERS),
    Line("home:people_invite", NAMERS, None, "post"),
    Line("home:person_new", PEOPLE_KEEPERS),
    Line("home:person_new", PEOPLE_KEEPERS, None, "post"),
    Line("home:person", CARD, teacher),
    Line("home:person_history", ADMIN, teacher),
    Line("home:person_invite", NAMERS, teacher, "post"),
    Line("home:person_edit", NAMERS, teacher),
    Line("home:person_edit", NAMERS, teacher, "post"),
    Line("home:person_move", PEOPLE_KEEPERS, teacher),
    Line("home:person_move", PEOPLE_KEEPERS, teacher, "post"),
    Line("home:person_rename", PEOPLE_KEEPERS, teacher),
    Line("home:person_rename", PEOPLE_KEEPERS, teacher, "post"),
    Line("home:person_leave", PEOPLE_KEEPERS, teacher),
    Line("home:person_leave", PEOPLE_KEEPERS, teacher, "post"),
    Line("home:person_return", PEOPLE_KEEPERS, teacher, "post"),
    Line("home:role_give", PEOPLE_KEEPERS, teacher),
    Line("home:role_end", PEOPLE_KEEPERS, role_of_head),
    Line("home:role_end", PEOPLE_KEEPERS, role_of_head, "post"),
    Line("home:role_prolong", PEOPLE_KEEPERS, role_of_head),
    Line("home:role_prolong", PEOPLE_KEEPERS, role_of_head, "post"),
    Line("home:communities", EVERYBODY),
    Line("home:community_new", PLACERS),
    Line("home:community", PLACERS | OWNER, community),
    Line("home:community_edit", PLACERS, community),
    Line("home:community_close", PLACERS, community),
    Line("home:community_reopen", PLACERS, community, "post"),
    Line("home:community_print", PLACERS, community),
    Line("home:community_excel", PLACERS, community),
    Line("home:community_add", PLACERS, community),
    Line("home:community_ask", PLACERS | OWNER, community, "post"),
    Line("home:community_answer", PLACERS, community_asker, "post"),
    Line("home:community_member_end", PLACERS, community_member),
    Line("home:community_member_head", PLACERS, community_member, "post"),
    Line("home:search", EVERYBODY),
    Line("home:search_offered", EVERYBODY),
]
