cdef class WriteSet:
    cdef public list puts
    cdef public list deletes
    cdef public list ranges
    cdef public dict counts
    cdef public list expects
    cdef public list changes
    cdef public bint catalogue_changed
    cdef public bint adds_work
    cdef public object due

    cpdef count(self, index_id, Py_ssize_t items, Py_ssize_t size)
