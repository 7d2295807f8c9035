import cython
from cpython.array cimport array

from dynemu._core cimport lanes, packing

cdef Py_ssize_t _SQUARE
cdef Py_ssize_t _VECTOR
cdef Py_ssize_t _SIZE
cdef int _COSINE
cdef int _EUCLIDEAN

@cython.locals(numbers=list, element=dict)
cpdef bytes pack_vector(list elements)

@cython.locals(body=bytes, value=bytes)
cpdef bytes pack_entry(bytes vector, list filters, dict item, Py_ssize_t size)

@cython.locals(position=Py_ssize_t, item=dict)
cpdef dict entry_item(bytes entry, Py_ssize_t dimensions, Py_ssize_t filters)

cdef Py_ssize_t _get_size(bytes entry, Py_ssize_t position) except -1


cdef class Search:
    cdef readonly array numbers
    cdef readonly Py_ssize_t dimensions
    cdef readonly double square
    cdef readonly int distance
    cdef readonly Py_ssize_t count
    cdef readonly list filters
    cdef readonly Py_ssize_t seen
    cdef readonly list best
    cdef readonly double least

    @cython.locals(entry=bytes)
    cpdef look_at(self, entries)

    @cython.locals(rank=double)
    cpdef rate(self, bytes entry)

    @cython.locals(position=Py_ssize_t, size=Py_ssize_t, wanted=bytes)
    cpdef bint passes(self, bytes entry) except -1

    @cython.locals(product=double, lengths=double)
    cpdef double rank(self, bytes entry) except? -1.5

    cpdef double score(self, double rank) except? -1.5
