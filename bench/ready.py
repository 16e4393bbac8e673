"""Imported first by what runs inside the cabinet: Django set up before any model is imported."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cabinet.settings")
django.setup()
