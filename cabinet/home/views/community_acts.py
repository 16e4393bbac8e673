"""Making a community, changing, closing and opening it again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cabinet.home.forms.communities import CommunityForm
from cabinet.home.services import communities as services
from cabinet.structure.models import Community
from cabinet.users.asking import reader
from cabinet.users.decorators import roles_required


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*services.MAKERS)
def community_new(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    form = CommunityForm(request.POST or None, user=user)
    if form.is_valid():
        try:
            community = services.make_community(form.values, actor=user)
        except services.CommunityRefused as refused:
            form.add_error("name", str(refused))
        else:
            messages.success(request, "Сообщество заведено. Теперь добавьте людей и назовите руководителя.")
            return redirect(community)
    status = 422 if form.is_bound else 200
    return render(request, "home/communities/form.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def community_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    community = get_object_or_404(Community.objects.editable_by(user), pk=pk)
    governs = Community.objects.governed_by(user).filter(pk=pk).exists()
    form = CommunityForm(request.POST or None, instance=community, user=user, governs=governs)
    if form.is_valid():
        try:
            done = services.change_community(community, form.values, actor=user, seen=form.cleaned_data["seen"])
        except services.CommunityRefused as refused:
            form.add_error("name", str(refused))
        else:
            if done:
                messages.success(request, "Сохранено.")
                return redirect(community)
            _ask_again(request, form, community)
    context = {"form": form, "community": community}
    return render(request, "home/communities/form.html", context, status=422 if form.is_bound else 200)


def _ask_again(request: HttpRequest, form: CommunityForm, community: Community) -> None:
    """What was typed stays; saved once more, it replaces what is described in the sentence."""
    typed = request.POST.copy()
    typed["seen"] = services.stamp(community)
    form.data = typed
    form.add_error(
        None,
        f"Пока вы писали, сообщество изменили. Сейчас: «{community}», {community.place}; о нём: "
        f"«{community.text or 'ничего не написано'}». Сверьте и сохраните ещё раз, если ваш вариант верен.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def community_close(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    community = get_object_or_404(Community.objects.governed_by(user), pk=pk)
    if request.method == "POST":
        if services.close_community(community, actor=user):
            messages.success(request, "Сообщество закрыто. Его страница осталась, открыть его можно снова.")
        else:
            messages.info(request, "Сообщество уже закрыто.")
        return redirect(community)
    context = {
        "title": "Закрыть сообщество?",
        "text": f"«{community}», {community.place}. Участие всех, кто в нём состоит, закончится. Страница, события, "
        "материалы и список бывших участников останутся. Открыть сообщество можно снова, людей тогда добавляют заново.",
        "action_label": "Закрыть сообщество",
        "cancel_url": community.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@require_POST
def community_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    community = get_object_or_404(Community.objects.governed_by(user), pk=pk)
    if services.reopen_community(community, actor=user):
        messages.success(request, "Сообщество снова действует. Добавьте тех, кто в нём состоит.")
    return redirect(community)
