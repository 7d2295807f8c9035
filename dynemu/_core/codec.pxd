import cython

from dynemu._core cimport packing, values

cdef Py_ssize_t _BODY

cpdef bytes encode_row(dict item)
cpdef bytes encode_row_sized(dict item, Py_ssize_t size)

cpdef Py_ssize_t row_size(bytes row) except? -1

cpdef bytes row_body(bytes row)

@cython.locals(item=dict)
cpdef dict decode_row(bytes row)
