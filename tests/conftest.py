"""For all tests: signals as a terminal would give them."""

import signal

# A shell that runs the tests in the background has SIGINT ignored, and every child would inherit that: then no test of
# Ctrl+C could pass.
signal.signal(signal.SIGINT, signal.default_int_handler)
