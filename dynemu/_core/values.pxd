import cython

from dynemu._core cimport numbers

cdef Py_ssize_t _REFUSED
cdef Py_ssize_t _MEMBER_BYTES
cdef Py_ssize_t _DOCUMENT_BYTES
cdef Py_ssize_t NESTING_LEVELS

@cython.locals(total=Py_ssize_t)
cpdef Py_ssize_t normalise_item(item) except? -1

cpdef normalise_items(list items)

@cython.locals(total=Py_ssize_t)
cpdef Py_ssize_t normalise_value(value) except? -1

@cython.locals(total=Py_ssize_t, part=Py_ssize_t)
cpdef Py_ssize_t normalise_all(dict values) except? -9

@cython.locals(total=Py_ssize_t, part=Py_ssize_t, name=str)
cdef Py_ssize_t _walk_map(dict members, Py_ssize_t depth, Py_ssize_t overhead) except? -2

@cython.locals(tag=str, part=Py_ssize_t)
cdef Py_ssize_t _walk_value(dict value, Py_ssize_t depth) except? -2

@cython.locals(number=str)
cdef Py_ssize_t _walk_text(dict value, str tag, str text) except? -2

cdef Py_ssize_t _walk_odd(dict value, Py_ssize_t depth) except? -2

@cython.locals(total=Py_ssize_t, part=Py_ssize_t)
cdef Py_ssize_t _walk_list(str tag, list members, Py_ssize_t depth) except? -2

@cython.locals(total=Py_ssize_t)
cdef Py_ssize_t _walk_set(list members) except? -2

@cython.locals(total=Py_ssize_t, number=str, texts=list)
cdef Py_ssize_t _walk_number_set(list members) except? -2

@cython.locals(total=Py_ssize_t, part=Py_ssize_t)
cdef Py_ssize_t _walk_binary_set(list members) except? -2

cpdef sort_numbers(list members)
cpdef sort_binaries(list members)
cpdef check_item_types(item)
cpdef check_types(value)
cdef bint _has_json_types_inside(dict members, Py_ssize_t depth) except? -1

@cython.locals(tag=str)
cdef bint _has_json_types(dict value, Py_ssize_t depth) except? -1

cdef bint _has_member_types(str tag, list members, Py_ssize_t depth) except? -1
cpdef Py_ssize_t size_of_text(str text) except? -2

@cython.locals(data=bytes)
cdef Py_ssize_t _base64_size(str text) except? -2

@cython.locals(allowed=frozenset, value=dict)
cpdef bint have_types(dict values, tuple rules) except -1

cpdef bint are_ordered(dict values, tuple bounds) except -1

@cython.locals(tag=str)
cpdef str type_of(dict value)

@cython.locals(total=Py_ssize_t, name=str)
cpdef Py_ssize_t size_of_item(dict item) except? -1

@cython.locals(tag=str)
cpdef Py_ssize_t size_of(dict value) except? -1

@cython.locals(total=Py_ssize_t, scalar=str)
cdef Py_ssize_t _size_of_members(str tag, list members) except? -1

cdef Py_ssize_t _size_of_scalar(str tag, payload) except? -1
cdef Py_ssize_t _decoded_size(str text) except? -1

@cython.locals(tag=str)
cpdef int compare(dict a, dict b) except? -9

cdef int _compare_texts(str left, str right) except? -9
cdef int _compare_bytes(bytes left, bytes right) except? -9
