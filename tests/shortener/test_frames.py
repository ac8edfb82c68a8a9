"""A journal's bytes: whatever a crash leaves of them is read as far as it is whole, and no further."""

from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.clicks import Row
from grapevine.store.clicks import Batch, Click
from shortener import frames
from shortener.frames import Mark, Read, Trip

numbers = st.integers(-(2**63), 2**63 - 1)
clicks = st.builds(
    Click,
    st.sampled_from([None, *Row]),
    st.sampled_from(["linkedin", "mylink"]),
    st.text(max_size=8),
    st.floats(0, 2e9),
    numbers,
    numbers,
)
names = st.text("abcdefgh", min_size=1, max_size=8)
batches = st.builds(Batch, names, names, st.just("w"), st.just(1), st.lists(clicks, max_size=4).map(tuple))
trips = st.builds(Trip, st.just(1), st.none() | st.floats(0, 2e9), st.lists(batches, max_size=4).map(tuple))
#: each a turn later than the one before, all else as it comes
marks = st.lists(st.tuples(st.integers(0, 2**40), st.integers(0, 2**40), st.floats(0, 2e9)), max_size=5).map(
    lambda some: [Mark(turn, *one) for turn, one in enumerate(some, 1)]
)


def reader(held: bytes) -> Read:
    return lambda offset, length: held[offset : offset + length]


def read(held: bytes) -> list[Trip]:
    owner = frames.owner(reader(held))
    return [trip for trip, _ in frames.trips(reader(held), owner[0], owner[2])] if owner else []


@given(st.lists(trips, max_size=5), st.data())
def test_any_prefix_of_a_file_holds_a_prefix_of_its_trips(some: list[Trip], data: st.DataObject) -> None:
    held = frames.header("w", "an instance")
    ends = []
    for trip in some:
        held += frames.encode(trip)
        ends.append(len(held))
    assert read(held) == some
    cut = data.draw(st.integers(0, len(held)))
    assert read(held[:cut]) == some[: sum(end <= cut for end in ends)]


@given(st.lists(trips, min_size=1, max_size=3), st.binary(max_size=40), st.integers(0, 40))
def test_what_stands_after_the_last_whole_trip_is_no_trip(some: list[Trip], garbage: bytes, zeros: int) -> None:
    held = frames.header("w", "an instance") + b"".join(map(frames.encode, some))
    torn = frames.encode(some[0])[:-1]
    for rest in (b"\0" * zeros, torn + b"\0" * zeros, torn, b"\xff" * zeros, garbage):
        assert read(held + rest)[: len(some)] == some
        if rest is not garbage:
            assert read(held + rest) == some


@given(st.lists(trips, min_size=1, max_size=3), st.data())
def test_a_trip_with_a_changed_bit_is_none(some: list[Trip], data: st.DataObject) -> None:
    held = bytearray(frames.header("w", "an instance"))
    begin, ends = len(held), []
    for trip in some:
        held += frames.encode(trip)
        ends.append(len(held))
    place = data.draw(st.integers(begin, len(held) - 1))
    held[place] ^= 1 << data.draw(st.integers(0, 7))
    assert read(bytes(held)) == some[: sum(end <= place for end in ends)]


@given(marks, st.data())
def test_a_mark_cut_short_leaves_the_one_before(some: list[Mark], data: st.DataObject) -> None:
    held = bytearray(frames.header("w", "an instance"))
    for one in some[:-1]:
        offset, said = frames.place(one)
        held[offset : offset + len(said)] = said
    assert frames.mark(reader(bytes(held))) == (some[-2] if some[1:] else None)
    if some:
        offset, said = frames.place(some[-1])
        whole = bytearray(held)
        whole[offset : offset + len(said)] = said
        assert frames.mark(reader(bytes(whole))) == some[-1]
        cut = data.draw(st.integers(0, len(said) - 1))
        held[offset : offset + cut] = said[:cut]
        assert frames.mark(reader(bytes(held))) in ((some[-2] if some[1:] else None), some[-1])


def test_a_file_that_was_never_finished_has_no_owner() -> None:
    whole = frames.header("w", "an instance")
    assert frames.owner(reader(whole)) == ("w", "an instance", len(whole))
    for cut in range(len(whole)):
        assert frames.owner(reader(whole[:cut])) is None
