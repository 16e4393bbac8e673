"""Who is in a community: added one by one or many at once, ended, named head; who leaves by himself."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from cabinet.core.clock import today
from cabinet.core.words import long_date
from cabinet.mail.services import Draft, queue_letters
from cabinet.mail.texts import compose
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, LogEntry, User, UserQuerySet
from cabinet.users.services import record

MANY = 200  # people shown and added at once

Level = CommunityMember.Role


def candidates(community: Community, user: User) -> UserQuerySet:
    """Whom the keeper may add: people whose card he sees, and the colleagues of a head in his own organization."""
    people = User.objects.visible_to(user)
    if community.organization_id is not None and community.organization_id == user.organization_id:
        people = User.objects.filter(Q(pk__in=people.order_by().values("pk")) | Q(organization=user.organization_id))
    inside = CommunityMember.objects.lasting().filter(community=community).values("person")
    found: UserQuerySet = people.filter(is_active=True, merged_into=None).exclude(pk__in=inside)
    return found


def add_members(
    community: Community,
    people: Iterable[User],
    *,
    actor: User,
    starts_on: date | None = None,
    ends_on: date | None = None,
    role: str = Level.MEMBER,
) -> list[CommunityMember]:
    """The rows that are new: whoever is in it already is passed over. Each reads of it in a letter."""
    begins = starts_on or today()
    with transaction.atomic():
        # Of two keepers who add the same people the second finds them inside.
        list(Community.objects.select_for_update(no_key=True).filter(pk=community.pk).values_list("pk"))
        wanted = {one.pk: one for one in people}
        lasting = CommunityMember.objects.lasting().filter(community=community, person__in=wanted)
        inside = set(lasting.values_list("person", flat=True))
        rows = [
            CommunityMember(community=community, person=one, role=role, starts_on=begins, ends_on=ends_on)
            for pk, one in wanted.items()
            if pk not in inside
        ]
        rows = CommunityMember.objects.bulk_create(rows)
        # Who asked for it has been answered.
        User.asked_communities.through.objects.filter(community=community, user__in=wanted).delete()
        for row in rows:
            _log(row, actor, "в сообществе")
        queue_letters(_letter(row, actor) for row in rows if row.person_id != actor.pk)
    return rows


def end_member(row: CommunityMember, *, actor: User) -> bool:
    """From today on he is no member; says whether he still was. One who was to begin later leaves only the log."""
    now = today()
    with transaction.atomic():
        here = CommunityMember.objects.filter(pk=row.pk)
        rows = here.filter(pk__in=CommunityMember.objects.lasting().order_by().values("pk"))
        gone, _ = rows.filter(starts_on__gte=now).delete()
        done = gone or rows.update(ends_on=now - timedelta(days=1))
        if done:
            _log(row, actor, "вышел(а) из сообщества" if actor.pk == row.person_id else "больше не в сообществе")
    return bool(done)


def name_head(row: CommunityMember, *, actor: User) -> bool:
    """There may be several. Says whether he was a plain member before."""
    return _turn(row, Level.MEMBER, Level.HEAD, actor, "руководит сообществом")


def unname_head(row: CommunityMember, *, actor: User) -> bool:
    """He stays a member."""
    return _turn(row, Level.HEAD, Level.MEMBER, actor, "больше не руководит сообществом")


def _turn(row: CommunityMember, old: str, new: str, actor: User, words: str) -> bool:
    with transaction.atomic():
        here = CommunityMember.objects.filter(pk=row.pk, role=old)
        done = here.filter(pk__in=CommunityMember.objects.lasting().order_by().values("pk")).update(role=new)
        if done:
            row.role = new
            _log(row, actor, words)
            if new == Level.HEAD and row.person_id != actor.pk:
                queue_letters([_letter(row, actor)])
    return bool(done)


def _log(row: CommunityMember, actor: User, words: str) -> None:
    note = f"{words}: {row.community}"
    record(LogEntry.Action.RIGHTS, actor=actor, person=row.person, about=row.community, note=note)


def _letter(row: CommunityMember, actor: User) -> Draft:
    code = f"community.{row.role}"
    now = today()
    term = "Сейчас" if row.starts_on is None or row.starts_on <= now else f"С {long_date(row.starts_on, now.year)}"
    values = {
        "имя": row.person.polite_name,
        "кто": actor.full_name,
        "сообщество": row.community.name,
        "где": row.community.place,
        "срок": f"{term} и по {long_date(row.ends_on)}." if row.ends_on else f"{term}, без срока.",
        "адрес": settings.SITE_URL + row.community.get_absolute_url(),
    }
    subject, body = compose(code, values)
    return Draft(f"{code}.{row.pk}", code, row.person, subject, body, row.community)


def shown_members(community: Community, user: User, *, past: bool = False) -> "QuerySet[CommunityMember]":
    """The rows this person may read, heads first; `past`: of those who were in it."""
    rows = CommunityMember.objects.visible_to(user).filter(community=community)
    lasting = CommunityMember.objects.lasting().filter(community=community).order_by().values("pk")
    rows = rows.exclude(pk__in=lasting) if past else rows.filter(pk__in=lasting)
    return rows.select_related("person__organization", "person__position", "person__subject").order_by(
        "role", "person__name_key", "pk"
    )
