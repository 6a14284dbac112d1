"""Reads handwritten digits from a camera, videos, pictures or a stream: ``python cam.py --help``."""

import _signal  # what "signal" is made of: importing that takes long enough to be interrupted

if __name__ == "__main__":
    # Ctrl+C while Python still imports ends the process without a traceback; then digitrec.interrupts takes over.
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:  # not with nohup, or in the background
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    from digitrec.cli import run_script

    run_script()
