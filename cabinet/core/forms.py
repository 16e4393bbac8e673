"""Fields that forms of every part share."""

from typing import Any

from django import forms


class RowsField(forms.ModelMultipleChoiceField):
    """Rows by their numbers; a number no row can have is an answer like any other wrong one."""

    def _check_values(self, value: Any) -> Any:
        for one in value or ():
            if len(str(one)) > 18:  # SQLite takes no larger numbers
                raise forms.ValidationError(self.error_messages["invalid_pk_value"], "invalid_pk_value", {"pk": one})
        return super()._check_values(value)  # type: ignore[misc]
