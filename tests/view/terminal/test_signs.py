"""A status can be told without its colour."""

from __future__ import annotations

from runstore.view.terminal import signs


def test_each_way_of_ending_has_its_own_sign() -> None:
    words = ("Completed", "Failed", "Canceled", "Running", "Queued", "NotResponding", "Preparing")
    assert len({signs.sign(word)[0] for word in words}) == len(words)


def test_a_word_nobody_knows_has_a_sign_too() -> None:
    assert signs.sign("Pausing") == ("◦", "")


def test_as_many_curves_as_are_drawn_have_colours_of_their_own() -> None:
    assert len({signs.curve(number) for number in range(signs.MOST)}) == signs.MOST
    assert signs.curve(signs.MOST) == signs.curve(0)
