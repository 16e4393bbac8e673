"""Forms of letters: a text with its places checked, a person's own choice, a letter to many."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from cabinet.core.search import key
from cabinet.mail import mailings
from cabinet.mail.choices import GROUPS
from cabinet.mail.models import LetterChoice, Mailing
from cabinet.mail.texts import TextKind, problems
from cabinet.structure.models import Organization
from cabinet.users.models import User


class RestoreForm(forms.Form):
    """The text that was in force when the question was asked; another's newer one is not thrown away unseen."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)


class LetterTextForm(forms.Form):
    subject = forms.CharField(
        label="Тема письма",
        max_length=200,
        error_messages={"required": "Напишите тему: по ней решают, открывать ли письмо."},
    )
    body = forms.CharField(
        label="Текст письма",
        max_length=5000,
        help_text="Пустая строка начинает новый абзац, «— » в начале строки делает список. Адрес отдельной строкой "
        "станет кнопкой. Подпись добавится сама.",
        widget=forms.Textarea(attrs={"rows": 16}),
        error_messages={"required": "Напишите текст письма или верните исходный."},
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: TextKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.helper = FormHelper()
        self.helper.form_tag = False
        if not kind.subject:  # the signature
            del self.fields["subject"]
            self.fields["body"].widget.attrs["rows"] = 5
            self.fields["body"].help_text = "Стоит в конце каждого письма."

    def clean_subject(self) -> str:
        return " ".join(self.cleaned_data["subject"].split())

    def clean_body(self) -> str:
        lines = self.cleaned_data["body"].replace("\r\n", "\n").split("\n")
        return "\n".join(line.rstrip() for line in lines).strip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, said in problems(self.kind, data.get("subject", ""), data.get("body", "")).items():
            if name in data:
                for sentence in said:
                    self.add_error(name, sentence)
        return data


class ChoicesForm(forms.Form):
    """A field for each group of letters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for group in GROUPS:
            self.fields[group.code] = forms.ChoiceField(
                label=group.title,
                help_text=group.hint,
                choices=LetterChoice.How.choices,
                widget=forms.RadioSelect,
                error_messages={"required": "Выберите, как присылать.", "invalid_choice": "Выберите, как присылать."},
            )
        self.helper = FormHelper()
        self.helper.form_tag = False


class MailingForm(forms.Form):
    place = forms.ChoiceField(label="Кому", error_messages={"required": "Выберите, кому письмо."})
    organization = forms.CharField(
        label="Только одна организация",
        required=False,
        max_length=100,
        help_text="Начало названия. Пусто — все, кто работает в выбранном месте.",
    )
    roles = forms.MultipleChoiceField(
        label="Только с ролью",
        required=False,
        choices=[(one.value, one.label) for one in mailings.ROLES],
        widget=forms.CheckboxSelectMultiple,
        help_text="Ничего не отмечено — всем, кто там работает.",
    )
    subject = forms.CharField(
        label="Тема письма", max_length=200, error_messages={"required": "Напишите тему: по ней решают, открывать ли."}
    )
    body = forms.CharField(
        label="Текст письма",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="{имя} станет именем и отчеством. Пустая строка начинает новый абзац. Подпись добавится сама.",
        error_messages={"required": "Напишите текст письма."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: User, mailing: Mailing | None = None, **kwargs: Any) -> None:
        if mailing is not None:
            kwargs["initial"] = self._initial_of(mailing)
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["place"].choices = mailings.places_for(user)  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.form_tag = False

    @staticmethod
    def _initial_of(mailing: Mailing) -> dict[str, Any]:
        audience = mailing.audience
        scope, pk = audience.get("scope", ""), audience.get("pk")
        named = Organization.objects.filter(pk=pk).first() if scope == mailings.ORGANIZATION else None
        place = f"{mailings.MUNICIPALITY}-{named.municipality_id}" if named else f"{scope}-{pk}" if pk else scope
        return {
            "place": place,
            "organization": named.name if named else "",
            "roles": audience.get("roles", []),
            "subject": mailing.subject,
            "body": mailing.body,
            "version": mailing.version,
        }

    def clean_subject(self) -> str:
        return " ".join(self.cleaned_data["subject"].split())

    def clean_body(self) -> str:
        return self.cleaned_data["body"].replace("\r\n", "\n").strip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, said in problems(mailings.KIND, data.get("subject", ""), data.get("body", "")).items():
            for sentence in said if name in data else ():
                self.add_error(name, sentence)
        if data.get("organization") and "place" in data:
            self._find_organization(data)
        return data

    def _find_organization(self, data: dict[str, Any]) -> None:
        found = mailings.organizations_for(self.user).filter(name_key__contains=key(data["organization"]))
        scope, _, pk = data["place"].partition("-")
        if scope == mailings.COMMUNITY:
            self.add_error("organization", "У сообщества свои участники: оставьте поле пустым.")
            return
        if scope == mailings.MUNICIPALITY:
            found = found.filter(municipality=pk)
        exact = found.filter(name_key=key(data["organization"]))
        listed = list((exact if exact.exists() else found).order_by("name")[:4])
        if len(listed) == 1:
            self.cleaned_data["found"] = listed[0].pk
        elif listed:
            names = "; ".join(one.name for one in listed)
            self.add_error("organization", f"Подходит несколько: {names}. Уточните название.")
        else:
            self.add_error("organization", "Такой организации здесь нет. Проверьте название или выберите другое место.")

    @property
    def values(self) -> dict[str, Any]:
        """Columns of the draft."""
        data = self.cleaned_data
        scope, _, pk = data["place"].partition("-")
        audience = {"scope": scope, "pk": int(pk) if pk else None, "roles": data["roles"]}
        if "found" in data:
            audience |= {"scope": mailings.ORGANIZATION, "pk": data["found"]}
        return {"subject": data["subject"], "body": data["body"], "audience": audience}

    def keep_typing(self, mailing: Mailing) -> None:
        """What was typed stays; saved once more, it replaces what somebody else has written meanwhile."""
        typed: Any = self.data.copy()  # type: ignore[attr-defined]
        typed["version"] = str(mailing.version)
        self.data = typed
        said = f"Пока вы писали, рассылку изменили: сейчас её тема «{mailing.subject}». "
        self.add_error(None, f"{said}Сверьте и сохраните ещё раз, если ваш вариант верен.")
