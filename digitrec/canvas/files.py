"""What the session has to do with files: opening, saving, pasting, and keeping corrected digits."""

from __future__ import annotations

from pathlib import Path

from digitrec.canvas import clipboard
from digitrec.canvas.collect import Collection
from digitrec.canvas.pictures import load_picture
from digitrec.canvas.saving import Saved, load_drawing, save
from digitrec.canvas.session import Session


class Files:
    """Reads and writes for a session.

    Args:
        session: what is shown; its status line says what was done.
        folder: where drawings are saved.
        collection: where corrected digits are kept, or None.
    """

    def __init__(self, session: Session, folder: Path, collection: Collection | None = None) -> None:
        self.session = session
        self.folder = folder
        self.collection = collection

    def open(self, path: Path) -> None:
        """Show a picture or a saved drawing.

        Raises:
            SourceError: it is neither.
        """
        if path.suffix.lower() == ".json":
            saved = load_drawing(path)
            self.session.show(*saved)
            self.session.saved = saved.drawing
        else:
            self.session.show_picture(load_picture(path), path.name)
        self.session.status = f"Opened {path.name}."

    def paste(self) -> None:
        """Show the picture on the clipboard.

        Raises:
            SourceError: there is none.
        """
        image, name = clipboard.pasted_picture()
        self.session.show_picture(image, name)
        self.session.status = f"Pasted a picture of {image.shape[1]} x {image.shape[0]} pixels."

    def save(self) -> None:
        """Save the picture that was read and its reading.

        Raises:
            OutputError: they cannot be written.
        """
        session = self.session
        if session.drawing.is_blank:
            session.status = "Nothing to save."
            return
        answer, reading = session.answer, session.reading
        if answer is None or reading is None:
            return
        png = save(self.folder, answer.image, reading, Saved(answer.drawing, answer.paper, session.corrected))
        session.saved = session.drawing
        session.status = f"Saved {png} and {png.stem}.json"

    def correct(self, digit: int) -> None:
        """The person says that the glyph in focus is ``digit``.

        Raises:
            OutputError: the crop cannot be kept.
        """
        session = self.session
        mark = session.correct(digit)
        if mark is None:
            return
        said = "not a digit" if mark.digit is None else str(mark.digit)
        session.status = f"Corrected: {said} is a {digit}." if mark.digit != digit else f"Confirmed: it is a {digit}."
        if self.collection is None:
            session.status += " Start with --collect DIR to keep it for training."
            return
        picture = session.drawing.picture
        kept = self.collection.add(mark, digit, picture.name if picture is not None else "canvas")
        if kept is not None:
            session.status += f" Kept as {kept} ({len(self.collection)} so far)."
