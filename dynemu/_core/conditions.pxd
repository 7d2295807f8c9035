import cython

from dynemu._core.paths cimport Path
from dynemu._core.values cimport compare

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


cdef class And(Node):
    cdef readonly tuple nodes


cdef class Or(Node):
    cdef readonly tuple nodes


cdef class Not(Node):
    cdef readonly Node node


cdef bint _test_node(Node node, dict item, dict values) except? -1
cdef dict _read_operand(Operand operand, dict item, dict values)


cdef class Compare(Node):
    cdef readonly int code
    cdef readonly Operand left
    cdef readonly Operand right


cdef class Between(Node):
    cdef readonly Operand operand
    cdef readonly Operand low
    cdef readonly Operand high


cdef class In(Node):
    cdef readonly Operand operand
    cdef readonly tuple options


cdef class AttributeExists(Node):
    cdef readonly Operand operand


cdef class AttributeType(Node):
    cdef readonly Operand operand
    cdef readonly Operand code


cdef class BeginsWith(Node):
    cdef readonly Operand operand
    cdef readonly Operand prefix


cdef class Contains(Node):
    cdef readonly Operand operand
    cdef readonly Operand part


@cython.locals(tag=str, text=str, kind=str)
cdef bint _contains(dict value, dict part) except? -1
