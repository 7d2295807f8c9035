cdef bytes _SIGNED_HEADERS


cdef class Authenticator:
    cdef readonly object default_region
    cdef dict _callers
    cdef bytes _latest
    cdef tuple _caller_of_latest

    cpdef check(self, bytes authorization, bint has_date, bytes query)
