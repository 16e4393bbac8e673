"""Two roster cards of РМА made one: requests, work, agreed months, indicators and orders come together."""

from django.db.models import Count

from cabinet.core.clock import today
from cabinet.home.services.merging import fold_rows
from cabinet.users.models import User
from rma.models import Activity, AgreedMonth, Indicator, Member, StatusChange

States = Activity.State
# Of two lines about the same work the one its member has said more about stays.
WEIGHT = {States.AGREED: 2, States.DISMISSED: 1, States.OFFERED: 0}
SAME = ("kind", "grade", "since", "until", "result", "proof")
MERGED = "Две карточки объединены"


def join_member_cards(own_pk: int, other_pk: int, *, actor: User) -> Member:
    """Bring everything of the other card to the own one; the caller's transaction."""
    cards = Member.objects.select_for_update(no_key=True).in_bulk([other_pk, own_pk])
    own, other = cards[own_pk], cards[other_pk]
    if Member.Status.ACTIVE in (own.status, other.status):
        own.status = Member.Status.ACTIVE
    own.case_limit = max(own.case_limit, other.case_limit)
    own.note = "; ".join(dict.fromkeys(note for note in (own.note, other.note) if note))[:300]
    own.revision += 1
    own.save()
    _join_lines(own, other)
    _join_months(own, other)
    fold_rows(other, own)
    _drop_same_indicators(own)
    _say_status(own, actor)
    return own


def _join_lines(own: Member, other: Member) -> None:
    """One piece of work offered to both cards is one line."""
    mine = {one.key: one for one in own.activities.exclude(key="")}
    for theirs in other.activities.exclude(key=""):
        line = mine.get(theirs.key)
        if line is None:
            continue
        (line if WEIGHT[States(theirs.state)] > WEIGHT[States(line.state)] else theirs).delete()


def _join_months(own: Member, other: Member) -> None:
    """A month stays agreed while nothing offered is left in it: else it is to be looked through once more."""
    other.agreed_months.filter(month__in=own.agreed_months.values("month")).delete()
    left = Activity.objects.offered().filter(member__in=(own, other)).order_by().values("month")
    AgreedMonth.objects.filter(member__in=(own, other), month__in=left).delete()


def _drop_same_indicators(own: Member) -> None:
    """The same row on both cards, from two lists: the first stays, with the proofs of all."""
    doubled = own.indicators.order_by().values(*SAME).annotate(count=Count("pk")).filter(count__gt=1)
    for row in doubled:
        first, *others = Indicator.objects.filter(member=own, **{name: row[name] for name in SAME}).order_by("pk")
        for one in others:
            one.files.update(owner_id=first.pk)
            one.delete()


def _say_status(own: Member, actor: User) -> None:
    """The last order says what the card says."""
    last = own.status_changes.order_by("-on", "-pk").first()
    if last is None or last.status != own.status:
        day = max(today(), last.on) if last else today()
        StatusChange.objects.create(member=own, status=own.status, on=day, reason=MERGED, author=actor)
