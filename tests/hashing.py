"""Argon2 that costs next to nothing, and counts how often it is asked."""

from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher


class Counted(Argon2PasswordHasher):
    algorithm = "argon2"
    time_cost, memory_cost, parallelism = 1, 8, 1
    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        Counted.hashed += 1
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        Counted.hashed += 1
        return super().verify(password, encoded)


@pytest.fixture(autouse=True)
def quick_hashes(settings: Any) -> None:
    """What a hash costs is no part of these tests; how many there are may be."""
    settings.PASSWORD_HASHERS = ["tests.hashing.Counted"]
    Counted.hashed = 0
