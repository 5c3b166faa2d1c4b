"""The clinic the tests of the app live in."""

import pytest

from afterdose.web.clinic.board import forget_boards
from support.clinic import World, make_world


@pytest.fixture(autouse=True)
def _no_board_of_another_test() -> None:
    forget_boards()


@pytest.fixture
def world(db: None) -> World:
    """Two teams, and a user in every role of each."""
    return make_world()
