"""Links to other systems that calls show: made by admins."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from ccm import database, links
from ccm.imports.facts.references import folded
from ccm.models import Call, LinkTemplate, Site
from ccm.navigation import may_open
from ccm.structure.forms import RowForm
from ccm.views.in_turn import in_turn

EXAMPLE = "https://crm.example/calls/{external_id}"


class LinkForm(RowForm):
    class Meta:
        model = LinkTemplate
        fields = ("name", "template", "site")
        labels = {
            "name": _("Name"),
            "template": _("Address"),
            "site": _("Site"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)
        site.empty_label = str(_("All sites"))

    def clean_template(self) -> str:
        template: str = self.cleaned_data["template"].strip()
        if words := links.fault(template):
            raise forms.ValidationError(words)
        return template

    def clean(self) -> dict[str, Any]:
        """No call shows two links of one name, nor two that lead to one place."""
        said = super().clean() or self.cleaned_data
        beside = self._beside(said.get("site"))
        name, template = folded(said.get("name", "")), said.get("template", "")
        for other in beside if name else ():
            if folded(other.name) == name:
                words = gettext("There is a link named %(name)s already: %(site)s.")
                self.add_error("name", words % {"name": other.name, "site": _site_of(other)})
                break
        for other in beside if template else ():
            if links.place(other.template) == links.place(template):
                words = gettext("%(name)s leads there already: %(site)s.")
                self.add_error("template", words % {"name": other.name, "site": _site_of(other)})
                break
        return said

    def _beside(self, site: Site | None) -> list[LinkTemplate]:
        """The other links that some call shows beside one of this site, or (None) of all sites."""
        others = LinkTemplate.objects.of(site.pk) if site else LinkTemplate.objects.all()
        return list(others.exclude(pk=self.instance.pk).select_related("site"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def links_page(request: HttpRequest) -> HttpResponse:
    """What calls show, and the form of a new link."""
    _admin(request)
    return _page(request, LinkTemplate(), gettext("%(name)s is added."))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_turn
def link_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What calls show, and the form of one of the links."""
    _admin(request)
    return _page(request, get_object_or_404(LinkTemplate, pk=pk), gettext("%(name)s is changed."))


def _page(request: HttpRequest, link: LinkTemplate, kept: str) -> HttpResponse:
    form = LinkForm(request.POST if request.method == "POST" else None, instance=link)
    if form.is_bound and _saved(form):
        messages.info(request, kept % {"name": form.instance.name})
        return redirect("links")
    known = LinkTemplate.objects.select_related("site")
    names = [f"{{{name}}}" for name in (*links.NAMES, "extra.NAME")]
    words = {
        "form": form,
        # As it is, whatever the form says.
        "edited": known.filter(pk=link.pk).first(),
        "links": known,
        "names": names,
        "example": EXAMPLE,
    }
    return render(request, "ccm/links.html", words)


@transaction.atomic
def _saved(form: LinkForm) -> bool:
    """Keep a link, if it is right; of two who do so at once each sees what the other kept."""
    database.hold("links to other systems")
    if not form.is_valid():
        return False
    form.save()
    return True


def _site_of(link: LinkTemplate) -> str:
    return link.site.name if link.site else gettext("all sites")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def link_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a link is to go, then forget it."""
    _admin(request)
    link = get_object_or_404(LinkTemplate, pk=pk)
    if request.method == "POST":
        link.delete()
        messages.info(request, gettext("%(name)s is removed.") % {"name": link.name})
        return redirect("links")
    words = gettext("No call shows it any more: %(site)s.") % {"site": _site_of(link)}
    asked = {"named": link.name, "along": [link.template, words], "keep_url": reverse("links")}
    return render(request, "ccm/remove.html", asked)


def _admin(request: HttpRequest) -> None:
    if not may_open("links", request.user):
        raise Http404


def links_of(call: Call, agent: str) -> list[dict[str, str]]:
    """The links that a call shows: those whose every name it knows. `agent` is the agent's name
    as far as the reader may know it."""
    values = {
        "call_id": call.pk,
        "external_id": call.external_id,
        "linked_id": call.linked_id,
        "source": call.source,
        "queue": call.queue and call.queue.name,
        "agent": agent,
        "topic": call.topic and call.topic.name,
        "disposition": call.disposition and call.disposition.name,
        "account": (call.extra or {}).get("account"),
        "caller_hash": call.caller_hash,
        **{f"extra.{name}": value for name, value in (call.extra or {}).items()},
    }
    found = []
    for one in LinkTemplate.objects.of(call.site_id):
        if address := links.filled(one.template, values):
            found.append({"name": one.name, "url": address})
    return found
