from dynemu.http.protocol cimport Connection
from dynemu.http.request cimport Request

cdef int _STAYS

cdef class MovableConnection(Connection):
    cdef object worker
    cdef object router
    cdef set here
    cdef readonly bint is_internal
    cdef bytes given
    cdef bint was_continued
    cdef bint is_last
    cdef bytes latest
    cdef list kept
    cdef bint is_whole
    cdef int begun
    cdef int done
    cdef int continued
    cdef int leaving_for
    cdef int leaving_with

    cdef _answer(self, Request request)
    cpdef submit(self, Request request)
    cpdef expect_body(self)
    cpdef find_upload(self, Request request)
    cpdef drain(self)
    cpdef bint is_idle(self)
    cdef _keep(self, bytes data)
    cdef _move(self, int owner, int index)
    cpdef leave(self)
