cimport cython
from cpython.array cimport array

from dynemu._core cimport framing
from dynemu.http.request cimport Request

cdef int UNKNOWN, IGNORED, TARGET, CONTENT_TYPE, AUTHORIZATION, DATE, LENGTH, ACCEPT_ENCODING, HOST, OTHER
cdef dict CODES

cdef class RequestReader:
    cdef object parser
    cdef object feed
    cdef object should_keep_alive
    cdef Request request
    cdef bint head_done
    cdef list parts
    cdef Py_ssize_t missing
    cdef long size
    cdef long fed
    cdef bint reading
    cdef bint lingering
    cdef array spans
    cdef bytes url
    cdef bytes target
    cdef bytes content_type
    cdef bytes host

    cpdef submit(self, Request request)
    cpdef expect_body(self)
    cpdef find_upload(self, Request request)
    cdef start_parser(self)
    cpdef read(self, bytes data)
    @cython.locals(request=Request, start=Py_ssize_t, end=Py_ssize_t, spans=array)
    cdef Py_ssize_t _read_ordinary(self, bytes data) except -1
    @cython.locals(request=Request, size=Py_ssize_t)
    cdef bytes _read_rest(self, bytes data)
    cdef _parse(self, bytes data)
    cpdef refuse(self, int status)
    @cython.locals(request=Request, code=int)
    cpdef on_header(self, bytes name, bytes value)
    cdef _end_reading(self, Request request)
    cdef bint _upgrades(self) except -1
    cdef _ignore_upgrade(self, bytes rest)
    cdef _count_fed(self, long size)
    cdef _expect(self, Request request, bytes expectation)
    cdef _stop(self, int status)
