"""Forms of a person's card: a new one, contacts and post, another organization or name, roles, leaving."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.forms.utils import ErrorDict

from cabinet.core.clock import today
from cabinet.core.forms import RowsField
from cabinet.core.search import key, squeeze
from cabinet.home.services.people import listed_to, municipalities_for, organizations_for, roles_for
from cabinet.home.services.person_changes import NewPerson, stamp
from cabinet.structure.models import Organization, Position, Subject
from cabinet.users.models import CommunityMember, Membership, Role, User

FOUND = 30  # organizations or people shown for what was typed
HEALTH = "Не указывайте сведения о здоровье и семейных обстоятельствах."


class PageForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


class NameField(forms.CharField):
    """A part of a name: no line breaks, no doubled spaces."""

    def __init__(self, label: str, *, required: bool = True, **more: Any) -> None:
        super().__init__(label=label, max_length=80, required=required, **more)

    def to_python(self, value: Any) -> str:
        return squeeze(str(super().to_python(value) or ""))


class OrganizationField(forms.ModelChoiceField):
    def label_from_instance(self, one: Organization) -> str:
        return f"{one.name}, {one.municipality}"


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, person: User) -> str:
        return f"{person.full_name}, {person.organization or 'организация не указана'}"


def day(label: str, hint: str = "", *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=required,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        error_messages={"required": "Укажите день.", "invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
    )


class PickingForm(PageForm):
    """A page with a search in it: what is typed in `place` (or `whom`) is looked for, then one is chosen.

    `is_search`: the button «Найти» was pressed; everything typed stays, nothing is checked yet.
    """

    def __init__(self, data: Any = None, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.actor = actor
        self.is_search = bool(data) and data.get("do") == "find"

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_search:
            self._errors = ErrorDict()

    def typed(self, name: str) -> str:
        return str(self.data.get(self.add_prefix(name), "") if self.is_bound else self.initial.get(name, ""))[:200]

    def offer_organizations(self, rows: Any) -> None:
        self.fields["place"].is_conditional = True  # type: ignore[attr-defined]
        words, chosen = key(self.typed("place")).split(), self.typed("organization")
        found = rows.none()
        if words:
            found = rows
            for word in words:
                found = found.filter(name_key__contains=word)
        pks = list(found.order_by("name", "pk").values_list("pk", flat=True)[:FOUND])
        if chosen.isdecimal() and len(chosen) < 19:
            pks.append(int(chosen))
        elif not words:
            # A school or two: there is nothing to look for.
            few = list(rows.order_by("name", "pk").values_list("pk", flat=True)[: FOUND + 1])
            pks = few if len(few) <= FOUND else []
        self._choices("organization", rows.filter(pk__in=pks).select_related("municipality").order_by("name", "pk"))

    def offer_people(self, name: str, rows: Any) -> None:
        self.fields["whom"].is_conditional = True  # type: ignore[attr-defined]
        words, chosen = self.typed("whom").strip(), self.typed(name)
        pks = list(rows.search(words).order_by("last_name", "pk").values_list("pk", flat=True)[:FOUND]) if words else []
        if chosen.isdecimal() and len(chosen) < 19:
            pks.append(int(chosen))
        self._choices(name, rows.filter(pk__in=pks).select_related("organization").order_by("last_name", "pk"))

    def _choices(self, name: str, rows: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = rows
        self.found = list(rows)
        if not self.found:
            field.widget = forms.HiddenInput()
            field.widget.choices = []


def organization_field(label: str) -> OrganizationField:
    return OrganizationField(
        Organization.objects.none(),
        label=label,
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": "Найдите организацию по словам из названия и отметьте её.",
            "invalid_choice": "Найдите организацию по словам из названия и отметьте её.",
        },
    )


def place_field() -> forms.CharField:
    return forms.CharField(
        label="Слова из названия организации",
        help_text="Например, «сош 12». Потом нажмите «Найти» и отметьте нужную.",
        max_length=200,
        required=False,
    )


class NewPersonForm(PickingForm):
    last_name = NameField("Фамилия", error_messages={"required": "Напишите фамилию."})
    first_name = NameField("Имя", error_messages={"required": "Напишите имя."})
    patronymic = NameField("Отчество", required=False, help_text="Если есть.")
    place = place_field()
    organization = organization_field("Организация")
    position = forms.ModelChoiceField(
        Position.objects.order_by("name"), label="Должность", required=False, empty_label="не указана"
    )
    subject = forms.ModelChoiceField(
        Subject.objects.order_by("name"), label="Предмет", required=False, empty_label="не указан"
    )
    email = forms.EmailField(
        label="Почта",
        help_text="По ней приходят письма и код для входа. Можно вписать потом.",
        required=False,
        error_messages={"invalid": "Проверьте адрес: он похож на имя@школа.рф."},
    )
    phone = forms.CharField(label="Телефон", max_length=60, required=False)

    def __init__(self, data: Any = None, *, actor: User, **kwargs: Any) -> None:
        super().__init__(data, actor=actor, **kwargs)
        self.offer_organizations(organizations_for(actor))

    def answers(self) -> NewPerson:
        names = ("last_name", "first_name", "patronymic", "organization", "email", "phone", "position", "subject")
        return NewPerson(**{name: self.cleaned_data[name] for name in names})


class ContactsForm(forms.ModelForm):
    """Of `POST` only for those who keep the card: a head corrects contacts."""

    POST = ("position", "subject")
    seen = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = User
        fields = ["contact_email", "phone", "contact_note", "position", "subject"]
        labels = {"contact_email": "Почта для писем"}
        help_texts = {
            "contact_email": "Сюда приходят письма. Адрес, по которому человек входит, от этого не меняется.",
            "contact_note": "Например, «звонить после трёх». Заметку видят те, кто видит карточку.",
        }
        error_messages = {"contact_email": {"invalid": "Проверьте адрес: он похож на имя@школа.рф."}}

    def __init__(self, *args: Any, is_kept: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = stamp(self.instance)
        if not is_kept:
            for name in self.POST:
                del self.fields[name]
        self.helper = FormHelper()
        self.helper.form_tag = False

    def validate_unique(self) -> None:
        """Whose address it is, is the service's to find out: both kinds of address are looked at there."""

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.cleaned_data}


