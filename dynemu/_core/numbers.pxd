import cython

cdef Py_ssize_t _SHORT
cdef Py_ssize_t _BIAS
cdef Py_ssize_t _LARGEST
cdef bytes _ZERO
cdef list _NEGATIVE_HEADS
cdef list _POSITIVE_HEADS
cdef bytes _NEGATIVE_END
cdef bytes _POSITIVE_END
cdef bytes _COMPLEMENT
cdef int _ANY
cdef int _CANONICAL
cdef int _TRAILING_ZEROS

@cython.locals(form=int)
cpdef str canonical(str text)

@cython.locals(length=Py_ssize_t, start=Py_ssize_t, point=Py_ssize_t, position=Py_ssize_t, char=Py_UCS4)
cdef int _form(str text) except -1

@cython.locals(digits=bytes)
cpdef bytes encode(str text)

@cython.locals(digits=str)
cdef str _digits(str text)

@cython.locals(point=Py_ssize_t, start=Py_ssize_t, position=Py_ssize_t)
cdef Py_ssize_t _exponent(str text) except? -999

@cython.locals(sign=int, exponent=Py_ssize_t, end=Py_ssize_t, digits=str)
cpdef tuple decode(bytes data, Py_ssize_t start)

@cython.locals(negative=bint, left=Py_ssize_t, right=Py_ssize_t, less=bint)
cpdef int compare(str a, str b) except? -9

@cython.locals(point=Py_ssize_t)
cdef Py_ssize_t _whole_length(str text) except? -1

cpdef str add(str a, str b)
cpdef str subtract(str a, str b)
cdef bint _is_short(str text) except? -1

@cython.locals(scale=Py_ssize_t, exponent=Py_ssize_t, text=str, digits=str)
cdef str _sum(str a, str b, int sign)

@cython.locals(point=Py_ssize_t)
cdef Py_ssize_t _decimals(str text) except? -1

cdef object _scaled(str text, Py_ssize_t scale)

@cython.locals(count=Py_ssize_t, text=str)
cdef str _render(bint negative, str digits, Py_ssize_t exponent)

@cython.locals(start=Py_ssize_t, end=Py_ssize_t, point=Py_ssize_t, first=Py_ssize_t, pairs=Py_ssize_t)
cpdef Py_ssize_t size(str text) except? -1
