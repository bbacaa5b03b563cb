"""Who is signed in."""

from django.contrib.auth.backends import ModelBackend

from ccm.access import facts, scope_of
from ccm.models import User
from ccm.navigation import counted


class Backend(ModelBackend):
    """Signs in by password; finds the user of a request, the scope and what the sidebar counts in
    one query."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.filter(pk=user_id).annotate(**facts(), **counted()).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        scope_of(user, vars(user))
        return user
