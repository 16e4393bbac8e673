"""Materials of the library: what they are about, whose they are, and who may read them.

What a reader opens (a file, a link, a text) stands in a version: a change offered by the author does not touch what
is published until the keeper takes it.
"""

from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cabinet.core.search import lemmas, stored_words, typed_lemmas, with_words
from cabinet.structure.models import Community, Subject, Topic
from cabinet.users.models import User, only_observes


class MaterialQuerySet(models.QuerySet["Material"]):
    def visible_to(self, user: User | AnonymousUser) -> "MaterialQuerySet":
        """What is published is for everybody with a login; the rest is the author's and the keeper's."""
        if not isinstance(user, User):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        return self.filter(Q(state=Material.State.PUBLISHED) | Q(owner=user))

    def editable_by(self, user: User | AnonymousUser) -> "MaterialQuerySet":
        if not isinstance(user, User):
            return self.none()
        return self.all() if "admin" in user.roles else self.filter(owner=user)

    def kept_by(self, user: User | AnonymousUser) -> "MaterialQuerySet":
        """The keeper of the library is the administrator: takes offers, returns them, archives."""
        return self.all() if isinstance(user, User) and "admin" in user.roles else self.none()

    def published(self) -> "MaterialQuerySet":
        return self.filter(state=Material.State.PUBLISHED)

    def search(self, text: str, reader: User | None = None) -> "MaterialQuerySet":
        """Every typed word, whatever its form, begins a word of what is written about it (`words_of`).

        Who only observes sees no persons: what would be found by its author is not found for him.
        """
        found = with_words(self, text)
        if reader is None or not only_observes(reader):
            return found
        wanted = tuple(typed_lemmas(text))
        signed = found.exclude(authors="").select_related("topic").prefetch_related("subjects").order_by()
        doubtful = [one for one in signed if any(word.startswith(wanted) for word in lemmas(one.authors))]
        said = [(one.pk, one.words_of(with_authors=False)) for one in doubtful]
        return found.exclude(pk__in=[pk for pk, words in said if any(f" {one}" not in words for one in wanted)])

    def with_names(self) -> "MaterialQuerySet":
        return self.select_related("topic", "community", "current", "owner").prefetch_related("subjects")

    def with_content(self) -> "MaterialQuerySet":
        """And what a reader opens."""
        return self.with_names().select_related("current__file__preview", "current__author")


