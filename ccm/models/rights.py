"""What an admin changed of what roles may do."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ccm.models.people import User


class RoleRight(models.Model):
    """That a role holds an action, or does not, other than the registry of `ccm.rights` has it; who
    said so last, and when. Where there is no row, it is as the registry has it; a row of an action
    that the registry does not know says nothing."""

    role = models.CharField(max_length=20)
    action = models.CharField(max_length=40)
    held = models.BooleanField()
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("right of a role")
        verbose_name_plural = _("rights of roles")
        ordering = ["role", "action"]
        constraints = [
            models.UniqueConstraint(fields=["role", "action"], name="right_said_once_a_role"),
            models.CheckConstraint(condition=~models.Q(role="admin"), name="admins_hold_all"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {'has' if self.held else 'has not'} {self.action}"
