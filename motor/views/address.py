"""Correcting the address a teacher's letters go to."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cabinet.core.words import counted
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from motor.forms.address import AddressForm
from motor.models import Case
from motor.moves import MoveRefused
from motor.services.address import correct_address


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link_address(request: HttpRequest, pk: int) -> HttpResponse:
    """For whoever leads the case, the municipal service and the admin; nobody's own."""
    if not isinstance(request.user, User):
        raise Http404
    case = get_object_or_404(Case.objects.stoppable_by(request.user).with_names(), pk=pk)
    if request.method == "POST":
        form = AddressForm(request.POST)
        if form.is_valid() and _correct(request, request.user, case, form):
            return redirect("motor:link", pk)
    else:
        record(LogEntry.Action.VIEWED, person=case.person, about=case, request=request)
        form = AddressForm(initial={"address": case.person.address})
    context = {"case": case, "form": form}
    return render(request, "motor/link/address.html", context, status=422 if form.errors else 200)


def _correct(request: HttpRequest, user: User, case: Case, form: AddressForm) -> bool:
    try:
        sent = correct_address(case, form.cleaned_data["address"], actor=user, request=request)
    except MoveRefused as refusal:
        form.add_error("address", str(refusal))
        case.person.refresh_from_db()
        return False
    again = f" Недоставленное отправим ещё раз: {counted(sent, 'письмо', 'письма', 'писем')}." if sent else ""
    messages.success(request, f"Письма теперь идут на {case.person.address}.{again}")
    return True
