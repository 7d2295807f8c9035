import cython

from dynemu._core.codec cimport row_size
from dynemu._core.conditions cimport Node
from dynemu._core.pages cimport Picker, join_bodies, pick_bodies, take_page
from dynemu._core.paths cimport Projection

cdef Py_ssize_t _NO_LIMIT


cdef class ReadPlan:
    cdef readonly object source
    cdef readonly bytes start
    cdef readonly bytes end
    cdef readonly bint reverse
    cdef readonly object limit
    cdef readonly Node filter
    cdef readonly dict values
    cdef readonly Projection projection
    cdef readonly bint fetches
    cdef readonly bint counts_only
    cdef readonly Py_ssize_t room


cdef class Page:
    cdef readonly Py_ssize_t count
    cdef readonly Py_ssize_t scanned
    cdef readonly Py_ssize_t size
    cdef readonly Py_ssize_t fetched_units
    cdef readonly dict last_key
    cdef readonly bytes items


@cython.locals(
    rows=list, size=Py_ssize_t, stopped=bint, limit=Py_ssize_t, scanned=Py_ssize_t, count=Py_ssize_t,
    fetched_units=Py_ssize_t, items=bytes, last_key=dict
)
cpdef Page read_page(view, ReadPlan plan)

@cython.locals(key=dict)
cpdef dict get_key(source, bytes row)

@cython.locals(picker=Picker)
cpdef bytes pick_key(source, bytes row)
