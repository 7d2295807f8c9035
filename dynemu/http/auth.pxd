cdef class Authenticator:
    cdef readonly object default_region
    cdef dict _callers

    cpdef check(self, bytes authorization, bint has_date, bytes query)
