#!/usr/bin/env python3
"""Django's own commands, with the embedded servers running while they need them."""

import os
import sys

from django.core.management import execute_from_command_line

from ccm import stack

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    try:
        with stack.running():
            execute_from_command_line(sys.argv)
    except stack.StackError as refusal:
        sys.exit(str(refusal))
