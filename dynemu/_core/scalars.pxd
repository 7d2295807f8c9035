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
