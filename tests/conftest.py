"""For all tests: signals as a terminal would give them."""

import signal

# A shell that runs the tests in the background, or without a terminal, has these ignored, and every child would inherit
# that: then no test of Ctrl+C or of a closed terminal could pass.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
