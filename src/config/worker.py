"""What dramatiq imports: Django, the broker and every module of jobs."""

import os

import django
from django.utils.module_loading import autodiscover_modules

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
autodiscover_modules("jobs")
