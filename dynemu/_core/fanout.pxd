import cython

from dynemu._core cimport scanning
from dynemu._core.codec cimport decode_row, encode_row, row_size
from dynemu._core.fields cimport Fields
from dynemu._core.keys cimport KeyCodec
from dynemu._core.values cimport size_of_item


cpdef dict project(dict item, frozenset wanted)
@cython.locals(
    old_size=Py_ssize_t, new_size=Py_ssize_t, entry=bytes, old_row=bytes, new_row=bytes, old_key=bytes,
    new_key=bytes,
    wanted=frozenset, codec=KeyCodec
)
cpdef add_index_rows(list indexes, Image old, Image new, writes, consumption)
cpdef Py_ssize_t entry_units(bytes old_key, Py_ssize_t old_size, bytes new_key, Py_ssize_t new_size) except -1
cpdef bint fits_indexes(list indexes, dict item) except -1

@cython.locals(name=str, kind=str, place=Py_ssize_t, start=Py_ssize_t, size=Py_ssize_t)
cpdef bint fits_indexes_looking(list indexes, Fields fields) except -1


cdef class Image:
    cdef readonly bytes row
    cdef dict _item
    cdef Fields _fields

    cpdef dict item(self)
    cpdef bytes key(self, KeyCodec codec)
    cdef bint is_same(self, Image new, frozenset wanted) except -1
