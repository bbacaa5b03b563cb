import pytest
from tests.browser.test_pages import *
from tests.browser.test_pages import a_world
def test_zz(window):
    w=a_world("admin"); x=window(viewport={"width":390,"height":900}); x.sign_in(w.people["admin"]); p=x.open("/boards/")
    print(p.evaluate("[...document.querySelectorAll('*')].filter(e=>e.getBoundingClientRect().right>innerWidth).map(e=>[e.tagName,e.className,e.getBoundingClientRect().right, e.getBoundingClientRect().width, getComputedStyle(e).overflowX])"), p.evaluate("[document.documentElement.scrollWidth, innerWidth]"))
    p.screenshot(path="/tmp/h/bboards.png")
