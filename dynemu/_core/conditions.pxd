import cython

from dynemu._core.fields cimport Fields
from dynemu._core.paths cimport Path
from dynemu._core.values cimport compare

cdef int UNKNOWN
cdef dict _NOTHING
cdef int _EQ, _NE, _LT, _LE, _GT, _GE, _LESS, _GREATER


cdef class Operand:
    cdef readonly frozenset attributes
    cpdef dict read(self, dict item, dict values)


cdef class PathOperand(Operand):
    cdef readonly Path path


cdef class ValueOperand(Operand):
    cdef readonly str name


cdef class ConstantOperand(Operand):
    cdef readonly dict value


cdef class Size(Operand):
    cdef readonly Operand operand


@cython.locals(tag=str)
cdef Py_ssize_t _size_in_elements(dict value) except? -1


cdef class Node:
    cdef readonly frozenset attributes
    cpdef bint test(self, dict item, dict values) except? -1
    cpdef bint holds(self, Fields fields, dict values) except? -1


cdef class And(Node):
    cdef readonly tuple nodes


cdef class Or(Node):
    cdef readonly tuple nodes


cdef class Not(Node):
    cdef readonly Node node


cdef bint _test_node(Node node, dict item, dict values) except? -1
cdef bint _holds(Node node, Fields fields, dict values) except? -1
cdef dict _read_operand(Operand operand, dict item, dict values)


cdef class Compare(Node):
    cdef readonly int code
    cdef readonly Operand left
    cdef readonly Operand right
    cdef readonly str name
    cdef bint fits(self, int order) noexcept
    @cython.locals(place=Py_ssize_t, order=int, equal=int, right=dict)
    cpdef bint holds(self, Fields fields, dict values) except? -1


cdef class Between(Node):
    cdef readonly Operand operand
    cdef readonly Operand low
    cdef readonly Operand high
    cdef readonly str name
    @cython.locals(place=Py_ssize_t, to_low=int, to_high=int)
    cpdef bint holds(self, Fields fields, dict values) except? -1


cdef class In(Node):
    cdef readonly Operand operand
    cdef readonly tuple options
    cdef readonly str name
    @cython.locals(place=Py_ssize_t, equal=int)
    cpdef bint holds(self, Fields fields, dict values) except? -1


cdef class AttributeExists(Node):
    cdef readonly Operand operand
    cdef readonly str name


cdef class AttributeType(Node):
    cdef readonly Operand operand
    cdef readonly Operand code


cdef class BeginsWith(Node):
    cdef readonly Operand operand
    cdef readonly Operand prefix
    cdef readonly str name
    @cython.locals(place=Py_ssize_t, begins=int)
    cpdef bint holds(self, Fields fields, dict values) except? -1


cdef class Contains(Node):
    cdef readonly Operand operand
    cdef readonly Operand part
    cdef readonly str name
    @cython.locals(place=Py_ssize_t, contains=int)
    cpdef bint holds(self, Fields fields, dict values) except? -1


@cython.locals(tag=str, text=str, kind=str)
cdef bint _contains(dict value, dict part) except? -1
