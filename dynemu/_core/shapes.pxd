cimport cython


cdef class Shape:
    cpdef bint accepts(self, value) except? -1
    cpdef check_type(self, value)
    cpdef check(self, value, path, problems)


cdef class String(Shape):
    cdef readonly Py_ssize_t low
    cdef readonly Py_ssize_t high
    cdef readonly object pattern
    cdef readonly object matches
    cdef readonly frozenset enum
    cdef readonly object enum_rule
    cdef set known
    cdef bint _learn(self, value) except? -1


cdef class Name(String):
    pass


cdef class OlderName(Name):
    pass


cdef class Integer(Shape):
    cdef readonly object low
    cdef readonly object high
    cdef readonly object java_name
    cdef readonly object early


cdef class Number(Shape):
    pass


cdef class Boolean(Shape):
    pass


cdef class Blob(Shape):
    pass


cdef class List(Shape):
    cdef readonly Shape member
    cdef readonly bint newest
    cdef readonly Py_ssize_t low
    cdef readonly Py_ssize_t high

    @cython.locals(members=list, size=Py_ssize_t, node=Shape)
    cpdef bint accepts(self, value) except? -1


cdef class Map(Shape):
    cdef readonly Shape member
    cdef readonly bint newest
    cdef readonly Shape key
    cdef readonly object key_rule
    cdef readonly object value_rule
    cdef readonly object java_name
    cdef readonly Py_ssize_t low

    @cython.locals(members=dict, node=Shape)
    cpdef bint accepts(self, value) except? -1


cdef class Structure(Shape):
    cdef readonly dict members
    cdef readonly tuple required
    cdef readonly object java_name

    @cython.locals(given=dict, nodes=dict, node=Shape)
    cpdef bint accepts(self, value) except? -1


cdef class AttributeMap(Shape):
    pass


cdef class Value(Shape):
    pass
