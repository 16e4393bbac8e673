"""A person's calendar for other programs: its secret address is made, replaced, taken back, read."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.links import is_signed, split_link
from cabinet.planner.models import CalendarFeed, Event, EventQuerySet, Participation
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

BACK, AHEAD = timedelta(days=30), timedelta(days=365)
MOST = 500  # events of one feed: a phone asks for all of them every hour
SELDOM = timedelta(hours=1)  # how often it is written down that a feed was read


def feed_of(user: User) -> CalendarFeed | None:
    """The working feed of this person."""
    return CalendarFeed.objects.filter(person=user, is_revoked=False).first()


def create_feed(user: User) -> bool:
    """Says whether there was none; after a revoked one the address is another."""
    with transaction.atomic():
        feed, is_new = CalendarFeed.objects.get_or_create(person=user)
        revoked = CalendarFeed.objects.filter(pk=feed.pk, is_revoked=True)
        again = revoked.update(is_revoked=False, version=F("version") + 1, created_at=timezone.now(), read_at=None)
        if is_new or again:
            _record(user, "Создан адрес календаря для других программ")
    return bool(is_new or again)


def renew_feed(user: User, version: int) -> bool:
    """Another address instead of that of `version`, which works no longer; the same click again does nothing."""
    with transaction.atomic():
        here = CalendarFeed.objects.filter(person=user, version=version, is_revoked=False)
        done = here.update(version=F("version") + 1, created_at=timezone.now(), read_at=None)
        if done:
            _record(user, "Адрес календаря для других программ заменён")
    return bool(done)


def revoke_feed(user: User) -> bool:
    with transaction.atomic():
        done = CalendarFeed.objects.filter(person=user, is_revoked=False).update(is_revoked=True)
        if done:
            _record(user, "Адрес календаря для других программ отозван")
    return bool(done)


def _record(user: User, note: str) -> None:
    record(LogEntry.Action.RIGHTS, actor=user, person=user, note=note)


def feed_by_link(link: str) -> CalendarFeed | None:
    """The feed of a working address of somebody who still works here."""
    parts = split_link(link)
    found = CalendarFeed.objects.filter(public_id=parts[0], is_revoked=False, person__is_active=True) if parts else None
    feed = found.select_related("person").first() if found is not None else None
    return feed if feed is not None and parts and is_signed(feed.public_id, feed.version, parts[1]) else None


def mark_read(feed: CalendarFeed) -> bool:
    """Not oftener than once an hour: programs ask again and again."""
    now = timezone.now()
    seldom = Q(read_at=None) | Q(read_at__lt=now - SELDOM)
    return bool(CalendarFeed.objects.filter(seldom, pk=feed.pk).update(read_at=now))


def feed_events(user: User) -> EventQuerySet:
    """What concerns the person himself, not everything his post lets him look at; what he declined is left out."""
    mine = Participation.objects.filter(person=user)
    asked = mine.exclude(state=Participation.State.DECLINED).values("event")
    led = Event.leaders.through.objects.filter(user=user).values("event")
    schools = [one.organization_id for one in user.active_memberships] + [user.organization_id]
    own = [pk for pk in schools if pk is not None]
    places = Organization.objects.filter(pk__in=own).values("municipality")
    near = Q(scope=Event.Scope.REGION) | Q(organization__in=own) | Q(municipality__in=places)
    near |= Q(municipality__in=user.own_municipalities)
    near |= Q(community__in=user.communities.active().values("community"))
    declined = mine.filter(state=Participation.State.DECLINED).values("event")
    rows = Event.objects.visible_to(user).filter(on__range=(today() - BACK, today() + AHEAD))
    rows = rows.filter(Q(author=user) | Q(pk__in=led) | Q(pk__in=asked) | near & ~Q(pk__in=declined))
    state = mine.filter(event=OuterRef("pk")).values("state")[:1]
    return rows.annotate(state=Subquery(state)).defer("words").order_by("on", "starts_at", "pk")[:MOST]
