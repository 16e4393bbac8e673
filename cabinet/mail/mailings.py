"""One letter to many: whom it is for, who that is, writing it."""

from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from cabinet.core.services import hurry
from cabinet.mail.lines import escape
from cabinet.mail.models import Letter, LetterQuerySet, Mailing
from cabinet.mail.services import STOPPED, Draft, cancel_free, queue_letters
from cabinet.mail.texts import Place, TextKind, put, signature
from cabinet.structure.models import Community, Municipality, Organization
from cabinet.users.models import CommunityMember, LogEntry, Membership, Role, User, UserQuerySet
from cabinet.users.services import record

AUTHORS = ("municipal", "admin")
CHUNK = 500
SAME_CLICK = timedelta(minutes=1)
REGION, MUNICIPALITY, ORGANIZATION, COMMUNITY = "region", "municipality", "organization", "community"
ROLES = [Role.HEAD, Role.METHODIST, Role.MENTOR, Role.REGIONAL, Role.MUNICIPAL, Role.CURATOR]

# Not in the list of texts: the author writes it, but its places are checked the same.
KIND = TextKind(
    Mailing.LETTERS,
    "Рассылки",
    "Рассылка",
    "",
    {"имя": Place("имя и отчество того, кому письмо", "Марина Юрьевна")},
    "—",
    "",
)


def places_for(user: User) -> list[tuple[str, str]]:
    """(code, words) of the places this person may write to."""
    is_admin = "admin" in user.roles
    near = Q() if is_admin else Q(pk__in=user.own_municipalities)
    found = [(REGION, "весь край")] if is_admin else []
    found += [(f"{MUNICIPALITY}-{one.pk}", str(one)) for one in Municipality.objects.filter(near)]
    communities = Community.objects.visible_to(user).acting()
    if not is_admin:
        own = user.own_municipalities
        communities = communities.filter(Q(municipality__in=own) | Q(organization__municipality__in=own))
    found += [(f"{COMMUNITY}-{one.pk}", f"сообщество: {one}") for one in communities]
    return found


def organizations_for(user: User) -> Any:
    """Organizations whose people this person may write to, besides whole municipalities."""
    organizations = Organization.objects.filter(is_active=True)
    return organizations if "admin" in user.roles else organizations.filter(municipality__in=user.own_municipalities)


def recipients(mailing: Mailing) -> UserQuerySet:
    """Who would get it today: people in work, of the place and with one of the roles, who may be written to.

    Asked within the author's own scope: if that has narrowed since, so has the letter's audience.
    """
    audience = mailing.audience
    people: UserQuerySet = User.objects.filter(is_active=True)
    pk = audience.get("pk")
    scope = audience.get("scope")
    if not may_write(mailing):
        return people.none()
    if scope == COMMUNITY:
        people = people.filter(pk__in=CommunityMember.objects.active().filter(community=pk).values("person"))
        place = Q()
    else:
        place = _works_in(scope, pk)
    roles = [one for one in audience.get("roles", []) if one in Role.values]
    if roles:
        place = Q(pk__in=_holders(roles, scope, pk))
    return people.filter(place)


def may_write(mailing: Mailing) -> bool:
    """Whether the place is its author's still."""
    pk, scope = mailing.audience.get("pk"), mailing.audience.get("scope")
    if scope == REGION:
        return "admin" in mailing.author.roles
    if scope == ORGANIZATION:
        return bool(organizations_for(mailing.author).filter(pk=pk).exists())
    return f"{scope}-{pk}" in dict(places_for(mailing.author))


def _works_in(scope: Any, pk: Any) -> Q:
    if scope == MUNICIPALITY:
        return Q(organization__municipality=pk)
    return Q(organization=pk) if scope == ORGANIZATION else Q()


