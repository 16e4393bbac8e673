"""How I want my letters: at once, or in one letter a day."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cabinet.mail import choices
from cabinet.mail.forms import ChoicesForm
from cabinet.mail.models import Letter
from cabinet.users.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def own_choices(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        raise Http404  # the login middleware lets nobody else through
    form = ChoicesForm(request.POST or None, initial=choices.choices_of(user))
    if form.is_valid():
        choices.choose(user, form.cleaned_data)
        messages.success(request, "Сохранено. Письма будут приходить так, как вы выбрали.")
        return redirect("mail:choices")
    held = Letter.objects.filter(to=user, state=Letter.State.HELD).order_by("created_at", "pk")
    context = {"form": form, "held": list(held[:10]), "total": held.count(), "daily": choices.next_daily()}
    context["address"] = user.address
    return render(request, "mail/choices.html", context, status=422 if form.is_bound else 200)
