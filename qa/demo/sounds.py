"""A recording of an invented call: a low tone where the agent talks and a higher one where the
caller does, in syllables, so that its waveform shows who talked when. Nobody's voice.

Pure.
"""

import io
import wave
from collections.abc import Iterable

import numpy as np

RATE = 4_000
_PITCH = {"agent": 150.0, "caller": 230.0}
_SYLLABLE_S = 0.19
_LOUD = 40
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
        pitch = _PITCH.get(speaker, 190.0)
        syllables = np.abs(np.sin(np.pi * at / _SYLLABLE_S)) ** 0.6
        swell = 0.55 + 0.45 * np.sin(2 * np.pi * at / 1.7)
        voice = np.sin(2 * np.pi * pitch * at) + 0.4 * np.sin(4 * np.pi * pitch * at)
        samples[start:end] = (_SILENCE + _LOUD * syllables * swell * voice).astype(np.uint8)
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return kept.getvalue()
