"""The names under which judges are shown things."""

from __future__ import annotations

import stat
import threading

from tests.desk.judged import pairs
from thousand.desk.blind import Shown, every, name, names, secret_of


def test_every_way_to_be_shown_something_has_a_name_of_its_own_for_each_person():
    ways = every(pairs(2, 5))
    found = [names(b"secret", who, ways) for who in ("ann", "ben", "an")]
    assert [len(each) for each in found] == [len(ways)] * 3 == [2 * 5 * 4] * 3
    assert len(set().union(*found)) == 3 * len(ways)
    assert all(len(each) == 32 and set(each) <= set("0123456789abcdef") for each in found[0])


def test_a_name_leads_back_to_what_was_shown_with_the_runs_secret_alone():
    shown = Shown(pairs(1, 1)[0], "ba", again=True)
    assert names(b"secret", "ann", every([shown.item]))[name(b"secret", "ann", shown)] == shown
    assert name(b"another", "ann", shown) not in names(b"secret", "ann", every([shown.item]))


def test_other_texts_arms_or_seeds_have_other_names():
    one, other = pairs(1, 1)[0], pairs(1, 1, claim="another")[0]
    assert name(b"s", "ann", Shown(one, "ab")) != name(b"s", "ann", Shown(other, "ab"))


def test_the_secret_is_made_once_and_is_its_owners_alone(tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(secret_of(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found[0]) == 32
    assert stat.S_IMODE((tmp_path / "desk" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "desk").iterdir()] == ["secret"]
