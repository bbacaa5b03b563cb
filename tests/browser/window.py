"""A window of a browser that writes down what a user would never see: errors, failed requests,
and requests to anybody but the program."""

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, expect

from ccm.models import User

AGAIN = Axe(axe_script="")
# A part that is still on its way, a chart that is not painted yet.
NOT_YET = ".bones[role=status], .plot:not([data-drawn])"
# A page that another one takes the place of has no element for a moment: it is asked once more.
SIDEWAYS = "(document.documentElement?.scrollWidth ?? Infinity) > window.innerWidth"


class Window:
    """One page in a context of its own. Complaints of the kinds in `expected` are passed over."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.complaints: list[str] = []
        self.expected: list[str] = []
        context.on("request", self._asks)
        context.on("requestfailed", self._fails)
        context.on("response", self._answered)
        context.on("console", self._says)
        context.on("weberror", lambda error: self.complaints.append(f"thrown: {error.error}"))
        self.page: Page = context.new_page()

    def sign_in(self, user: User) -> None:
        """As `user`, without the form."""
        client = Client()
        client.force_login(user)
        value = client.cookies["sessionid"].value
        self.context.add_cookies([{"name": "sessionid", "value": value, "url": self.address}])

    def open(self, path: str) -> Page:
        """Go to a page of the program and wait until it is drawn."""
        self.page.goto(self.address + path)
        expect(self.page.locator(NOT_YET)).to_have_count(0)
        return self.page

    def go(self, entry: str) -> Page:
        """Where an entry of the sidebar leads, called exactly so; its group is unfolded first."""
        side = self.page.locator("#side")
        link = self.page.get_by_role("link", name=entry, exact=True, include_hidden=True)
        folded = side.locator("details:not([open])", has=link)
        if folded.count():
            folded.locator("summary").press("Enter")
        side.locator(link).press("Enter")
        return self.page

    def expect_complaint(self, pattern: str) -> None:
        """What the test is about to provoke: a regular expression of the complaint."""
        self.expected.append(pattern)

    def unexpected(self) -> list[str]:
        return [
            one
            for one in self.complaints
            if not any(re.search(pattern, one) for pattern in self.expected)
        ]

    def refused_by_policy(self) -> list[str]:
        """Complaints of the browser that the content security policy refused something."""
        return [one for one in self.complaints if "content security policy" in one.lower()]

    def barriers(self) -> list[str]:
        """What axe finds wrong with the page as it is."""
        # Half a megabyte of script, which a page that has it need not read once more.
        axe = AGAIN if self.page.evaluate("'axe' in window") else Axe()
        found: dict[str, Any] = axe.run(self.page, options={"resultTypes": ["violations"]}).response
        return [
            f"{one['id']}: {[node['html'][:160] for node in one['nodes']][:3]}"
            for one in found["violations"]
        ]

    def scrolls_sideways(self) -> bool:
        """Whether the page is wider than its window, once it has had time to fit."""
        for _ in range(20):
            if not self.page.evaluate(SIDEWAYS):
                return False
            self.page.wait_for_timeout(100)
        return True

    def _asks(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")

    def _fails(self, request: Request) -> None:
        # A page that is left lets go of what it had asked for.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")

    def _says(self, message: ConsoleMessage) -> None:
        # A page that is left lets go of what htmx had asked for, too, which says so. What truly
        # fails is a response or a failed request besides.
        is_let_go = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        if message.type in {"error", "warning"} and not is_let_go:
            self.complaints.append(f"console: {message.text}")
