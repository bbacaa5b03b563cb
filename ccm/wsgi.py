"""Django as WSGI, which `ccm.asgi` serves from a pool of threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")

application = get_wsgi_application()
