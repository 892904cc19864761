"""What Truefilm computes: pure Python, no Django, no Celery."""
