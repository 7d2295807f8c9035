import cython

from dynemu._core.pages cimport Picker, take_page
from dynemu._core.shapes cimport Structure
from dynemu._core.values cimport are_ordered, have_types, normalise_all
from dynemu.engine.planner cimport KeyRange, RangePlanner
from dynemu.engine.reads cimport pick_key

cdef Py_ssize_t _NO_LIMIT
cdef Py_ssize_t _PAGE_BYTES
cdef Py_ssize_t _PLACEHOLDER_BYTES
cdef Py_ssize_t _CACHED_PLACEHOLDERS
cdef bytes _END
cdef bytes _LAST_KEY
cdef bytes _CAPACITY
cdef dict _NONE
cdef str _NAMES
cdef str _VALUES


cdef class PageForm:
    cdef readonly object source
    cdef readonly object select
    cdef readonly bint counts_only
    cdef readonly bint is_global
    cdef readonly bint fetches
    cdef readonly RangePlanner planner
    cdef readonly Picker picker
    cdef readonly object checks
    cdef readonly tuple types
    cdef readonly tuple bounds


cdef class PlainPages:
    cdef Structure _shape
    cdef tuple _expressions
    cdef frozenset _members
    cdef frozenset _others
    cdef object _prepare
    cdef object _narrow

    @cython.locals(narrows=bint)
    cpdef bytes answer(self, engine, dict request)

    @cython.locals(
        form=PageForm, values=dict, key_range=KeyRange, rows=list, size=Py_ssize_t, after=bytes,
        consistent=bint, reverse=bint, found=RangePlanner
    )
    cdef bytes _answer(self, engine, dict request, bint narrows)

    @cython.locals(names=dict, values=dict, pairs=tuple, keys=tuple, form=PageForm)
    cdef PageForm _find_form(self, source, dict request)

    @cython.locals(size=Py_ssize_t)
    cdef bint _are_good(self, PageForm form, dict values) except -1
