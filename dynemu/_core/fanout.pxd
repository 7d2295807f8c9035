import cython

from dynemu._core.codec cimport encode_row, row_size
from dynemu._core.values cimport size_of_item


cpdef dict project(dict item, frozenset wanted)
@cython.locals(
    old_size=Py_ssize_t, new_size=Py_ssize_t, entry=bytes, old_key=bytes, new_key=bytes, wanted=frozenset
)
cpdef add_index_rows(list indexes, dict old, bytes old_row, dict new, bytes new_row, writes, consumption)
cpdef Py_ssize_t entry_units(bytes old_key, Py_ssize_t old_size, bytes new_key, Py_ssize_t new_size) except -1
cpdef bint fits_indexes(list indexes, dict item) except -1