def _holders(roles: list[str], scope: Any, pk: Any) -> Any:
    """People with one of the roles there; a role without a place of its own counts by where its holder works."""
    held = Membership.objects.active().filter(role__in=roles)
    if scope == MUNICIPALITY:
        held = held.filter(
            Q(organization__municipality=pk)
            | Q(municipality=pk)
            | Q(organization=None, municipality=None, user__organization__municipality=pk)
        )
    elif scope == ORGANIZATION:
        held = held.filter(Q(organization=pk) | Q(organization=None, municipality=None, user__organization=pk))
    return held.values("user")


def audience_words(mailing: Mailing) -> str:
    """«Березниковский муниципальный округ: методист ОО, руководитель ОО»."""
    scope, pk = mailing.audience.get("scope"), mailing.audience.get("pk")
    models = {MUNICIPALITY: Municipality, ORGANIZATION: Organization, COMMUNITY: Community}
    place = models[scope]._default_manager.filter(pk=pk).first() if scope in models else None
    roles = ", ".join(str(Role(one).label) for one in mailing.audience.get("roles", []) if one in Role.values)
    return f"{place or 'весь край'}: {roles or 'все, кто здесь работает'}"


def follow_merge(scope: str, old_pk: int, new_pk: int) -> int:
    """Mailings to a place that was joined with another are to that one; `scope` is ORGANIZATION or COMMUNITY."""
    with transaction.atomic():
        rows = Mailing.objects.select_for_update(no_key=True).filter(audience__scope=scope, audience__pk=old_pk)
        for mailing in rows:
            Mailing.objects.filter(pk=mailing.pk).update(audience=mailing.audience | {"pk": new_pk})
    return len(rows)


def with_address(people: UserQuerySet) -> UserQuerySet:
    return people.filter(Q(contact_email__gt="") | Q(email__gt=""))


def by_municipality(people: UserQuerySet) -> list[dict[str, Any]]:
    """Where they work and how many there are, the most first."""
    rows = people.order_by().values("organization__municipality").annotate(count=Count("pk")).order_by("-count")
    names = {one.pk: str(one) for one in Municipality.objects.all()}
    listed = [(row["organization__municipality"], row["count"]) for row in rows]
    return [{"name": names.get(pk, "место работы не указано"), "count": count} for pk, count in listed]


def make(author: User, values: dict[str, Any]) -> Mailing:
    """A new draft; the same one sent twice is there once."""
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=author.pk).values_list("pk"))
        recent = Mailing.objects.filter(author=author, state=Mailing.State.DRAFT, version=1)
        same = recent.filter(created_at__gte=timezone.now() - SAME_CLICK, **values).first()
        return same or Mailing.objects.create(author=author, **values)


def order(mailing: Mailing, *, actor: User, version: int) -> bool:
    """Have the letters written; False when the draft was changed or ordered meanwhile."""
    with transaction.atomic():
        number = with_address(recipients(mailing)).count()
        here = Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.DRAFT, version=version)
        done = here.update(state=Mailing.State.ORDERED, ordered_at=timezone.now(), recipients=number)
        if done:
            note = f"Рассылка «{mailing.subject}», получателей: {number}"
            record(LogEntry.Action.CHANGED, actor=actor, about=mailing, note=note)
            hurry("mail.write_mailings")
    mailing.refresh_from_db()
    return bool(done)


def stop(mailing: Mailing, *, actor: User) -> int:
    """Take back what has not been handed over to the mail server; to how many people it will not go now.

    A worker writes a portion with the row locked: the stop waits for it, takes its letters back too, and the next
    portion finds the mailing ended.
    """
    with transaction.atomic():
        mailing = Mailing.objects.select_for_update(no_key=True).get(pk=mailing.pk)
        unwritten = 0
        if mailing.state == Mailing.State.ORDERED:
            unwritten = max(mailing.recipients - letters_of(mailing).count(), 0)
        stopped = cancel_free(letters_of(mailing), STOPPED) + unwritten
        if stopped:
            Mailing.objects.filter(pk=mailing.pk).update(state=Mailing.State.STOPPED)
            note = f"Рассылка «{mailing.subject}» остановлена, не получат: {stopped} из {mailing.recipients}"
            record(LogEntry.Action.MOVED, actor=actor, about=mailing, note=note)
    return stopped


