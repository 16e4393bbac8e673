"""In how many steps an organization agrees routes, and who approves the printed form."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.core.search import key, squeeze
from cabinet.structure.models import Organization
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry, Role, User
from cabinet.users.services import record
from iom.forms.agreement import RuleForm
from iom.models import AgreementRule

PAGE_SIZE = 50


def _ruled_by(user: User) -> QuerySet[Organization]:
    """Own organizations of a head; all of them for the admin."""
    if "admin" in user.roles:
        return Organization.objects.all()
    headed = [one.organization_id for one in user.active_memberships if one.role == Role.HEAD and one.organization_id]
    return Organization.objects.filter(pk__in=headed)


@require_safe
@roles_required("head", "admin")
def rule_list(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, User):
        raise Http404
    text = squeeze(request.GET.get("q", ""))
    found = _ruled_by(request.user).select_related("municipality").order_by("name", "pk")
    for word in key(text).split():
        found = found.filter(name_key__contains=word)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    labels = dict(AgreementRule.Steps.choices)
    rules = AgreementRule.objects.filter(organization__in=[one.pk for one in page])
    chosen = dict(rules.values_list("organization_id", "steps"))
    context = {
        "page": page,
        "lines": [(one, labels.get(chosen.get(one.pk, ""), "")) for one in page],
        "text": text,
        "usual": labels[settings.IOM_AGREEMENT],
    }
    return render(request, "iom/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required("head", "admin")
def rule_edit(request: HttpRequest, pk: int) -> HttpResponse:
    if not isinstance(request.user, User):
        raise Http404
    organization = get_object_or_404(_ruled_by(request.user), pk=pk)
    rule = AgreementRule.objects.filter(organization=organization).first()
    known = rule or AgreementRule(organization=organization, steps=settings.IOM_AGREEMENT)
    initial = {"steps": known.steps, "approves": known.approves, "approver_name": known.approver_name}
    form = RuleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        saved, _ = AgreementRule.objects.update_or_create(
            organization=organization, defaults=form.cleaned_data | {"updated_by": request.user}
        )
        if saved.steps != known.steps or rule is None:
            record(LogEntry.Action.CHANGED, about=saved, note=f"порядок согласования: {saved}", request=request)
        messages.success(
            request,
            "Порядок согласования сохранён. Маршруты, которые уже ждут решения, дождутся его там, где они сейчас, "
            "и пойдут дальше по новому порядку.",
        )
        return redirect("iom:rules")
    usual = AgreementRule.Steps(settings.IOM_AGREEMENT).label
    context = {"organization": organization, "form": form, "usual": usual, "is_usual": rule is None}
    return render(request, "iom/rule_form.html", context, status=422 if form.errors else 200)
