import cython

from dynemu._core.keys cimport KeyCodec, encode_part, encode_prefix, successor


cdef class KeyRange:
    cdef public bytes start
    cdef public bytes end
    cdef readonly bytes partition
    cdef readonly bint is_point
    cdef readonly bint is_narrowed


cdef class RangePlanner:
    cdef tuple _patterns
    cdef object _source
    cdef KeyCodec _codec
    cdef bint _is_table
    cdef list _steps
    cdef Py_ssize_t _hashes
    cdef Py_ssize_t _last
    cdef str _operator

    @cython.locals(operands=list)
    cpdef KeyRange find(self, source, dict values)

    @cython.locals(name=str, kind=str, value=dict, operands=list)
    cdef list _operands(self, dict values)

    @cython.locals(
        hashes=Py_ssize_t, codec=KeyCodec, partition=bytes, base=bytes, value=dict, start=bytes, end=bytes
    )
    cdef KeyRange _find(self, list operands)


@cython.locals(start=bytes, low=bytes)
cpdef tuple bounds(bytes base, str operator, list operands)
