"""The clinic the tests of the app live in."""

import pytest

from support.clinic import World, make_world


@pytest.fixture
def world(db: None) -> World:
    """Two teams, and a user in every role of each."""
    return make_world()
