#!/usr/bin/env python
"""Run Django's command line with Truefilm's settings."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")
    execute_from_command_line(sys.argv)
