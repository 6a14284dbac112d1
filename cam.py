"""Reads handwritten digits from a camera, videos, pictures or a stream: ``python cam.py --help``."""

import signal

if __name__ == "__main__":
    # Ctrl+C while Python still imports ends the process without a traceback; then digitrec.interrupts takes over.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not with nohup, or in the background
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from digitrec.cli import run_script

    run_script()
