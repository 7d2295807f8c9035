import cython

from dynemu._core cimport scanning
from dynemu._core.codec cimport decode_row, row_body, row_size
from dynemu._core.conditions cimport Node
from dynemu._core.fields cimport Fields, Names
from dynemu._core.paths cimport Projection

cdef Py_ssize_t HEADER_SIZE
cdef Py_ssize_t MOST
cdef frozenset _NONE


@cython.locals(page=list, size=Py_ssize_t, row=bytes)
cpdef tuple take_page(rows, Py_ssize_t limit, Py_ssize_t max_size)

cpdef bytes join_bodies(list rows)

@cython.locals(row=bytes, found=list, size=Py_ssize_t)
cpdef tuple join_found(list rows)

@cython.locals(names=Names, is_plain=bint)
cpdef tuple pick_bodies(list rows, Node node, dict values, Projection projection)

@cython.locals(count=Py_ssize_t, at=Py_ssize_t, fields=Fields, row=bytes, out=bytearray)
cdef tuple _pick_looking(list rows, Node node, dict values, Projection projection, Names names)

@cython.locals(row=bytes, item=dict)
cdef tuple _pick_parsing(list rows, Node node, dict values, Projection projection)
