"""What is installed is what was pinned, from wherever it comes, and may be passed on."""

import pytest

from tests.heavy import supply


@pytest.mark.parametrize("lock", supply.LOCKS)
def test_every_package_of_a_lock_file_has_a_hash_and_none_names_where_it_comes_from(lock):
    assert len(supply.packages(lock)) > 60
    assert supply.without_hash(lock) == []
    text = (supply.ROOT / lock).read_text(encoding="utf-8")
    # An option of pip in it would be where packages come from.
    assert not [line for line in text.splitlines() if line.startswith("-")]


def test_the_licences_of_all_that_runs_ask_nothing_of_whoever_passes_it_on():
    assert supply.not_permissive() == {}


def test_what_was_looked_at_is_still_there():
    gone = [file for file, _test in supply.LOOKED_AT if not (supply.ROOT / file).exists()]
    assert gone == []


def a_list_of(pinned):
    """As CycloneDX tells packages, each with a hash."""
    hashed = [{"hashes": [{"alg": "SHA-256", "content": "0" * 64}]}]
    listed = [
        {"name": name, "version": version, "externalReferences": hashed} for name, version in pinned
    ]
    return {"bomFormat": "CycloneDX", "components": listed}


def test_a_list_of_what_is_inside_is_held_against_what_is_pinned():
    pinned = supply.pinned("requirements.lock")
    django = f"django {dict(pinned)['django']}"
    assert supply.not_as_locked(a_list_of(pinned)) == []
    assert supply.not_as_locked(a_list_of([*pinned, ("django", "0.1")])) == ["django 0.1"]
    lacking = [one for one in pinned if one[0] != "django"]
    assert supply.not_as_locked(a_list_of(lacking)) == [django]
    unhashed = a_list_of(pinned)
    unhashed["components"][0] = {"name": pinned[0][0], "version": pinned[0][1]}
    assert supply.not_as_locked(unhashed) == [pinned[0][0]]
    assert supply.not_as_locked({"components": []}) == ["it is no CycloneDX"]
