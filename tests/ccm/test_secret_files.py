"""Secrets that come as files."""

import pytest

from ccm import environment, stack
from ccm.environment import Shown
from ccm.stack import from_files

KEY, HOSTS = "CCM_SECRET_KEY", "CCM_ALLOWED_HOSTS"


def test_a_secret_is_the_text_of_its_file_without_the_end_of_its_line(tmp_path):
    (tmp_path / "key").write_text("two words \n")
    env = {f"{KEY}_FILE": str(tmp_path / "key"), "CCM_CALLER_KEY": "as it was"}
    from_files.read(env)
    from_files.read(env)  # a process and its settings both do
    assert env[KEY] == "two words "
    assert env["CCM_CALLER_KEY"] == "as it was"


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        (None, {}, "cannot be read"),
        ("", {}, "is empty"),
        ("\n", {}, "is empty"),
        ("one", {"REDIS_URL": "another"}, "both set"),
    ],
)
def test_what_would_be_a_guess_is_refused(tmp_path, text, more, words):
    file = tmp_path / "secret"
    if text is not None:
        file.write_text(text)
    with pytest.raises(stack.StackError, match=words) as refused:
        from_files.read({"REDIS_URL_FILE": str(file), **more})
    assert "another" not in str(refused.value)
    assert "REDIS_URL" in str(refused.value)


def test_whatever_is_not_shown_may_come_as_a_file():
    hidden = {one.name for one in environment.SETTINGS if one.shown is not Shown.WHOLE}
    assert {*from_files.NAMES} == hidden


def test_other_settings_have_no_file(tmp_path):
    (tmp_path / "hosts").write_text("example.org")
    env = {f"{HOSTS}_FILE": str(tmp_path / "hosts")}
    from_files.read(env)
    assert HOSTS not in env
