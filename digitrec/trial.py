"""A model from elsewhere runs first in a process of its own: a damaged one can bring down the process that loads it.

LiteRT looks over the structure of a file, not its sense: an operator without weights ends the process with a
segmentation fault, a shape of a thousand million computes for ever. Neither can be caught where it happens.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from digitrec.errors import ModelError

_PATIENCE_S = 15.0
_MOST_BYTES = 4 << 30
_ROOT = Path(__file__).resolve().parent.parent


def try_model(data: bytes, batches: tuple[int, ...], name: str) -> None:
    """Run a model once for each size of batch, in another process with limited time and memory.

    It keeps damage from this process, not malice: what a file makes LiteRT do, it does with the user's rights.

    Args:
        data: the ``.tflite`` file.
        batches: the sizes of its first axis that will be used.
        name: of the model, for the message.

    Raises:
        ModelError: it crashed, failed, or took too long.
    """
    if not sys.executable:  # Python inside another program: there is nothing to start
        return
    command = [sys.executable, "-m", "digitrec.trial", *map(str, batches)]
    try:
        done = subprocess.run(
            command, input=data, cwd=_ROOT, capture_output=True, timeout=_PATIENCE_S, check=False,
            start_new_session=True,  # else Ctrl+C reaches it too, and would look like a crash
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise _refused(name, f"gave no answer within {_PATIENCE_S:g} s") from error
    except OSError as error:
        raise ModelError(f"{name} cannot be tried: {error.strerror}. Free some memory and start again.") from error
    if done.returncode:
        raise _refused(name, "failed" if done.returncode > 0 else "crashed")


def _refused(name: str, what: str) -> ModelError:
    return ModelError(f"{name} is damaged or no digit model: LiteRT {what} when it ran it. Fetch or train it again.")


def _run(data: bytes, batches: list[int]) -> None:
    """What the other process does; whatever happens there is the answer."""
    from ai_edge_litert.interpreter import Interpreter

    for batch in batches:
        interpreter = Interpreter(model_content=data, num_threads=1)
        details = interpreter.get_input_details()[0]
        interpreter.resize_tensor_input(details["index"], [batch, *details["shape"][1:]])
        interpreter.allocate_tensors()
        for value in (0, 1):
            shape = interpreter.get_input_details()[0]["shape"]
            interpreter.set_tensor(details["index"], np.full(shape, value, details["dtype"]))
            interpreter.invoke()
            interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def _limit() -> None:
    """Little memory and no core file, where the system knows such limits."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    except (ImportError, ValueError, OSError):  # Windows; macOS refuses the second
        return


if __name__ == "__main__":
    _limit()
    _run(sys.stdin.buffer.read(), [int(batch) for batch in sys.argv[1:]])
