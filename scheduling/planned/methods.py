"""Ways to forecast, in words."""

from django.utils.translation import gettext_lazy


def method_words(name: str) -> str:
    """A method, or a mean of several, as people read it."""
    return " + ".join(str(_METHODS.get(one, one)) for one in name.split("+"))


_METHODS = {
    "usual": gettext_lazy("calendar × course"),
    "mean": gettext_lazy("weekday mean"),
    "median": gettext_lazy("weekday median"),
    "boosted": gettext_lazy("boosted trees (LightGBM)"),
    "naive": gettext_lazy("as a week before"),
    "auto": gettext_lazy("as well as few days tell"),
    "pooled": gettext_lazy("own level, courses of similar queues"),
    "analogue": gettext_lazy("a share of another queue"),
    "typed": gettext_lazy("a curve that somebody typed"),
}
