"""A person of the region. Most have no login: a personal link is enough for them."""

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db import models
from django.db.models import Exists, F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from cabinet.core.search import called, fold
from cabinet.core.words import NBSP
from cabinet.structure.models import Community, Organization, Position, Subject
from cabinet.users.models.role import Role
from cabinet.users.scope import scope_q

if TYPE_CHECKING:
    from cabinet.users.models.membership import Membership


LONGEST_SEARCH = 100  # characters of what is searched for: each word is a condition, and no name is longer
# «Песковой», «Ильинским»: endings only a form of a surname has, and what all its forms begin with.
_CASE_ENDING = re.compile(r"(?<=[а-я])(?:(?<=ов|ев|ин|ын)(?:ой|ою|у|ым|ых|ыми)|(?<=ск|цк)(?:ой|ою|ому|им|ими|ую))$")


def name_words(text: str) -> list[str]:
    """«Соболева А.И.» → соболева, а, и: pages write names so, and from there they are copied."""
    return fold(text).replace(".", " ").replace(",", " ").split()


def name_begins(word: str) -> Q:
    """A typed word of `name_words` begins some part of the name, a former one too; in any form."""
    found = Q()
    for one in {word, _CASE_ENDING.sub("", word), *called(word)}:
        found |= Q(name_key__startswith=one) | Q(name_key__contains=f" {one}") | Q(former_key__contains=f" {one}")
    return found


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: "User | AnonymousUser") -> "UserQuerySet":
        """People whose card `user` may see: himself and those within the scopes of his roles."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(scope_q(user, person="pk", organization="organization", subject="subject"))

    def search(self, text: str) -> "UserQuerySet":
        """Every typed word is of the name, as `name_begins` says it."""
        people = self
        for word in name_words(text[:LONGEST_SEARCH]):
            people = people.filter(name_begins(word))
        return people


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(email=email.strip().lower() if email else None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True} | fields)


class User(AbstractBaseUser, PermissionsMixin):
    """`email` opens the login; letters go to `contact_email`, which an import may fill in. Both may be empty."""

    email = models.EmailField("почта для входа", null=True, blank=True, unique=True)
    contact_email = models.EmailField("почта для писем", null=True, blank=True, unique=True)
    contact_note = models.CharField("заметка о связи", max_length=300, blank=True)
    phone = models.CharField("телефон", max_length=60, blank=True)
    last_name = models.CharField("фамилия", max_length=80)
    first_name = models.CharField("имя", max_length=80)
    patronymic = models.CharField("отчество", max_length=80, blank=True)
    name_key = models.CharField("ключ имени", max_length=250, editable=False, db_index=True)
    former_names = models.CharField("прежние фамилии", max_length=200, blank=True, help_text="Через запятую.")
    # Folded, each name after a space: lists and letters of then are found by them.
    former_key = models.CharField(max_length=201, blank=True, editable=False)
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        verbose_name="организация",
        null=True,
        blank=True,
        related_name="people",
    )
    position = models.ForeignKey(
        Position, models.PROTECT, verbose_name="должность", null=True, blank=True, related_name="+"
    )
    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="предмет", null=True, blank=True, related_name="+"
    )
    asked_communities = models.ManyToManyField(
        Community, verbose_name="просится в сообщества", related_name="+", blank=True, editable=False
    )
    is_active = models.BooleanField("активен", default=True)
    # A second card of the same person: kept for its part of the log, closed for everything else.
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="объединена с карточкой",
        null=True,
        blank=True,
        editable=False,
        related_name="merged_cards",
    )
    is_staff = models.BooleanField("вход в администрирование", default=False)
    created_at = models.DateTimeField("добавлен", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("изменён", auto_now=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["last_name", "first_name"]

    class Meta:
        verbose_name = "пользователь"
        verbose_name_plural = "пользователи"
        ordering = ["last_name", "first_name", "patronymic", "pk"]
        indexes = [models.Index(fields=["last_name", "first_name", "patronymic", "id"], name="user_name")]
        constraints = [
            models.CheckConstraint(
                name="user_emails_lower_case",
                condition=(Q(email=None) | Q(email=Lower("email")))
                & (Q(contact_email=None) | Q(contact_email=Lower("contact_email"))),
            ),
            models.CheckConstraint(name="user_merged_is_closed", condition=Q(merged_into=None) | Q(is_active=False)),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = fold(self.full_name)
        self.former_key = f" {fold(self.former_names)}" if self.former_names else ""
        # Two people without an address are no clash; an empty string would be.
        self.email = self.email.lower() if self.email else None
        self.contact_email = self.contact_email.lower() if self.contact_email else None
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name, self.patronymic) if part)

    @property
    def short_name(self) -> str:
        """Фамилия И. О., never torn at the end of a line."""
        initials = [f"{part[0]}." for part in (self.first_name, self.patronymic) if part]
        return NBSP.join(part for part in (self.last_name, *initials) if part)

    def get_full_name(self) -> str:
        """Django's own name for it: its admin asks."""
        return self.full_name

    def get_short_name(self) -> str:
        return self.short_name

    @property
    def polite_name(self) -> str:
        """Имя Отчество, as one speaks to a colleague."""
        return " ".join(part for part in (self.first_name, self.patronymic) if part)

    @property
    def address(self) -> str:
        """Where letters go; empty when there is nowhere."""
        return self.contact_email or self.email or ""

    @cached_property
    def active_memberships(self) -> "list[Membership]":
        """Roles in force today, read once per request and by one query, the subjects a methodist is named for too."""
        found: dict[int, Membership] = {}
        # Whether he stands in for somebody is asked along with it: most people then need no further query.
        is_deputy = Exists(self.deputizes.active())
        for row in self.memberships.active().annotate(named_for=F("subjects"), is_deputy=is_deputy):
            membership = found.setdefault(row.pk, row)
            membership.subject_ids |= {row.named_for} - {None}
        return list(found.values())

    @cached_property
    def deputized_memberships(self) -> "list[Membership]":
        """Roles he has for the time being, in place of somebody away, where he may answer himself: one more query
        for a deputy, none for others."""
        if not any(getattr(one, "is_deputy", False) for one in self.active_memberships):
            return []
        schools = {one.organization_id for one in self.active_memberships if one.role == Role.METHODIST}
        places = self.own_municipalities
        away = self.deputizes.active().for_school().values("person")
        lent = self.memberships.model._default_manager.active().filter(user__in=away)
        found: dict[int, Membership] = {}
        for row in lent.annotate(named_for=F("subjects"), place=F("organization__municipality")).order_by("pk"):
            is_near = row.organization_id in schools or row.place in places
            if row.role == Role.METHODIST and (is_near or "admin" in self.roles):
                found.setdefault(row.pk, row).subject_ids |= {row.named_for} - {None}
            elif row.role == Role.MUNICIPAL and "admin" in self.roles:
                found[row.pk] = row
        return list(found.values())

    @property
    def own_municipalities(self) -> frozenset[int]:
        """Whose municipal specialist he is himself, not for somebody away."""
        own = (one for one in self.active_memberships if one.role == Role.MUNICIPAL)
        return frozenset(one.municipality_id for one in own if one.municipality_id is not None)

    @cached_property
    def roles(self) -> frozenset[str]:
        """Codes of the roles in force; everybody is a possible teacher, a superuser is an admin."""
        codes = {membership.role for membership in self.active_memberships} | {"teacher"}
        return frozenset(codes | {"admin"} if self.is_superuser else codes)
