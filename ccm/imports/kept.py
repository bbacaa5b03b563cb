"""The files of an import, kept in the record until they are read, and opened as their format reads.

They lie in the database because web and worker may be different machines.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils import timezone

from ccm.imports import choosing, rejected, zones
from ccm.imports.files import opening, scratch
from ccm.imports.records import Chunk, FileRefused, Format, Reading
from ccm.models import ImportBatch, ImportFile, ImportPiece

PIECE = 4 * 2**20


def keep(batch: ImportBatch, name: str, stream: BinaryIO) -> None:
    """Put a file into the record, piece by piece."""
    digest, size = hashlib.sha256(), 0
    # A name on disk may hold bytes that are no text.
    plain = Path(name).name.encode(errors="replace").decode().replace("\0", "?")[:255]
    kept = ImportFile.objects.create(batch=batch, name=plain, size=0, sha256="")
    for number, data in enumerate(iter(lambda: stream.read(PIECE), b"")):
        ImportPiece.objects.create(file=kept, number=number, data=data)
        digest.update(data)
        size += len(data)
    kept.size, kept.sha256 = size, digest.hexdigest()
    kept.save(update_fields=["size", "sha256"])


@dataclass(frozen=True, slots=True)
class Opened:
    """A kept file as its format can read it."""

    form: Format
    reading: Reading
    came: rejected.Returned

    def chunks(self) -> Iterator[Chunk]:
        """Its chunks, and in them what was known of corrected rows before they were read."""
        chunks = self.form.read(self.came.plain, self.reading)
        return rejected.accounted(chunks, self.came, self.reading.start)


@contextmanager
def opened(
    batch: ImportBatch, kept: ImportFile, start: int
) -> Iterator[tuple[Opened, Callable[[], int]]]:
    """A kept file to read from line `start` on, and how many bytes of it, as sent, are read.

    Of several files a refusal names the one.
    """
    try:
        with _opened(batch, kept, start) as one:
            yield one
    except FileRefused as refusal:
        if batch.files.count() == 1:
            raise
        raise type(refusal)(f"{kept.name}: {refusal}") from refusal


@contextmanager
def _opened(
    batch: ImportBatch, kept: ImportFile, start: int
) -> Iterator[tuple[Opened, Callable[[], int]]]:
    with scratch.folder() as folder:
        upload = folder / "upload"
        with upload.open("wb") as out:
            for data in kept.pieces.values_list("data", flat=True).iterator(chunk_size=1):
                out.write(data)
        plain = opening.plain_file(upload, folder, choosing.encoding_of(batch))
        came = rejected.came_back(batch, plain, folder)
        plain = came.plain
        with choosing.mappable(upload, plain):
            form = choosing.format_of(batch, plain, kept.name)
        size = max(1, plain.stat().st_size)
        done = 0

        def progress(bytes_read: int) -> None:
            nonlocal done
            done = int(kept.size * min(1.0, bytes_read / size))

        reading = Reading(
            zone=zones.zone_for(form, batch.site, batch.zone),
            queue=batch.queue_name,
            date_order=batch.date_order,
            start=start,
            now=timezone.now(),
            progress=progress,
        )
        yield Opened(form, reading, came), lambda: done
