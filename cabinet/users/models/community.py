"""Who belongs to a community, from when and until when, and who heads it."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.structure.models import Community
from cabinet.users.models.user import User
from cabinet.users.scope import scope_q


def only_observes(user: User) -> bool:
    """The observer and nothing else: of persons he sees none."""
    return "observer" in user.roles and user.roles <= {"observer", "teacher"}


class CommunityMemberQuerySet(models.QuerySet["CommunityMember"]):
    def active(self) -> "CommunityMemberQuerySet":
        day = today()
        return self.filter(Q(starts_on=None) | Q(starts_on__lte=day), Q(ends_on=None) | Q(ends_on__gte=day))

    def lasting(self) -> "CommunityMemberQuerySet":
        """Not ended: those in it today and those who are to begin."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today()))

    def visible_to(self, user: User | AnonymousUser) -> "CommunityMemberQuerySet":
        """Members know one another; besides them whoever may see the person's card, and whoever keeps the list.

        The observer sees no persons: nothing but his own row.
        """
        if not isinstance(user, User):
            return self.none()
        if only_observes(user):
            return self.filter(person=user)
        own = CommunityMember.objects.active().filter(person=user).values("community")
        kept = Community.objects.governed_by(user).order_by().values("pk")
        near = scope_q(user, person="person", organization="person__organization", subject="person__subject")
        return self.filter(Q(community__in=own) | Q(community__in=kept) | near)

    def named_to(self, user: User | AnonymousUser) -> "CommunityMemberQuerySet":
        """Heads of the communities one sees: their names are told to everybody but the observer."""
        if not isinstance(user, User) or only_observes(user):
            return self.none()
        seen = Community.objects.visible_to(user).order_by().values("pk")
        return self.active().heads().filter(community__in=seen)

    def endable_by(self, user: User | AnonymousUser) -> "CommunityMemberQuerySet":
        """Those of communities one keeps, and oneself; a head is let go by whoever governs, or goes himself."""
        if not isinstance(user, User):
            return self.none()
        edited = Community.objects.editable_by(user).order_by().values("pk")
        governed = Community.objects.governed_by(user).order_by().values("pk")
        plain = Q(community__in=edited, role=CommunityMember.Role.MEMBER)
        return self.lasting().filter(Q(person=user) | Q(community__in=governed) | plain)

    def heads(self) -> "CommunityMemberQuerySet":
        return self.filter(role=CommunityMember.Role.HEAD)


class CommunityMember(models.Model):
    class Role(models.TextChoices):
        HEAD = "head", "руководитель"
        MEMBER = "member", "участник"

    community = models.ForeignKey(Community, models.CASCADE, verbose_name="сообщество", related_name="members")
    person = models.ForeignKey(User, models.CASCADE, verbose_name="человек", related_name="communities")
    role = models.CharField("кто он здесь", max_length=6, choices=Role, default=Role.MEMBER)
    starts_on = models.DateField("с", null=True, blank=True)
    ends_on = models.DateField("по", null=True, blank=True)
    created_at = models.DateTimeField("добавлен", default=timezone.now, editable=False)

    objects = CommunityMemberQuerySet.as_manager()

    class Meta:
        verbose_name = "участник сообщества"
        verbose_name_plural = "участники сообществ"
        ordering = ["community", "person", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "person"], condition=Q(ends_on=None), name="community_member_once"
            ),
            models.CheckConstraint(
                name="community_member_ends_after_start",
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person.short_name}: {self.get_role_display()}, {self.community}"