def change(mailing: Mailing, values: dict[str, Any], *, version: int) -> bool:
    """Write an edit of a draft down, if nobody has changed it since `version`."""
    here = Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.DRAFT, version=version)
    done = here.update(version=F("version") + 1, **values)
    mailing.refresh_from_db()
    return bool(done)


def write_ordered() -> int:
    """Write the letters of what was ordered, a few hundred at a time; how many were written."""
    ordered = Mailing.objects.filter(state=Mailing.State.ORDERED).order_by("ordered_at", "pk")
    written = 0
    for pk in list(ordered.values_list("pk", flat=True)):
        while number := _write_part(pk):
            written += number
    return written


@transaction.atomic
def _write_part(pk: int) -> int:
    """The next letters; 0 when there are no more, or when another worker is at it.

    A letter's key is of its mailing and its reader: nobody gets it twice, and after a dead worker the next goes on
    behind the last one.
    """
    here = Mailing.objects.filter(pk=pk, state=Mailing.State.ORDERED).select_related("author")
    mailing = here.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if mailing is None:
        return 0
    last = letters_of(mailing).order_by("-pk").values_list("key", flat=True).first()
    people = with_address(recipients(mailing)).order_by("pk")
    chunk = list(people.filter(pk__gt=int(last.rpartition(".")[2]) if last else 0)[:CHUNK])
    if chunk:
        queue_letters([_draft(mailing, person) for person in chunk])
    else:
        _end(mailing)
    return len(chunk)


def _end(mailing: Mailing) -> None:
    """`recipients` are from now on those it was written to: fewer than ordered, if its author lost the place."""
    number = letters_of(mailing).count()
    Mailing.objects.filter(pk=mailing.pk).update(state=Mailing.State.WRITTEN, recipients=number)
    if not may_write(mailing):
        note = f"Рассылка «{mailing.subject}» остановлена: место больше не автора; писем: {number}"
        record(LogEntry.Action.CHANGED, about=mailing, note=note)


def letters_of(mailing: Mailing) -> LetterQuerySet:
    return Letter.objects.filter(key__startswith=f"mailing.{mailing.pk}.").order_by()


def _draft(mailing: Mailing, person: User) -> Draft:
    values = {"имя": person.polite_name}
    body = f"{put(mailing.body, values, escape)}\n\n{signature()}"
    subject = put(mailing.subject, values)
    return Draft(key_of(mailing, person.pk), Mailing.LETTERS, person, subject, body, about=mailing)


def key_of(mailing: Mailing, person_pk: int) -> str:
    return f"mailing.{mailing.pk}.{person_pk}"


def progress(mailing: Mailing) -> dict[str, int]:
    """How many letters there are by now, in what state, and how many people wait for theirs."""
    counts = dict(letters_of(mailing).values_list("state").annotate(count=Count("pk")))
    written = sum(counts.values())
    unwritten = max(mailing.recipients - written, 0)
    waiting = counts.get(Letter.State.OWED, 0) + (unwritten if mailing.state == Mailing.State.ORDERED else 0)
    return {"all": written, "unwritten": unwritten, "waiting": waiting, **counts}


def stop_of(mailing: Mailing) -> LogEntry | None:
    """Who stopped it and when: the only move of a mailing in the log."""
    kind = ContentType.objects.get_for_model(Mailing)
    stops = LogEntry.objects.filter(action=LogEntry.Action.MOVED, about_type=kind, about_id=mailing.pk)
    return stops.select_related("actor").first()


def looks_like(mailing: Mailing) -> tuple[str, str]:
    """Subject and body as one of its readers sees them."""
    example = {"имя": KIND.places["имя"].example}
    return put(mailing.subject, example), f"{put(mailing.body, example)}\n\n{signature()}"
