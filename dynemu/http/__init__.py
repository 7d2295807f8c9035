"""The server's side of HTTP, the only asynchronous code."""

from dynemu import _core as _core  # it lets DYNEMU_PURE choose sources before any compiled module is imported
