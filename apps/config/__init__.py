"""The project package. Importing the Celery app here makes `delay` find its broker."""

from apps.config.celery import app as celery_app

__all__ = ["celery_app"]
