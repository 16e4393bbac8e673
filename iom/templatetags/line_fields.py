"""Fields of the designer drawn quickly: a page of twelve items has two hundred of them."""

from copy import copy
from functools import lru_cache

from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field
from django import forms, template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
PREFIX, VALUE = "id_\ue000", "\ue001"  # signs nobody types
Choices = tuple[tuple[str, str], ...]


@register.filter
def line_field(bound: forms.BoundField) -> SafeString:
    """The field as crispy draws it: each kind is drawn once, then its number and value are put in.

    What was typed and could not be saved is drawn by crispy itself.
    """
    form, field = bound.form, bound.field
    if form.is_bound:
        return mark_safe(as_crispy_field(bound))
    value = bound.value()
    choices = tuple((str(code), str(words)) for code, words in getattr(field, "choices", ()))
    if isinstance(field, forms.BooleanField):
        shown: str | bool | None = bool(value)
    else:
        shown = VALUE if choices or field.widget.format_value(value) else None
    html = _drawn(type(form), bound.name, choices, shown).replace(PREFIX, str(form.auto_id).removesuffix("_%s"))  # type: ignore[arg-type]
    if choices:
        chosen = f'<option value="{escape("" if value is None else value)}"'
        return mark_safe(html.replace(f"{chosen}>", f"{chosen} selected>", 1))
    return mark_safe(html.replace(VALUE, escape(field.widget.format_value(value) or "")))


@lru_cache(maxsize=500)
def _drawn(kind: type[forms.BaseForm], name: str, choices: Choices, shown: str | bool | None) -> str:
    """One field of this form with a sign for its value; the field is the class's, with the page's choices."""
    field = copy(kind.base_fields[name])  # type: ignore[attr-defined]
    if choices:
        field.choices = choices
    blank = forms.Form(auto_id=f"{PREFIX}_%s", initial={name: shown})
    blank.fields[name] = field
    return str(as_crispy_field(blank[name]))
