cimport cython
from cpython.array cimport array

from dynemu._core cimport scanning


cdef Py_ssize_t HEADER_SIZE
cdef int _UNKNOWN


cdef class Names:
    cdef readonly dict places
    cdef readonly list texts
    cdef readonly array spans


cdef class Fields:
    cdef readonly dict places
    cdef list _names
    cdef array _spans
    cdef bytes row
    cdef dict _item

    cpdef find(self, bytes row)
    cpdef forget(self)
    cdef bytes text(self, str name)
    cdef Py_ssize_t start(self, Py_ssize_t place) noexcept
    cdef Py_ssize_t end(self, Py_ssize_t place) noexcept
    @cython.locals(name=str, place=Py_ssize_t, start=Py_ssize_t, value=dict)
    cpdef dict item(self, frozenset names)
    @cython.locals(place=Py_ssize_t)
    cpdef Py_ssize_t place(self, str name) except? -9
    @cython.locals(start=Py_ssize_t, tag=str)
    cpdef int equals(self, Py_ssize_t place, dict value) except? -9
    @cython.locals(start=Py_ssize_t, tag=str)
    cpdef int compare(self, Py_ssize_t place, dict value) except? -9
    @cython.locals(start=Py_ssize_t, tag=str)
    cpdef int starts_with(self, Py_ssize_t place, dict value) except? -9
    @cython.locals(start=Py_ssize_t, tag=str)
    cpdef int contains(self, Py_ssize_t place, dict value) except? -9
