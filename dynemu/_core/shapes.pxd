cimport cython

from dynemu._core.scalars cimport Shape


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
