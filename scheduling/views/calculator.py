"""The calculator's page: what somebody types is its address, so that it can be handed on."""

from math import isfinite

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import exports
from ccm.filters import address
from ccm.navigation import may_open
from kpis.choices import Choices
from scheduling.calculator import asked, drawn
from scheduling.calculator.asked import Answer, Unanswerable
from scheduling.calculator.forms import CalculatorForm


@login_required
@require_safe
def calculator_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """How many positions a queue takes, and what each number of them would give."""
    if not may_open("calculator", request.user):
        raise Http404
    form = CalculatorForm(request.GET, Choices(timezone.now().date()))
    answer = _answer(form) if form.is_bound and form.is_valid() else None
    if answer is not None and request.GET.get("export") == "csv":
        return exports.download("staffing.csv", *_table(answer))
    context = {
        "form": form,
        "answer": answer,
        "chart": None if answer is None else drawn.curve(answer),
        "csv_url": address(reverse("calculator"), {**request.GET.dict(), "export": "csv"}),
    }
    return render(request, "scheduling/calculator.html", context)


def _table(answer: Answer) -> tuple[list[str], list[list[object]]]:
    """What each number of positions would give, as a file says it: in fractions and seconds."""
    variant = answer.asked.variant
    header = [
        _("positions"), _("people"), _("service level (%s)") % variant, _("mean wait W1, s"),
        _("occupancy"), _("abandoned"), _("wait"), _("cost an hour"),
    ]  # fmt: skip
    rows: list[list[object]] = [
        [
            step.positions,
            step.people,
            *(
                value if isfinite(value) else None
                for value in (
                    step.level,
                    step.expected.w1,
                    step.expected.occupancy,
                    step.expected.p_abandon,
                    step.expected.p_wait,
                )
            ),
            step.cost_per_hour,
        ]
        for step in answer.steps
    ]
    return header, rows


def _answer(form: CalculatorForm) -> Answer | None:
    try:
        return asked.answer(form.asked())
    except Unanswerable as why:
        words = {
            "calls": _("This is more work than 20,000 people can do, as far as this reckons."),
            "service_level": _("No number of positions meets all of it: ask for less."),
        }
        form.add_error("calls" if why.field == "calls" else "level", words[why.field])
        return None