class Material(models.Model):
    """`words` are the lemmas of what is written about it, each with a space before: for finding word forms."""

    class State(models.TextChoices):
        DRAFT = "draft", "Черновик"
        OFFERED = "offered", "Предложен"
        RETURNED = "returned", "Возвращён"
        PUBLISHED = "published", "В библиотеке"
        ARCHIVED = "archived", "В архиве"

    class Kind(models.TextChoices):
        LESSON = "lesson", "конспект урока (занятия)"
        METHOD = "method", "методическая разработка"
        GUIDE = "guide", "методические рекомендации"
        PRESENTATION = "presentation", "презентация"
        VIDEO = "video", "видео, запись занятия"
        TASKS = "tasks", "задания, рабочие листы"
        ARTICLE = "article", "статья, описание опыта"
        PROGRAMME = "programme", "программа"
        NORMATIVE = "normative", "нормативный документ"
        OTHER = "other", "другое"

    class Level(models.TextChoices):
        INSTITUTIONAL = "institutional", "институциональный"
        MUNICIPAL = "municipal", "муниципальный"
        REGIONAL = "regional", "региональный"
        FEDERAL = "federal", "федеральный"

    class Licence(models.TextChoices):
        CABINET = "cabinet", "для работы коллег в кабинете"
        OPEN = "open", "свободное использование с указанием автора"
        OFFICIAL = "official", "официальный документ"
        LINK = "link", "по правилам сайта, где размещён"

    class LinkState(models.TextChoices):
        UNKNOWN = "unknown", "не проверялась"
        WORKS = "works", "открывается"
        BROKEN = "broken", "не открывается"

    LICENCE_MEANS: ClassVar[dict[str, str]] = {
        Licence.CABINET: "Для работы коллег в кабинете: открывать, скачивать и использовать на своих занятиях. "
        "Размещать в других местах — с согласия автора.",
        Licence.OPEN: "Свободное использование: можно распространять и переделывать, назвав автора.",
        Licence.OFFICIAL: "Официальный документ: авторское право на него не распространяется.",
        Licence.LINK: "По правилам сайта, где материал размещён: кабинет даёт только ссылку.",
    }
    ENDED: ClassVar[tuple[str, ...]] = (State.ARCHIVED,)

    title = models.CharField("название", max_length=500)
    summary = models.TextField("о чём и чем полезен", blank=True)
    words = models.TextField(editable=False, blank=True)
    kind = models.CharField("вид", max_length=12, choices=Kind, default=Kind.METHOD)
    level = models.CharField("уровень", max_length=14, choices=Level, default=Level.INSTITUTIONAL)
    licence = models.CharField("условия использования", max_length=8, choices=Licence, default=Licence.CABINET)
    topic = models.ForeignKey(
        Topic, models.PROTECT, verbose_name="тематика", null=True, blank=True, related_name="materials"
    )
    subjects = models.ManyToManyField(
        Subject, verbose_name="предметы", blank=True, related_name="materials", help_text="Пусто — для всех предметов."
    )
    deficits = models.TextField(
        "каким затруднениям помогает", blank=True, help_text="Каждое с новой строки, словами педагога."
    )
    authors = models.CharField("автор", max_length=300, blank=True)
    owner = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто внёс", null=True, blank=True, related_name="materials"
    )
    community = models.ForeignKey(
        Community, models.SET_NULL, verbose_name="сообщество", null=True, blank=True, related_name="materials"
    )
    # Of normative documents.
    issuer = models.CharField("кем принят", max_length=300, blank=True)
    number = models.CharField("номер", max_length=100, blank=True)
    issued_on = models.DateField("дата", null=True, blank=True)
    amended = models.CharField("с изменениями", max_length=300, blank=True)

    state = models.CharField("состояние", max_length=10, choices=State, default=State.DRAFT)
    current = models.ForeignKey(
        "MaterialVersion", models.PROTECT, verbose_name="что открывается", null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, editable=False)  # rises with every edit of the description
    published_at = models.DateTimeField("в библиотеке с", null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто решил", null=True, blank=True, editable=False, related_name="+"
    )
    decision = models.TextField("что сказал хранитель", blank=True)
    link_state = models.CharField("ссылка", max_length=8, choices=LinkState, default=LinkState.UNKNOWN)
    link_error = models.CharField("что со ссылкой", max_length=300, blank=True)
    link_failed_since = models.DateTimeField("не открывается с", null=True, blank=True, editable=False)
    link_failures = models.PositiveSmallIntegerField(default=0, editable=False)  # in a row, since `link_failed_since`
    link_checked_at = models.DateTimeField("ссылка проверена", null=True, blank=True, editable=False)
    link_due_at = models.DateTimeField("проверить ссылку", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("внесён", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("изменён", auto_now=True)

    objects = MaterialQuerySet.as_manager()

    class Meta:
        verbose_name = "материал"
        verbose_name_plural = "материалы"
        ordering = ["-published_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "-published_at", "-id"], name="material_published"),
            models.Index(fields=["link_due_at"], condition=Q(link_due_at__isnull=False), name="material_link_due"),
        ]
        constraints = [
            models.CheckConstraint(
                name="material_published_has_version",
                condition=~Q(state="published") | Q(current__isnull=False, published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.words = self.words_of()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("library:material", args=[self.pk])

    def words_of(self, *, with_authors: bool = True) -> str:
        """What is written about it and where it belongs: who looks for «физика» means the subject too."""
        told = [self.title, self.summary, self.deficits, self.number, self.issuer]
        told += [self.authors] if with_authors else []
        told += [self.get_kind_display(), self.topic.name if self.topic else ""]
        told += [one.name for one in self.subjects.all()] if self.pk else []
        return stored_words(*told)

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def licence_means(self) -> str:
        """The licence in plain words."""
        return self.LICENCE_MEANS[self.licence]

    @property
    def is_normative(self) -> bool:
        return self.kind == self.Kind.NORMATIVE

    @property
    def is_record(self) -> bool:
        """A document of which only the requisites came with the cabinet (`reference.py`): nobody has added its text."""
        first = self.current is None or (self.current.form == "text" and self.current.number == 1)
        return self.is_normative and self.owner_id is None and first
