"""Who answers: appointing, subjects, ending, naming by hand, handing over for a period."""

from datetime import date
from typing import Any

from django import forms

from cabinet.core.clock import today
from cabinet.core.forms import RowsField
from cabinet.structure.models import Organization
from cabinet.users.models import Membership, User
from motor.forms.acts import day, words
from motor.models import Case
from motor.services.appointing import Appointment, own_subjects
from motor.services.naming import Candidate, candidates
from motor.services.substitution import Sides, deputies_for
from rma.models import Member
from rma.services.lending import deputies_of

OFFERED = 60  # members in the list of deputies
HEALTH = "Не указывайте сведения о здоровье и семейных обстоятельствах."


class PersonField(forms.ModelChoiceField):
    """People by name; who has no address is marked, for he cannot be appointed without one."""

    def label_from_instance(self, person: User) -> str:
        post = f", {person.position}" if person.position else ""
        return f"{person.full_name}{post}{'' if person.address else ' (нет адреса почты)'}"


def _subjects(organization: Organization) -> RowsField:
    return RowsField(
        own_subjects(organization),
        label="За какие предметы отвечает",
        help_text="Ничего не отмечено — за все.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def _optional_day(label: str, hint: str) -> forms.DateField:
    field = day(label, hint)
    field.required = False
    return field


class AppointForm(forms.Form):
    person = PersonField(
        User.objects.none(), label="Кто будет отвечать", required=False, empty_label="Этого человека нет в списке"
    )
    full_name = forms.CharField(
        label="Фамилия, имя и отчество", help_text="Если человека нет в списке.", max_length=250, required=False
    )
    email = forms.EmailField(
        label="Адрес почты",
        help_text="Для нового человека и для того, у кого адреса ещё нет: по нему приходят письма и код для входа.",
        required=False,
        error_messages={"invalid": "Проверьте адрес: он похож на имя@школа.рф."},
    )
    starts_on = _optional_day("С какого дня", "Пусто — с сегодняшнего.")
    ends_on = _optional_day("По какой день", "Пусто — без срока.")

    def __init__(self, organization: Organization, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = organization.people.filter(is_active=True).select_related("position")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["subjects"] = _subjects(organization)
        for name in ("person", "full_name", "email"):  # one or the other is needed: none may be called optional
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]
        self.order_fields(["person", "full_name", "email", "subjects"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        person, name = data.get("person"), (data.get("full_name") or "").strip()
        if person is None and not name:
            self.add_error("person", "Выберите человека или впишите имя того, кого нет в списке.")
        elif person is not None and name:
            self.add_error("full_name", "Выбран человек из списка: имя здесь оставьте пустым.")
        is_wanted = bool(name) or (person is not None and not person.address)
        if is_wanted and not data.get("email") and "email" not in self.errors:
            self.add_error("email", "Укажите адрес почты: без него человек не сможет войти.")
        start = data.get("starts_on")
        if start and start < today():
            self.add_error("starts_on", "Этот день уже прошёл: выберите сегодняшний или более поздний.")
        return data

    def answers(self) -> Appointment:
        data = self.cleaned_data
        names = ("person", "full_name", "email", "starts_on", "ends_on")
        return Appointment(**{name: data[name] for name in names}, subjects=data["subjects"])


class SubjectsForm(forms.Form):
    def __init__(self, membership: Membership, organization: Organization, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subjects"] = _subjects(organization)
        self.fields["subjects"].initial = [one.pk for one in membership.subjects.all()]


class EndForm(forms.Form):
    since = day("С какого дня больше не отвечает", "С этого дня его карты перейдут к другим.")
    is_sure = forms.BooleanField(
        label="Понимаю, что снимаю роль с самого себя",
        error_messages={"required": "Отметьте, что снимаете роль с самого себя."},
    )

    def __init__(self, *args: Any, is_own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["since"].initial = today()
        if not is_own:
            del self.fields["is_sure"]


class CandidateForm(forms.Form):
    """`person` is one of those who may answer for at least one of the cases."""

    person = forms.TypedChoiceField(
        label="Кто будет отвечать",
        coerce=int,
        error_messages={"required": "Выберите человека.", "invalid_choice": "Выберите человека из списка."},
    )
    reason = words(
        "Почему", "Напишите, почему назначаете: эта запись останется в истории карты.", f"Коротко. {HEALTH}", 2
    )

    def __init__(self, cases: list[Case], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.user.pk: one for one in candidates(cases)}
        total = len(cases)
        choices = [(pk, self._label(one, total)) for pk, one in self.people.items()]
        self.fields["person"].choices = [("", "Выберите"), *choices]  # type: ignore[attr-defined]

    def _label(self, one: Candidate, total: int) -> str:
        return one.label + (f"; подходит для {one.fits} из {total}" if total > 1 else "")

    @property
    def chosen(self) -> User:
        return self.people[self.cleaned_data["person"]].user


class DeputyField(forms.ModelChoiceField):
    """Members by how well they fit, without those away in the days chosen; any acting one may be sent."""

    def __init__(self, person: User, days: tuple[date | None, date | None], **kwargs: Any) -> None:
        members = User.objects.filter(rma_member__in=Member.objects.available())
        super().__init__(members.exclude(pk=person.pk), **kwargs)
        choices = [(one.user_id, self._label(one)) for one in deputies_of(person, *days)[:OFFERED]]
        self.choices = [("", "Выберите"), *choices]

    @staticmethod
    def _label(member: Member) -> str:
        place = member.user.organization.municipality.name if member.user.organization else "место не указано"
        subject = "тот же предмет, " if getattr(member, "is_same_subject", False) else ""
        return f"{member.user.full_name} — {subject}{place}; запросов {member.load} из {member.case_limit}"


class SubstitutionForm(forms.Form):
    """One deputy, or two: a methodist who is a member of РМА hands over both kinds of work at once."""

    deputy = PersonField(User.objects.none(), label="Кто замещает", empty_label="Выберите")
    starts_on = day("Первый день")
    ends_on = day("Последний день", "На следующий день незавершённое вернётся само.")
    reason = forms.CharField(label="Причина", help_text=f"Например, отпуск. {HEALTH}", max_length=200, required=False)

    def __init__(self, person: User, *args: Any, sides: Sides, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sides.school:
            self.fields["deputy"].queryset = deputies_for(person).select_related("position")  # type: ignore[attr-defined]
        else:
            del self.fields["deputy"]
        if sides.rma:
            label = "Кто замещает в РМА" if sides.school else "Кто замещает"
            hint = "Первыми стоят самые подходящие: предмет, место, свободные запросы."
            self.fields["rma_deputy"] = DeputyField(person, self._days(), label=label, help_text=hint)
        if sides.school and sides.rma:
            self.fields["deputy"].label = "Кто замещает в организации"
            self.fields["deputy"].help_text = "Карты, согласование и проверка маршрутов."
        for name in ("deputy", "rma_deputy"):
            if name in self.fields:
                whom = "Выберите, кто замещает."
                self.fields[name].error_messages |= {"required": whom, "invalid_choice": whom}
        self.order_fields(["deputy", "rma_deputy", "starts_on", "ends_on", "reason"])

    def _days(self) -> tuple[date | None, date | None]:
        """The period as it was typed; None where it was not, or cannot be read."""
        return self._typed("starts_on"), self._typed("ends_on")

    def _typed(self, name: str) -> date | None:
        try:
            found: date | None = self.fields[name].clean(self.data.get(name))
        except forms.ValidationError:
            return None
        return found

    def terms(self) -> dict[str, Any]:
        """As the service asks for them: a side that is not there has nobody."""
        return {"deputy": None, "rma_deputy": None} | self.cleaned_data
