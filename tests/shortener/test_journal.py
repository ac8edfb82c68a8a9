"""A journal as a file: written wholly or not at all, replayed the same in every try, adopted by one process."""

import errno
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from grapevine.domain.errors import Refused
from grapevine.store.clicks import Batch, Click
from shortener.frames import Trip
from shortener.journal import MOST_OF_A_SHARE, MOST_OF_A_TRIP, SUFFIX, Journal
from tests.people import NOON
from tests.processes import ROOT

INSTANCE = "an instance"
MUCH = 10**9


def trip(number: int, *sizes: int, sent: float | None = None) -> Trip:
    """A trip with so many clicks of each of some shares."""
    batches = [
        Batch("member", f"share{share}", "", number, tuple(visit(number, each) for each in range(size)))
        for share, size in enumerate(sizes)
        if size
    ]
    return Trip(number, sent, tuple(batches))


def visit(number: int, each: int) -> Click:
    return Click(None, "linkedin", "linkedin:bea", NOON, number * 1000 + each, each)


def written(folder: Path, *trips: Trip, room: int = MUCH) -> Journal:
    journal = Journal(folder, INSTANCE, room)
    for one in trips:
        journal.append(one)
    return journal


def replayed(journal: Journal, now: float = NOON) -> Iterator[tuple[int, list[int]]]:
    """Number and tags of what is settled at once."""
    while portion := journal.portion(now):
        yield portion.batches[0].number, [click.tag for batch in portion.batches for click in batch.clicks]
        journal.settled(portion)


def adopted(path: Path) -> Journal:
    journal = Journal.adopt(path, INSTANCE)
    assert journal is not None
    return journal


def tags(*trips: Trip) -> list[int]:
    return [click.tag for one in trips for batch in one.batches for click in batch.clicks]


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file may grow beyond *size* bytes; a write over the edge is cut short there, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_was_written_is_replayed_in_order(tmp_path: Path) -> None:
    some = [trip(number, 3, number % 2) for number in range(1, 6)]
    journal = written(tmp_path, *some)
    assert journal.clicks == 18
    journal.close()
    journal = adopted(journal.path)
    assert sorted(tag for _, portion in replayed(journal) for tag in portion) == sorted(tags(*some))
    journal.delete()
    assert list(tmp_path.iterdir()) == []


def test_trips_that_overtook_each_other_count_once_and_later_ones_too(tmp_path: Path) -> None:
    journal = written(tmp_path, trip(2, 0, 1), trip(1, 1), trip(3, 1))
    (number, found), *others = replayed(journal)
    assert (number, sorted(found), others) == (3, [1000, 2000, 3000], [])
    journal = written(tmp_path / "another", trip(9, 0, 1), trip(8, 1))
    assert [number for number, _ in replayed(journal)] == [9]


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    journal = written(tmp_path / "journal", trip(1, 1))
    assert journal.path.stat().st_mode & 0o777 == 0o600
    assert journal.folder.stat().st_mode & 0o777 == 0o700


def test_a_trip_that_may_have_arrived_is_replayed_as_it_was_sent(tmp_path: Path) -> None:
    journal = written(tmp_path, trip(4, 2, sent=NOON - 9), trip(5, 1), trip(6, 1))
    first = journal.portion(NOON)
    assert first is not None
    assert (first.size, first.since) == (2, NOON - 9)
    assert [number for number, _ in replayed(journal)] == [4, 6]


def test_portions_are_no_larger_than_trips(tmp_path: Path) -> None:
    some = [trip(number, *(size,) * 8) for number, size in enumerate([60, 5, 5, 30, 34, 1] * 4, 1)]
    journal = written(tmp_path, *some)
    total = 0
    while portion := journal.portion(NOON):
        assert portion.size <= MOST_OF_A_TRIP
        assert all(len(batch.clicks) <= MOST_OF_A_SHARE for batch in portion.batches)
        total += portion.size
        journal.settled(portion)
    assert total == sum(one.size for one in some)


def test_every_try_means_the_same_clicks_by_the_same_number(tmp_path: Path) -> None:
    journal = written(tmp_path, trip(1, 7, sent=NOON), *(trip(number, 9, number % 5) for number in range(2, 60)))
    whole = list(replayed(journal))
    journal.close()
    for settled in range(len(whole)):  # each try ends after so many
        journal = adopted(journal.path)
        tried = []
        for portion in replayed(journal, NOON + settled):
            tried.append(portion)
            if len(tried) > settled:
                break
        assert tried == whole[: len(tried)]
        journal.close()


def test_a_later_try_knows_what_may_have_been_settled_before(tmp_path: Path) -> None:
    journal = written(tmp_path, *(trip(number, MOST_OF_A_SHARE) for number in range(1, 300)))
    first = journal.portion(NOON)
    assert first is not None
    assert first.since is None
    for _ in range(150):
        portion = journal.portion(NOON + 5)
        assert portion is not None
        journal.settled(portion)
    journal.close()
    journal = adopted(journal.path)
    doubts = []
    numbers = []
    while portion := journal.portion(NOON + 99):
        numbers.append(portion.batches[0].number)
        doubts.append(portion.since)
        journal.settled(portion)
    assert 1 < numbers[0] <= 151  # what was settled long before is not looked at again
    assert doubts[0] == NOON + 5
    assert NOON + 5 not in doubts[-50:]  # these were not tried before


