"""Reads handwritten digits from a camera, videos, pictures or a stream: ``python cam.py --help``."""

from digitrec.cli import run_script

if __name__ == "__main__":
    run_script()
