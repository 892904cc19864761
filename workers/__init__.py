"""What Truefilm computes: pure Python, numpy, pydicom, onnxruntime. No Django, no Celery."""
