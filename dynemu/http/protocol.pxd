from dynemu.http.reader cimport RequestReader
from dynemu.http.request cimport Request
from dynemu.http.wire cimport Wire

cdef class Connection(RequestReader):
    cdef object server
    cdef Wire wire
    cdef bint syncs
    cdef object databases
    cdef object transport
    cdef object queue
    cdef list out
    cdef long out_size
    cdef int answered
    cdef long seen
    cdef bint paused
    cdef bint blocked
    cdef bint waiting
    cdef bint held
    cdef bint scheduled
    cdef bint continue_due
    cdef bint dropped
    cdef bint ending
    cdef object work
    cdef bint going

    cdef _receive(self, bytes data)
    cpdef flush(self)
    cpdef send(self)
    cpdef drain(self)
    cpdef bint is_idle(self)
    cdef _pause_reading(self)
    cdef _resume_reading(self)
    cdef _schedule(self)
    cdef _answer(self, Request request)
    cdef _hold_back(self)
    cpdef _send_late(self, list answer)
    cdef _drop(self)
    cdef _begin_work(self)
    cdef _schedule_work(self)
    cpdef _go_on(self)
    cdef _finish(self)
