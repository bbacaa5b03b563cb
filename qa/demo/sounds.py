"""A recording of an invented call: a low tone where the agent talks and a higher one, less loud,
where the caller does, in words and sentences that differ in how loud they are, so that its waveform
shows who talked when. Nobody's voice.

Pure.
"""

import io
import wave
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

RATE = 4_000
# Pitch, and how loud at most: the agent sits by the microphone.
_VOICES = {"agent": (150.0, 1.0), "caller": (230.0, 0.6)}
_OTHER = (190.0, 0.8)
_WORD_S, _PAUSE_S = (0.18, 0.55), (0.03, 0.12)
_WORDS_A_SENTENCE = (4, 9)
# Of words, sentences and lines: how loud the faintest is beside the loudest.
_FAINTEST = 0.55
_OVERTONE = 0.4
_LOUD = 110 / (1 + _OVERTONE)
_SILENCE = 128


def recording(lines: Iterable[tuple[int, int, str]], length_ms: int) -> bytes:
    """A WAV file (8 bits, one channel, 4 kHz) of lines (start and end in ms, speaker)."""
    samples = np.full(length_ms * RATE // 1000, _SILENCE, dtype=np.uint8)
    for start_ms, end_ms, speaker in lines:
        start = start_ms * RATE // 1000
        end = min(end_ms * RATE // 1000, len(samples))
        if end <= start:
            continue
        at = np.arange(end - start) / RATE
        pitch, most = _VOICES.get(speaker, _OTHER)
        voice = np.sin(2 * np.pi * pitch * at) + _OVERTONE * np.sin(4 * np.pi * pitch * at)
        loud = _LOUD * most * _loudness(end - start, start_ms)
        samples[start:end] = (_SILENCE + loud * voice).astype(np.uint8)
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return kept.getvalue()


def _loudness(many: int, seed: int) -> NDArray[np.float64]:
    """How loud a line of so many samples is, from 0 to 1; of a seed always the same."""
    found = np.zeros(many)
    for start, end, level in _words(many, np.random.default_rng(seed)):
        found[start:end] = level * np.sin(np.pi * np.arange(end - start) / (end - start)) ** 0.6
    return found


def _words(many: int, chance: np.random.Generator) -> Iterator[tuple[int, int, float]]:
    """The words of a line: from and to which sample, and how loud at most."""
    line = chance.uniform(_FAINTEST, 1)
    sentence, left, at = 1.0, 0, 0
    while at < many:
        if not left:
            sentence, left = chance.uniform(_FAINTEST, 1), int(chance.integers(*_WORDS_A_SENTENCE))
        end = at + int(chance.uniform(*_WORD_S) * RATE)
        yield at, min(end, many), line * sentence * chance.uniform(_FAINTEST, 1)
        at, left = end + int(chance.uniform(*_PAUSE_S) * RATE), left - 1
