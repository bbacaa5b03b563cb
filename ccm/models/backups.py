"""When the record was copied."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Backup(models.Model):
    """A copy that `callcenter backup` made and read back whole. `name` is its file's, `bytes` its
    length; where it lies now, only its keeper knows. `version` is the program's."""

    made_at = models.DateTimeField()
    name = models.CharField(max_length=200)
    bytes = models.PositiveBigIntegerField()
    seconds = models.FloatField()
    is_sealed = models.BooleanField()
    version = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name
