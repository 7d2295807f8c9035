cimport cython

from dynemu._core cimport scanning
from dynemu._core.fields cimport Fields


cdef class Path:
    cdef readonly str name
    cdef readonly tuple rest
    cpdef dict get(self, dict item)


cdef dict _find(dict value, tuple rest)


cdef class Branch:
    cdef readonly dict children
    cdef readonly Path path
    cdef readonly bint is_list
    cpdef tuple add(self, tuple parts, Py_ssize_t depth, Path path)
    cpdef Path first(self)


cdef class Piece:
    cdef readonly bint is_list
    cdef readonly tuple children
    cdef readonly list names
    cpdef dict apply(self, dict value)
    cdef dict apply_map(self, dict members)
    cdef dict apply_list(self, list elements)
    @cython.locals(inside=Py_ssize_t, end=Py_ssize_t)
    cdef Py_ssize_t write(self, bytes row, Py_ssize_t start, bytearray out, Py_ssize_t at) except -1
    @cython.locals(first=Py_ssize_t, place=Py_ssize_t, found=Py_ssize_t, end=Py_ssize_t)
    cdef Py_ssize_t write_map(self, bytes row, Py_ssize_t start, bytearray out, Py_ssize_t at) except -1
    @cython.locals(first=Py_ssize_t, count=Py_ssize_t, child=tuple, end=Py_ssize_t)
    cdef Py_ssize_t write_list(self, bytes row, Py_ssize_t start, bytearray out, Py_ssize_t at) except -1


cdef Piece _piece(tuple child)
cdef Py_ssize_t _index(tuple child) except -1

@cython.locals(inside=Py_ssize_t)
cdef Py_ssize_t _write_member(
    bytes name,
    Piece piece,
    bytes row,
    Py_ssize_t start,
    Py_ssize_t end,
    bytearray out,
    Py_ssize_t at,
    bint follows,
) except -1


cdef class Projection:
    cdef readonly tuple children
    cdef readonly frozenset attributes
    cdef readonly list names
    cpdef dict apply(self, dict item)
    @cython.locals(
        first=Py_ssize_t, place=Py_ssize_t, found=Py_ssize_t, start=Py_ssize_t, end=Py_ssize_t, name=str,
        piece=Piece
    )
    cpdef Py_ssize_t write(self, Fields fields, bytearray out, Py_ssize_t at) except -1