def test_what_lies_before_the_mark_is_never_settled_again_and_what_lies_behind_it_is_after_a_rewind(
    tmp_path: Path,
) -> None:
    journal = written(tmp_path, *(trip(number, MOST_OF_A_SHARE) for number in range(1, 300)))
    edges, sure, numbers = 0, 0, list[int]()
    assert not journal.at_edge
    while True:
        edge = journal.at_edge
        if (portion := journal.portion(NOON)) is None:
            break
        if edge:
            edges, sure = edges + 1, portion.batches[0].number
        numbers.append(portion.batches[0].number)
        journal.settled(portion)
    assert edges > 1
    journal.rewind()
    assert [number for number, _ in replayed(journal)] == [number for number in numbers if number >= sure]


def test_a_torn_trip_is_as_if_it_had_never_been(tmp_path: Path) -> None:
    journal = written(tmp_path, trip(1, 3), trip(2, 3))
    size = journal.path.stat().st_size
    journal.close()
    os.truncate(journal.path, size - 1)
    assert list(replayed(adopted(journal.path))) == [(1, tags(trip(1, 3)))]


@pytest.mark.parametrize("more", [0, 5, 300])
def test_a_full_disk_is_said_and_what_stood_there_stays(tmp_path: Path, more: int) -> None:
    journal = written(tmp_path, trip(1, 3))
    with small_disk(journal.path.stat().st_size + more):
        for _ in range(2):
            with pytest.raises(OSError, match="File too large"):
                journal.append(trip(2, 30))
    journal.append(trip(3, 3))  # there is room again
    journal.close()
    assert list(replayed(adopted(journal.path))) == [(3, tags(trip(1, 3), trip(3, 3)))]


def test_it_grows_no_further_than_allowed(tmp_path: Path) -> None:
    journal = written(tmp_path, room=1000)
    number = 1
    with suppress(OSError):
        for number in range(1, 100):
            journal.append(trip(number, 1))
    assert 3 < number < 30
    with pytest.raises(OSError, match="JOURNAL_LIMIT") as caught:
        journal.append(trip(number, 1))
    assert caught.value.errno == errno.ENOSPC
    assert 500 < journal.path.stat().st_size < 1200


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Not a directory"):
        written(tmp_path / "file" / "journal", trip(1, 1))


def test_a_file_that_somebody_deletes_is_written_anew(tmp_path: Path) -> None:
    journal = written(tmp_path, trip(1, 2))
    journal.path.unlink()
    journal.append(trip(2, 2))
    journal.close()
    assert list(replayed(adopted(journal.path))) == [(2, tags(trip(1, 2), trip(2, 2)))]


def test_an_owner_that_lives_is_left_alone(tmp_path: Path) -> None:
    journal = written(tmp_path, trip(1, 1))
    assert Journal.adopt(journal.path, INSTANCE) is None
    journal.close()
    mine = adopted(journal.path)
    assert Journal.adopt(journal.path, INSTANCE) is None
    mine.delete()


def test_an_owner_that_was_killed_leaves_it(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from shortener.journal import Journal;"
        f"journal = Journal(Path(sys.argv[1]), {INSTANCE!r}, 10**6); journal.open();"
        "print(journal.path, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        path = Path(process.stdout.readline().strip())
        assert Journal.adopt(path, INSTANCE) is None
        assert path.exists()
        process.kill()
    journal = adopted(path)
    assert list(replayed(journal)) == []
    journal.close()
    path.write_bytes(path.read_bytes()[:20])  # killed while it was made
    assert Journal.adopt(path, INSTANCE) is None
    assert not path.exists()


def test_of_many_that_want_to_adopt_it_one_does(tmp_path: Path) -> None:
    journal = written(tmp_path, trip(1, 1))
    journal.close()
    code = (
        "import sys, time; from pathlib import Path; from shortener.journal import Journal;"
        "sys.stdin.readline();"
        f"print(Journal.adopt(Path(sys.argv[1]), {INSTANCE!r}) is not None, flush=True); sys.stdin.readline()"
    )
    command = [sys.executable, "-c", code, str(journal.path)]
    some = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert sorted(line.strip() for line in together(some)) == ["False"] * 3 + ["True"]


def together(some: Sequence["subprocess.Popen[str]"]) -> list[str]:
    """What each says when all are told to begin; they end after the last has spoken."""
    for word in ("begin\n", "end\n"):
        for process in some:
            assert process.stdin is not None
            process.stdin.write(word)
            process.stdin.flush()
        if word == "begin\n":
            lines = [process.stdout.readline() for process in some if process.stdout]
    for process in some:
        process.communicate(timeout=10)
    return lines


def test_what_is_no_journal_of_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / f"other{SUFFIX}").write_bytes(b"grapevine journal 2\n" + b"x" * 500)
    with pytest.raises(Refused, match="no journal of this version"):
        Journal.adopt(tmp_path / f"other{SUFFIX}", INSTANCE)
    journal = written(tmp_path, trip(1, 1))
    journal.close()
    with pytest.raises(Refused, match="another Grapevine"):
        Journal.adopt(journal.path, "another instance")
    assert len(list(tmp_path.iterdir())) == 2


def test_ten_thousand_clicks_are_replayed_quickly(tmp_path: Path) -> None:
    journal = written(tmp_path, *(trip(number, *(MOST_OF_A_SHARE,) * 8) for number in range(1, 21)))
    before = time.process_time()
    assert sum(len(some) for _, some in replayed(journal)) == 20 * MOST_OF_A_TRIP
    assert time.process_time() - before < 2
