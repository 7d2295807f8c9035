cdef class Authenticator:
    cdef readonly object default_region
    cdef dict _regions

    cpdef check(self, bytes authorization, bint has_date, bytes query)
