cimport cython


@cython.freelist(16)
cdef class Request:
    cdef public bytes method
    cdef public bytes url
    cdef public bytes target
    cdef public bytes content_type
    cdef public bytes authorization
    cdef public bint has_date
    cdef public bytes host
    cdef public bytes length
    cdef public dict others
    cdef public bytes body
    cdef public object upload
    cdef public bint keep_alive
    cdef public int refusal