class MembershipsField(RowsField):
    def label_from_instance(self, obj: CommunityMember) -> str:
        return f"{obj.community}{', руководитель' if obj.role == CommunityMember.Role.HEAD else ''}"


class MoveForm(PickingForm):
    place = place_field()
    organization = organization_field("Куда перешёл человек")
    ending = RowsField(
        Membership.objects.none(),
        label="Какие роли закончатся вместе с переходом",
        help_text="Снимите отметку, если человек продолжит работать и здесь.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    quitting = MembershipsField(
        CommunityMember.objects.none(),
        label="Из каких сообществ прежней организации человек выйдет",
        help_text="Снимите отметку, если он останется и в сообществе.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    comment = forms.CharField(label="Пояснение для истории", max_length=200, required=False, help_text=HEALTH)

    def __init__(
        self, data: Any = None, *, actor: User, person: User, roles: Any, communities: Any, **kwargs: Any
    ) -> None:
        ticked = {"ending": [one.pk for one in roles], "quitting": [one.pk for one in communities]}
        super().__init__(data, actor=actor, initial=ticked, **kwargs)
        places = Organization.objects.filter(is_active=True)
        self.offer_organizations(places.exclude(pk=person.organization_id) if person.organization_id else places)
        for name, rows in (("ending", roles), ("quitting", communities)):
            if rows:
                self.fields[name].queryset = rows  # type: ignore[attr-defined]
            else:
                del self.fields[name]


class RenameForm(PageForm):
    last_name = NameField("Фамилия", error_messages={"required": "Напишите фамилию."})
    first_name = NameField("Имя", error_messages={"required": "Напишите имя."})
    patronymic = NameField("Отчество", required=False)
    is_slip = forms.BooleanField(
        label="Это исправление опечатки: прежнее написание не хранить",
        required=False,
        help_text="Иначе прежняя фамилия останется в карточке, и человека найдут по любой из двух.",
    )


class GiveRoleForm(PickingForm):
    """Which fields matter follows from the role; the page asks for the role first."""

    starts_on = day("С какого дня", "Пусто — с сегодняшнего.")
    ends_on = day("По какой день", "Пусто — без срока.")

    def __init__(self, data: Any = None, *, actor: User, person: User, role: Role, **kwargs: Any) -> None:
        super().__init__(data, actor=actor, **kwargs)
        self.person, self.role = person, role
        if role in (Role.HEAD, Role.METHODIST):
            self._ask_organization()
        elif role == Role.MUNICIPAL:
            self.fields["municipality"] = forms.ModelChoiceField(
                municipalities_for(actor), label="Муниципалитет", error_messages={"required": "Выберите муниципалитет."}
            )
        elif role == Role.MENTOR:
            self._ask_person()
        if role == Role.METHODIST:
            self.fields["subjects"] = RowsField(
                Subject.objects.order_by("name"),
                label="За какие предметы отвечает",
                help_text="Ничего не отмечено — за все.",
                required=False,
                widget=forms.SelectMultiple(attrs={"size": 8}),
            )
        order = ("place", "organization", "municipality", "whom", "person", "subjects", "starts_on", "ends_on")
        self.order_fields(order)

    def _ask_organization(self) -> None:
        self.fields["place"], self.fields["organization"] = place_field(), organization_field("Где действует роль")
        own = self.person.organization
        if own is not None and not self.is_bound:
            self.initial = {**self.initial, "organization": str(own.pk)}
        self.offer_organizations(organizations_for(self.actor))

    def _ask_person(self) -> None:
        self.fields["whom"] = forms.CharField(
            label="Фамилия того, кому он наставник",
            help_text="Потом нажмите «Найти» и отметьте человека.",
            max_length=100,
            required=False,
        )
        said = "Найдите человека по фамилии и отметьте его."
        self.fields["person"] = PersonField(
            User.objects.none(),
            label="Кому он наставник",
            widget=forms.RadioSelect,
            empty_label=None,
            error_messages={"required": said, "invalid_choice": said},
        )
        self.offer_people("person", listed_to(self.actor).filter(is_active=True).exclude(pk=self.person.pk))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, last = data.get("starts_on"), data.get("ends_on")
        if start and start < today():
            self.add_error("starts_on", "Этот день уже прошёл: выберите сегодняшний или более поздний.")
        if last and last < max(start or today(), today()):
            self.add_error("ends_on", "Срок заканчивается раньше, чем начинается.")
        return data

    def answers(self) -> Membership:
        data = self.cleaned_data
        return Membership(
            user=self.person,
            role=self.role,
            organization=data.get("organization"),
            municipality=data.get("municipality"),
            person=data.get("person"),
            starts_on=data.get("starts_on") or today(),
            ends_on=data.get("ends_on"),
        )


class RoleKindForm(PageForm):
    role = forms.ChoiceField(
        label="Какую роль дать", widget=forms.RadioSelect, error_messages={"required": "Выберите роль."}
    )

    def __init__(self, data: Any = None, *, actor: User) -> None:
        super().__init__(data)
        self.fields["role"].choices = [(one.value, one.label) for one in roles_for(actor)]  # type: ignore[attr-defined]


class EndRoleForm(PageForm):
    since = day("С какого дня роли больше нет", required=True)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"since": today()})


class ProlongForm(PageForm):
    ends_on = day("По какой день действует роль", "Пусто — без срока.")


class LeaveForm(PageForm):
    why = forms.CharField(label="Почему", max_length=200, required=False, help_text=HEALTH)
