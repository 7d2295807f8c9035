cimport cython

from dynemu._core cimport records, scanning
from dynemu.storage.base cimport WriteSet

cdef bytes NEXT_NUMBER
cdef bytes HISTORY
cdef bytes MOMENTS
cdef bytes RECORDS
cdef int INSERT
cdef int MODIFY
cdef int REMOVE
cdef int BY_SERVICE
cdef frozenset NEW_IMAGE
cdef frozenset OLD_IMAGE

@cython.locals(row=bytes, number=object, opened=dict, last=dict)
cpdef record_changes(view, WriteSet writes, double now)

@cython.locals(
    row_key=bytes, old_row=bytes, new_row=bytes, new=bytes, old=bytes, stream=bytes, key=bytes, kind=int
)
cdef _record(view, WriteSet writes, target, number, double now, dict opened)
cdef bint _is_same(target, bytes old_row, bytes new_row) except -1

@cython.locals(key=bytes, entry=bytes)
cdef _keep(WriteSet writes, target, number, double now)
cdef _decode(bytes row)
cdef _put_next(WriteSet writes, bytes row, number)
