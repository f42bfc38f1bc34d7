"""Zstandard files: long windows, several frames, files cut off at any byte, and blocks that unpack to much."""

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thousand.gather.files import UNREADABLE, SourceFile

LINES = b"".join(b'{"number": %d, "square": %d}\n' % (n, n * n) for n in range(20_000))
MAGIC = b"\x28\xb5\x2f\xfd"


def opened(tmp_path, data):
    path = tmp_path / "a.zst"
    path.write_bytes(data)
    return SourceFile(path, "a.zst").open()


def block(kind, size, content, last=False):
    return (last | kind << 1 | size << 3).to_bytes(3, "little") + content


def test_a_window_of_two_gibibytes_is_read(tmp_path):
    frame = MAGIC + b"\x00\xa8" + block(0, 6, b"hello\n", last=True)  # the header of `zstd --ultra --long=31`
    assert zstandard.get_frame_parameters(frame).window_size == 1 << 31
    with opened(tmp_path, frame) as stream:
        assert stream.read() == b"hello\n"


def test_frames_follow_each_other_and_skippable_ones_are_skipped(tmp_path):
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    frames = [zstandard.compress(LINES[at : at + 99_999]) for at in range(0, len(LINES), 99_999)]
    with opened(tmp_path, skippable.join([*frames, b""])) as stream:
        assert stream.read() == LINES
    with opened(tmp_path, b"") as stream:
        assert stream.read() == b""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(), min_size=1), st.integers(1, 9))
def test_any_bytes_come_back_and_the_end_is_missed_when_it_is_missing(tmp_path, frames, lost):
    packed = [zstandard.compress(frame) for frame in frames]
    with opened(tmp_path, b"".join(packed)) as stream:
        assert stream.read() == b"".join(frames)
    got = bytearray()
    with opened(tmp_path, b"".join(packed)[:-lost]) as stream:
        try:
            while byte := stream.read(1):
                got += byte
            assert lost == len(packed[-1])  # cut between two frames, where nobody can tell
        except UNREADABLE:
            pass
    assert b"".join(frames).startswith(got)
    assert len(got) >= sum(map(len, frames[:-1])) or lost > len(packed[-1])


def test_a_file_cut_off_anywhere_gives_its_beginning_and_says_so(tmp_path):
    whole = zstandard.ZstdCompressor(write_checksum=True).compress(LINES)
    longest = 0
    for cut in range(1, len(whole), len(whole) // 50):
        got = []
        with opened(tmp_path, whole[:cut]) as stream, pytest.raises(UNREADABLE, match="cut off"):
            got.extend(stream)
        assert LINES.startswith(b"".join(got))
        assert len(got) >= longest
        longest = len(got)
    assert longest > 10_000  # Zstandard packs 128 KiB into a block, which comes whole or not at all


def test_bytes_that_are_no_frame_are_unreadable_and_what_stood_before_is_given(tmp_path):
    got = []
    with opened(tmp_path, zstandard.compress(b"one\ntwo\n") + b"not a frame") as stream, pytest.raises(UNREADABLE):
        got.extend(stream)
    assert got == [b"one\n", b"two\n"]


def test_a_changed_byte_is_noticed(tmp_path):
    whole = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(LINES))
    whole[len(whole) // 2] ^= 0xFF
    with opened(tmp_path, bytes(whole)) as stream, pytest.raises(UNREADABLE):
        stream.read()


def test_little_is_held_of_blocks_that_unpack_to_much(tmp_path):
    resource = pytest.importorskip("resource")
    bomb = MAGIC + b"\x00\x58" + block(1, 1 << 17, b"x") * 1500 + block(1, 1 << 17, b"x", last=True)  # 6 kB hold 188 MiB
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with opened(tmp_path, bomb) as stream:
        assert sum(len(chunk) for chunk in iter(lambda: stream.read1(1 << 16), b"")) == 1501 << 17
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 120_000  # kB
