"""Views and addresses of the bare application."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from bench.bare.models import Answer, Link

QUESTIONS = [f"Вопрос {number}: насколько занятие помогло вам в работе с учениками?" for number in range(25)]


def plain(request: HttpRequest) -> HttpResponse:
    return render(request, "page.html", {"title": "Без базы данных"})


def select(request: HttpRequest, key: str) -> HttpResponse:
    return render(request, "page.html", {"title": Link.objects.get(key=key).title})


def form(request: HttpRequest, key: str) -> HttpResponse:
    link = Link.objects.get(key=key)
    if request.method == "POST":
        answers = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
        Answer.objects.create(link=link, data=answers)
        return HttpResponseRedirect("/plain")
    return render(request, "form.html", {"link": link, "questions": QUESTIONS, "answers": range(1, 6)})


urlpatterns = [path("plain", plain), path("select/<key>", select), path("f/<key>", form)]
