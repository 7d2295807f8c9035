cimport cython


cdef class Node:
    cdef readonly bint plain
    cdef public bint converts

    cpdef bint accepts(self, value, int room) except? -1
    cpdef object read(self, value)
    cpdef object write(self, value, int room)


cdef class Text(Node):
    cdef readonly Py_ssize_t low

    cpdef bint accepts(self, value, int room) except? -1


cdef class Whole(Node):
    cdef readonly object low

    cpdef bint accepts(self, value, int room) except? -1


cdef class Real(Node):
    cpdef bint accepts(self, value, int room) except? -1


cdef class Flag(Node):
    cpdef bint accepts(self, value, int room) except? -1


cdef class Blob(Node):
    cpdef bint accepts(self, value, int room) except? -1
    cpdef object read(self, value)


cdef class Moment(Node):
    cdef readonly object parse

    cpdef object read(self, value)


cdef class Sequence(Node):
    cdef readonly Node member
    cdef readonly Py_ssize_t low

    @cython.locals(node=Node)
    cpdef bint accepts(self, value, int room) except? -1
    @cython.locals(node=Node)
    cpdef object read(self, value)
    @cython.locals(node=Node)
    cpdef object write(self, value, int room)


cdef class Mapping(Node):
    cdef readonly Node member
    cdef readonly Py_ssize_t low

    @cython.locals(given=dict, node=Node)
    cpdef bint accepts(self, value, int room) except? -1
    @cython.locals(given=dict, node=Node)
    cpdef object read(self, value)
    @cython.locals(given=dict, written=dict, node=Node)
    cpdef object write(self, value, int room)


cdef class Structure(Node):
    cdef readonly dict members
    cdef readonly tuple required

    cpdef take(self, dict members, tuple required)
    @cython.locals(given=dict, nodes=dict, node=Node)
    cpdef bint accepts(self, value, int room) except? -1
    @cython.locals(given=dict, found=dict, node=Node)
    cpdef object read(self, value)
    @cython.locals(given=dict, nodes=dict, written=dict, node=Node)
    cpdef object write(self, value, int room)


cdef class TaggedValue(Structure):
    @cython.locals(given=dict, node=Node)
    cpdef object read(self, value)


cdef class PythonValue(Structure):
    cdef readonly object context
    cdef readonly object binary
    cdef readonly object deserialize

    cpdef bint accepts(self, value, int room) except? -1
    cpdef object read(self, value)
    cpdef object write(self, value, int room)
    cdef object _read_rare(self, tag, member, value)
    cdef object _read_slowly(self, value)
    cdef object _write_rare(self, kind, value)
    cdef object _write_set(self, list members)
    cdef object _number(self, value)
    cdef object _binary(self, kind, value)
