cimport cython

from dynemu._core.codec cimport decode_row, encode_row, encode_row_sized, row_size
from dynemu._core.fanout cimport Before, add_index_rows
from dynemu.storage.base cimport WriteSet

cdef Py_ssize_t ITEM_BYTES


cdef class Target:
    cdef public object view
    cdef public object table
    cdef public bytes row_key
    cdef public bint by_service
    cdef public bytes row
    cdef dict _image

    cpdef check(self, condition, dict values, on_failure)
    @cython.locals(old_row=bytes, new_row=bytes, old_size=Py_ssize_t, new_size=Py_ssize_t)
    cpdef replace(self, dict new, WriteSet writes, consumption, Py_ssize_t size=*)
