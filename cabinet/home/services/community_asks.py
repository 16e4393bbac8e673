"""Who asks to be taken into a community, and what those who keep it answer."""

from django.conf import settings
from django.db import transaction

from cabinet.core.clock import today
from cabinet.home.services.communities import heads_of
from cabinet.home.services.community_members import add_members
from cabinet.mail.models import Letter
from cabinet.mail.services import Draft, queue_letters
from cabinet.mail.texts import compose
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, User, UserQuerySet, only_observes

Ask = User.asked_communities.through


def askers(community: Community) -> UserQuerySet:
    """Those who wait for an answer; of a closed community nobody does."""
    found: UserQuerySet = User.objects.filter(asked_communities=community, is_active=True, merged_into=None)
    return (
        found.select_related("organization", "position").order_by("name_key", "pk")
        if community.is_active
        else found.none()
    )


def may_ask(community: Community, user: User) -> bool:
    """Whoever sees it and is not in it, where there is a head to answer; who keeps the list adds himself."""
    if not community.is_active or only_observes(user):
        return False
    inside = CommunityMember.objects.lasting().filter(community=community, person=user)
    headed = CommunityMember.objects.active().heads().filter(community=community)
    kept = Community.objects.editable_by(user).filter(pk=community.pk)
    return headed.exists() and not inside.exists() and not kept.exists()


def ask(community: Community, user: User) -> bool:
    """Says whether he had not asked before. The heads read of it once a day, and again after an answer of theirs."""
    with transaction.atomic():
        _, is_new = Ask.objects.get_or_create(user=user, community=community)
        if is_new:
            heads = heads_of([community.pk], user).get(community.pk, [])
            answered = Letter.objects.about(community).filter(kind="community.declined", to=user).count()
            mark = f"{user.pk}.{today()}.{answered}"
            queue_letters(_asked(mark, community, user, head) for head in heads)
    return is_new


def take_ask_back(community: Community, user: User) -> bool:
    gone, _ = Ask.objects.filter(user=user, community=community).delete()
    return bool(gone)


def accept(community: Community, person: User, *, actor: User) -> bool:
    """He reads of it as everybody does who is added; says whether he still asked and was not in it."""
    with transaction.atomic():
        return take_ask_back(community, person) and bool(add_members(community, [person], actor=actor))


def decline(community: Community, person: User, *, actor: User) -> bool:
    with transaction.atomic():
        row = Ask.objects.select_for_update().filter(user=person, community=community).first()
        if row is None:
            return False
        values = _values(community, person, actor)
        subject, body = compose("community.declined", values)
        key = f"community.declined.{row.pk}"
        queue_letters([Draft(key, "community.declined", person, subject, body, community)])
        row.delete()
    return True


def _asked(mark: str, community: Community, user: User, head: User) -> Draft:
    post = ", ".join(str(one) for one in (user.position, user.organization) if one)
    values = _values(community, head, user) | {"должность": post}
    subject, body = compose("community.asked", values)
    return Draft(f"community.asked.{community.pk}.{head.pk}.{mark}", "community.asked", head, subject, body, community)


def _values(community: Community, reader: User, other: User) -> dict[str, str]:
    return {
        "имя": reader.polite_name,
        "кто": other.full_name,
        "сообщество": community.name,
        "где": community.place,
        "адрес": settings.SITE_URL + community.get_absolute_url(),
    }
