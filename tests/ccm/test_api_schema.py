"""What describes the API is itself right: programs are made of it."""

from django.core.management import call_command


def test_the_schema_is_valid_and_nothing_in_it_is_guessed(tmp_path):
    # Raises for what is no OpenAPI, and for each warning.
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "api.yml"))
    assert "/api/v1/quality/reviews/" in (tmp_path / "api.yml").read_text()
