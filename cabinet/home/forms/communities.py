"""Forms of communities: what one is and where, and whom to add to it."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from cabinet.core.search import key, squeeze
from cabinet.home.services import communities as services
from cabinet.structure.models import Community, Organization, Subject
from cabinet.users.models import User, UserQuerySet

LONGEST = 5000


class CommunityForm(forms.ModelForm):
    """The head of a community, who governs nothing, is asked for the text alone."""

    place = forms.ChoiceField(
        label="Где работает",
        help_text="Сообщество увидят те, кто здесь работает, и его участники.",
        error_messages={"required": "Выберите, где работает сообщество.", "invalid_choice": "Выберите из списка."},
    )
    school = forms.CharField(
        label="Или в одной организации",
        help_text="Название или его часть. Пусто — в том месте, которое выбрано выше.",
        max_length=300,
        required=False,
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Community
        fields = ["kind", "name", "subject", "text"]
        widgets = {"text": forms.Textarea({"rows": 6, "maxlength": LONGEST})}
        labels = {"kind": "Вид", "name": "Название", "subject": "Предмет", "text": "О сообществе"}
        help_texts = {
            "name": "Например: «МО учителей математики».",
            "subject": "Если сообщество — учителей одного предмета.",
            "text": "Чем занимается, когда собирается, кому будет полезно.",
        }
        error_messages = {
            "kind": {"required": "Выберите вид.", "invalid_choice": "Выберите вид из списка."},
            "name": {"required": "Напишите, как называется сообщество."},
        }

    def __init__(self, *args: Any, user: User, governs: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.user, self.governs = user, governs
        is_known = self.instance.pk is not None
        if is_known:
            self.initial["seen"] = services.stamp(self.instance)
        if not governs:
            for name in ("kind", "name", "subject", "place", "school"):
                self.fields.pop(name)
            return
        self.fields["subject"] = forms.ModelChoiceField(
            Subject.objects.order_by("name"),
            label="Предмет",
            help_text=self.fields["subject"].help_text,
            required=False,
            empty_label="не для одного предмета",
        )
        choices = services.places_of(user, self.instance if is_known else None)
        self.fields["place"].choices = choices  # type: ignore[attr-defined]
        if is_known:
            self.initial["place"] = services.code_of(self.instance)
        elif choices:
            self.initial.setdefault("place", choices[0][0])
        if not services.names_organizations(user):
            self.fields.pop("school")
        self.order_fields(["kind", "name", "place", "school", "subject", "text"])

    def clean_name(self) -> str:
        name = squeeze(self.cleaned_data["name"])
        if not key(name):
            raise forms.ValidationError("В названии нет ни одной буквы. Напишите, как называется сообщество.")
        return name

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(text) > LONGEST:
            raise forms.ValidationError(f"Текст длиннее {LONGEST} знаков. Сократите его.")
        return text

    def clean_school(self) -> Organization | None:
        text = squeeze(self.cleaned_data["school"])
        if not key(text):
            return None
        try:
            return services.named_organization(self.user, text)
        except services.CommunityRefused as refused:
            raise forms.ValidationError(str(refused)) from None

    @property
    def values(self) -> dict[str, Any]:
        """The columns the services write."""
        data = self.cleaned_data
        if not self.governs:
            return {"text": data["text"]}
        school = data.get("school")
        place = services.Place(organization=school) if school else services.place_of(data["place"])
        own = {name: data[name] for name in self.Meta.fields}
        return own | {"organization": place.organization, "municipality": place.municipality}

    def _post_clean(self) -> None:
        """The row is written by the services."""


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class WhoForm(forms.Form):
    """Whom to look for: by name, or everybody of an organization or a subject."""

    q = forms.CharField(label="Фамилия и имя", max_length=100, required=False)
    organization = forms.ChoiceField(label="Организация", required=False)
    subject = forms.ChoiceField(label="Предмет", required=False)

    def __init__(self, *args: Any, people: UserQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.is_conditional = True  # type: ignore[attr-defined]  # any one of the three, but one is needed
        near = people.order_by()
        schools = Organization.objects.filter(pk__in=near.values("organization")).order_by("name")[:501]
        subjects = Subject.objects.filter(pk__in=near.values("subject")).order_by("name")
        self._offer("organization", "любая", [(one.pk, one.name) for one in schools])
        self._offer("subject", "любой", [(one.pk, one.name) for one in subjects])

    def _offer(self, name: str, empty: str, choices: list[tuple[int, str]]) -> None:
        if not 0 < len(choices) <= 500:  # of a region there are too many for a list: by name and subject then
            self.fields.pop(name)
        else:
            field: Any = self.fields[name]
            field.choices = [("", empty), *choices]
            field.error_messages["invalid_choice"] = "Этого нет в списке. Выберите другое."

    def narrow(self, people: UserQuerySet) -> UserQuerySet:
        """Nothing chosen is nobody: the whole region at once is never meant."""
        data = self.cleaned_data if self.is_valid() else {}
        if not any(data.values()):
            return people.none()
        for name in ("organization", "subject"):
            if data.get(name):
                people = people.filter(**{name: int(data[name])})
        return people.search(data["q"]) if data.get("q") else people


class TermForm(forms.Form):
    """From when and until when; both may be left out."""

    starts_on = forms.DateField(
        label="С какого дня",
        help_text="Пусто — с сегодняшнего.",
        widget=DateInput,
        required=False,
        error_messages={"invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
    )
    ends_on = forms.DateField(
        label="По какой день",
        help_text="Пусто — без срока.",
        widget=DateInput,
        required=False,
        error_messages={"invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
    )

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = day
        for field in self.fields.values():
            field.is_conditional = True  # type: ignore[attr-defined]  # what an empty one means stands under it

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        begins, ends = data.get("starts_on") or self.day, data.get("ends_on")
        if ends and ends < begins:
            self.add_error("ends_on", "Последний день раньше первого. Проверьте даты.")
        elif ends and ends < self.day:
            self.add_error("ends_on", "Этот день уже прошёл. Укажите более поздний или оставьте пустым.")
        return data
