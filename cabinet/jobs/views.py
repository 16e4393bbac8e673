"""Long work as its owner sees it: what runs, how far it is, and the result under a name."""

from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.files.models import StoredFile
from cabinet.jobs.models import Job

PAGE_SIZE = 30


@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    jobs = Job.objects.visible_to(request.user).select_related("owner")
    page = Paginator(jobs, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "jobs/job_list.html", {"page": page})


@require_safe
@vary_on_headers("HX-Request")  # the page and its fragment share an address; caches must not mix them
def job_detail(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user).select_related("owner"), pk=pk)
    files = StoredFile.objects.filter(owner_type=ContentType.objects.get_for_model(Job), owner_id=job.pk)
    # Polling swaps the progress only; once it is over the whole page comes, with the result in its place.
    is_part = bool(request.headers.get("HX-Request"))
    template = "jobs/job_detail.html" + ("#progress" if is_part else "")
    response = render(request, template, {"job": job, "files": files})
    if is_part and job.is_finished:
        response["HX-Refresh"] = "true"
    response["Cache-Control"] = "no-store"
    return response
