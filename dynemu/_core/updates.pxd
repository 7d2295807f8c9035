cimport cython

from dynemu._core cimport splicing
from dynemu._core.codec cimport row_size
from dynemu._core.conditions cimport Operand, PathOperand
from dynemu._core.fields cimport Fields
from dynemu._core.paths cimport Path, Projection
from dynemu._core.values cimport size_of, size_of_text

cdef Py_ssize_t _BODY
cdef dict _REMOVED
cdef frozenset _ADDABLE, _DELETABLE

cdef dict _require(Operand operand, dict item, dict values)
@cython.locals(total=str)
cdef str _sum(str a, str b, bint subtracts)


cdef class Arithmetic(Operand):
    cdef readonly bint subtracts
    cdef readonly Operand left
    cdef readonly Operand right


cdef class ListAppend(Operand):
    cdef readonly Operand first
    cdef readonly Operand second


cdef class IfNotExists(Operand):
    cdef readonly Operand operand
    cdef readonly Operand default


cdef class Addition(Operand):
    cdef readonly Operand operand
    cdef readonly Operand added
    cdef readonly str mismatch


cdef class Deletion(Operand):
    cdef readonly Operand operand
    cdef readonly Operand deleted
    cdef readonly str mismatch


cdef class Action:
    cdef readonly Path path
    cdef readonly Operand operand
    cdef readonly bint required


cdef class Update:
    cdef readonly tuple actions
    cdef readonly tuple order
    cdef readonly frozenset attributes
    cdef readonly tuple names
    cdef readonly frozenset reads
    cdef readonly frozenset touched
    cdef readonly Projection paths
    cdef readonly bint creates
    @cython.locals(new=dict)
    cpdef tuple splice(self, Fields fields, dict values)
    cpdef dict apply(self, dict item, dict values)


@cython.locals(
    row=bytes, size=Py_ssize_t, cuts=list, added=bytes, name=str, value=dict, place=Py_ssize_t,
    start=Py_ssize_t, end=Py_ssize_t
)
cdef bytes _splice(Fields fields, tuple names, dict new)


cdef Path _written_path(Action action)
cdef dict _evaluate(Action action, dict item, dict values)


cdef class _Work:
    cdef readonly dict copies
    cdef readonly list appended
    cdef readonly list thinned
    cdef write(self, dict new, Path path, dict value)
    cdef dict own(self, dict value, str tag)
    cdef finish(self)


cdef dict _take(holder, key)
