"""Forms of a material: what is written about it, what it holds, the words of a decision."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from cabinet.core.forms import RowsField
from cabinet.core.search import squeeze
from cabinet.core.words import long_date
from cabinet.files.services import ALLOWED, check_upload
from cabinet.library.models import Material, MaterialVersion
from cabinet.library.services.content import check_link
from cabinet.library.services.offering import FIELDS, is_keeper
from cabinet.structure.models import Community, Topic
from cabinet.users.models import User

OWN_FIELDS = [one for one in FIELDS if one not in ("issuer", "number", "issued_on", "amended")]
NORMATIVE_FIELDS = ["issuer", "number", "issued_on", "amended"]


class MaterialForm(forms.ModelForm):
    """What is written about it. A draft may be incomplete: a title is enough. Normative fields are the keeper's."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Material
        fields = [*OWN_FIELDS, "subjects"]
        field_classes = {"subjects": RowsField}
        widgets = {
            "title": forms.Textarea({"rows": 2}),
            "summary": forms.Textarea({"rows": 4}),
            "deficits": forms.Textarea({"rows": 3}),
            "licence": forms.RadioSelect,
            "subjects": forms.CheckboxSelectMultiple,
        }
        labels = {
            "title": "Название",
            "summary": "О чём материал и чем полезен",
            "kind": "Вид материала",
            "level": "Уровень",
            "topic": "Тематика",
            "subjects": "Для каких предметов",
            "deficits": "Каким затруднениям помогает",
            "licence": "Как можно использовать",
            "authors": "Автор",
            "community": "От какого сообщества",
        }
        help_texts = {
            "title": "По нему материал узнают в списке, например: «Листы самооценки для 7 класса».",
            "summary": "Два-три предложения: для кого, на каком занятии, что даст. По этим словам материал найдут.",
            "level": "Для кого он сделан: для своей организации, муниципалитета, края или всей страны.",
            "authors": "Так, как имя увидят коллеги; нескольких — через запятую. Если он не ваш, назовите автора.",
            "community": "Если материал подготовило сообщество, в котором вы состоите.",
        }
        error_messages = {
            "title": {"required": "Напишите название: по нему черновик найдётся в «Моих материалах»."},
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.keeps = is_keeper(user)
        own = Community.objects.filter(members__in=user.communities.active().order_by().values("pk")).acting()
        shown = Community.objects.acting() if self.keeps else own
        self.fields["community"].queryset = Community.objects.filter(  # type: ignore[attr-defined]
            Q(pk__in=shown.order_by().values("pk")) | Q(pk=self.instance.community_id)
        )
        self.fields["community"].empty_label = "не от сообщества"  # type: ignore[attr-defined]
        self.fields["topic"].empty_label = "не указана"  # type: ignore[attr-defined]
        self.fields["topic"].queryset = Topic.objects.all()  # type: ignore[attr-defined]
        self._offer_choices()
        if self.instance.pk:
            self.initial["version"] = self.instance.version
        else:
            self.initial.setdefault("authors", "" if self.keeps else user.full_name)

    def _offer_choices(self) -> None:
        normative, official = Material.Kind.NORMATIVE, Material.Licence.OFFICIAL
        if self.keeps:
            self.fields["issuer"] = forms.CharField(label="Кем принят", max_length=300, required=False)
            self.fields["number"] = forms.CharField(label="Номер", max_length=100, required=False)
            date = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
            wrong = {"invalid": "Укажите дату в виде ДД.ММ.ГГГГ."}
            self.fields["issued_on"] = forms.DateField(label="Дата", required=False, widget=date, error_messages=wrong)
            self.fields["amended"] = forms.CharField(label="С изменениями", max_length=300, required=False)
            self.initial.update({name: getattr(self.instance, name) for name in NORMATIVE_FIELDS})
        kinds = [
            one
            for one in Material.Kind.choices
            if self.keeps or one[0] in ("", self.instance.kind) or one[0] != normative
        ]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        keeps = self.keeps or self.instance.licence == official
        self.fields["licence"].choices = [  # type: ignore[attr-defined]
            (code, Material.LICENCE_MEANS[code]) for code in Material.Licence.values if keeps or code != official
        ]

    def clean_title(self) -> str:
        return squeeze(self.cleaned_data["title"])

    def clean_deficits(self) -> str:
        """A line each, no empty ones, none twice."""
        lines = (squeeze(one) for one in self.cleaned_data["deficits"].splitlines())
        return "\n".join(dict.fromkeys(one for one in lines if one))

    @property
    def values(self) -> dict[str, Any]:
        """What the services write."""
        names = [*self.Meta.fields, *(NORMATIVE_FIELDS if self.keeps else ())]
        return {name: self.cleaned_data[name] for name in names}

    def differences(self, now: Material) -> list[tuple[str, str, str]]:
        """(field, as it is in the cabinet, as it is typed here) where they differ."""
        found = []
        for name, typed in self.values.items():
            standing = list(now.subjects.all()) if name == "subjects" else getattr(now, name)
            pair = (_words(name, standing), _words(name, list(typed) if name == "subjects" else typed))
            if pair[0] != pair[1]:
                found.append((str(self.fields[name].label), *pair))
        return found

    def _post_clean(self) -> None:
        """The row is written by the services; an instance changed here would look like the stored one."""


def _words(name: str, value: Any) -> str:
    """A value as it is read."""
    if isinstance(value, list):
        return ", ".join(sorted(str(one) for one in value)) or "—"
    if hasattr(value, "year"):
        return long_date(value)
    known = {"kind": Material.Kind, "level": Material.Level, "licence": Material.Licence}
    return str(known[name](value).label if name in known and value else value or "—")


class ContentForm(forms.Form):
    """What a version holds: one of three. A draft may hold nothing yet."""

    form = forms.ChoiceField(
        label="Что вы прикладываете",
        choices=[("file", "Файл"), ("link", "Ссылку на страницу или видео"), ("text", "Текст прямо здесь")],
        widget=forms.RadioSelect,
        initial="file",
        error_messages={"required": "Выберите, что прикладываете."},
    )
    file = forms.FileField(
        label="Файл",
        required=False,
        help_text=f"{ALLOWED}, до 20 МБ. Уберите из него фамилии и фотографии детей.",
    )
    link = forms.URLField(
        label="Ссылка",
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text="Адрес целиком, например https://example.org/urok.",
        error_messages={"invalid": "Это не похоже на адрес. Скопируйте ссылку целиком, вместе с https://."},
    )
    body = forms.CharField(
        label="Текст",
        required=False,
        max_length=50_000,
        widget=forms.Textarea({"rows": 10}),
        help_text="Абзацы сохранятся, адреса в тексте станут ссылками.",
    )
    note = forms.CharField(
        label="Что изменилось",
        max_length=300,
        help_text="Одной фразой, её прочтут те, кто открывал прежнюю версию.",
        error_messages={"required": "Напишите одной фразой, что изменилось."},
    )

    def __init__(
        self, *args: Any, version: MaterialVersion | None = None, is_next: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.kept = version
        if version is not None:
            for name in ("form", "link", "body", "note"):
                self.initial.setdefault(name, getattr(version, name))
        if not is_next:
            self.fields.pop("note")

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload:
            check_upload(upload)
        return upload

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"]
        if link:
            check_link(link)
        return link

    def clean(self) -> dict[str, Any]:
        """What is filled in says more than the button that was not moved."""
        data = super().clean() or {}
        form = data.get("form") or "file"
        filled = [name for name in ("file", "link", "body") if data.get(name)]
        own = "body" if form == "text" else form
        had = self.kept is not None and form == "file" and self.kept.file_id
        if own not in filled and not had and len(filled) == 1 and own not in self.errors:
            form = "text" if filled[0] == "body" else filled[0]
        data["form"] = form
        if data.get(own) or had:  # a mistake in what was not chosen is no mistake
            for name in {"file", "link", "body"} - {own}:
                self.errors.pop(name, None)
        return data

    @property
    def values(self) -> dict[str, Any]:
        return {
            name: self.cleaned_data.get(name, "") for name in ("form", "link", "body", "note") if name in self.fields
        }


class RightForm(forms.Form):
    """What an offer is sent with."""

    right = forms.BooleanField(
        label="Имею право делиться этим материалом: он мой или автор не против",
        error_messages={
            "required": "Отметьте, что имеете право делиться материалом. Если сомневаетесь, спросите автора."
        },
    )


class WordsForm(forms.Form):
    """A reason that the author reads."""

    words = forms.CharField(
        label="Почему",
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Это прочтёт тот, кто внёс материал.",
        error_messages={"required": "Напишите причину: её прочтёт тот, кто внёс материал."},
    )


class DecisionForm(forms.Form):
    """`seen` is what was decided on: of an edited offer one is told to look again."""

    TAKE, RETURN = "take", "return"

    act = forms.ChoiceField(choices=[(TAKE, "Принять"), (RETURN, "Вернуть")], widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput)
    words = forms.CharField(
        label="Что сказать автору",
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="Если возвращаете — обязательно: что поправить, чтобы материал приняли.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("act") == self.RETURN and not data.get("words", "").strip():
            raise ValidationError({"words": "Напишите, что поправить: без этого автор не поймёт, чего не хватает."})
        return data
