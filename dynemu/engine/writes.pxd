cimport cython

from dynemu._core cimport scanning
from dynemu._core.codec cimport decode_row, encode_row, encode_row_sized, row_body, row_size
from dynemu._core.conditions cimport Node
from dynemu._core.fanout cimport Image, add_index_rows, fits_indexes_looking
from dynemu._core.fields cimport Fields, Names
from dynemu._core.updates cimport Update
from dynemu.storage.base cimport WriteSet

cdef Py_ssize_t ITEM_BYTES
cdef Py_ssize_t MOST
cdef frozenset _NO_NAMES


cdef class Target:
    cdef public object view
    cdef public object table
    cdef public bytes row_key
    cdef public bint by_service
    cdef public bytes row
    cdef public bytes new_row
    cdef dict _image
    cdef dict _new_image
    cdef Fields _fields
    cdef dict _written

    @cython.locals(names=Names)
    cpdef look(self, Node condition, Update update)
    @cython.locals(holds=bint)
    cpdef check(self, Node condition, dict values, on_failure)
    cpdef replace(self, dict new, WriteSet writes, consumption, Py_ssize_t size=*)
    @cython.locals(image=dict)
    cpdef update(self, dict key, Update update, dict values)
    @cython.locals(new_row=bytes, fields=Fields)
    cdef _check_index_keys(self)
    @cython.locals(row=bytes, is_old=bint)
    cpdef pick(self, wanted, Update update)
    @cython.locals(old_row=bytes, new_row=bytes, old_size=Py_ssize_t, new_size=Py_ssize_t)
    cpdef write(self, WriteSet writes, consumption)
