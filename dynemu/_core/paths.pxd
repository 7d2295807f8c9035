cdef class Path:
    cdef readonly str name
    cdef readonly tuple rest
    cpdef dict get(self, dict item)


cdef dict _find(dict value, tuple rest)


cdef class Branch:
    cdef readonly dict children
    cdef readonly Path path
    cdef readonly bint is_list
    cpdef tuple add(self, tuple parts, Py_ssize_t depth, Path path)
    cpdef Path first(self)


cdef class Piece:
    cdef readonly bint is_list
    cdef readonly tuple children
    cpdef dict apply(self, dict value)
    cdef dict apply_map(self, dict members)
    cdef dict apply_list(self, list elements)


cdef class Projection:
    cdef readonly tuple children
    cdef readonly frozenset attributes
    cpdef dict apply(self, dict item)
