import cython

from dynemu._core cimport answers, scanning
from dynemu._core.codec cimport decode_row, row_body, row_size
from dynemu._core.conditions cimport Node
from dynemu._core.fields cimport Fields
from dynemu._core.paths cimport Projection

cdef Py_ssize_t HEADER_SIZE
cdef Py_ssize_t MOST
cdef Py_ssize_t _HEAD_BYTES
cdef frozenset _NONE
cdef bytes _ITEMS


@cython.locals(page=list, size=Py_ssize_t, row=bytes)
cpdef tuple take_page(rows, Py_ssize_t limit, Py_ssize_t max_size)

cpdef bytes join_bodies(list rows)

@cython.locals(row=bytes, found=list, size=Py_ssize_t)
cpdef tuple join_found(list rows)

cpdef tuple pick_bodies(list rows, Node node, dict values, Projection projection)


cdef class Picker:
    cdef Node _node
    cdef Projection _projection
    cdef bint _looks
    cdef Fields _fields
    cdef Py_ssize_t _count

    @cython.locals(out=bytearray, at=Py_ssize_t)
    cpdef tuple pick(self, list rows, dict values)

    @cython.locals(
        scanned=Py_ssize_t, count=Py_ssize_t, items=bytes, out=bytearray, at=Py_ssize_t, head=bytes,
        start=Py_ssize_t
    )
    cpdef bytes answer(self, list rows, dict values, bytes after)

    @cython.locals(count=Py_ssize_t)
    cpdef bytes count(self, list rows, dict values, bytes after)

    cpdef bytes pick_one(self, bytes row)

    @cython.locals(size=Py_ssize_t, row=bytes)
    cdef bytearray _room_for(self, list rows, Py_ssize_t more)

    @cython.locals(count=Py_ssize_t, fields=Fields, node=Node, projection=Projection, row=bytes)
    cdef Py_ssize_t _write(self, list rows, dict values, bytearray out, Py_ssize_t at) except -1

    @cython.locals(row=bytes, item=dict, node=Node, projection=Projection)
    cdef tuple _pick_parsing(self, list rows, dict values)
