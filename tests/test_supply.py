"""What is installed is what was pinned, from wherever it comes, and may be passed on."""

import pytest

from tests.heavy import advisories, supply


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


ADVISORY = """
id: PYSEC-2024-70
modified: 2024-08-07T17:22:10Z
affected:
- package: {ecosystem: PyPI, name: Some_Package}
  ranges:
  - type: ECOSYSTEM
    events: [{introduced: "5.0"}, {fixed: 5.0.8}, {introduced: 4.2}, {last_affected: 4.10}]
  versions: [3.9rc1]
"""


@pytest.mark.parametrize(
    ("version", "is_known"),
    [
        ("4.1", False), ("4.2", True), ("4.9.1", True), ("4.10", True), ("4.10.1", False),
        ("5.0", True), ("5.0.7", True), ("5.0.8", False), ("5.0.10", False), ("3.9rc1", True),
        ("3.9", False), ("of today", True),
    ],
)  # fmt: skip
def test_a_copy_of_advisories_is_held_against_versions(tmp_path, version, is_known):
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "PYSEC-2024-70.yaml").write_text(ADVISORY)
    looked = advisories.look(tmp_path, {"some-package": version, "another": version})
    assert (looked.advisories, looked.newest) == (1, "2024-08-07T17:22:10Z")
    assert looked.found == ([f"some-package {version}: PYSEC-2024-70"] if is_known else [])


def test_a_range_without_an_end_goes_on_and_what_was_withdrawn_counts_no_more(tmp_path):
    open_ended = '{"id": "A-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "one"}, '
    open_ended += '"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}'
    (tmp_path / "A-1.json").write_text(open_ended)
    assert advisories.look(tmp_path, {"one": "99"}).found == ["one 99: A-1"]
    (tmp_path / "A-1.json").write_text(open_ended[:-1] + ', "withdrawn": "2025-01-01T00:00:00Z"}')
    assert advisories.look(tmp_path, {"one": "99"}).found == []


def test_where_there_are_no_advisories_nothing_was_looked_at(tmp_path):
    assert supply.known_of_a_copy("requirements.lock", tmp_path) == (
        False, f"NOT LOOKED AT: {tmp_path} has no advisories",
    )  # fmt: skip
