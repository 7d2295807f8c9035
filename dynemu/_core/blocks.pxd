cimport cython
from cpython.array cimport array

from dynemu._core cimport search

cdef Py_ssize_t BLOCK_ROWS
cdef Py_ssize_t FREED_ROWS


@cython.final
cdef class Block:
    cdef object owner
    cdef list keys
    cdef array heads
    cdef list values
    cdef bytes newest
    cdef bint is_copy

    @cython.locals(block=Block)
    cdef Block copy(self, owner)
    cdef insert(self, Py_ssize_t at, bytes key, bytes value)
    cdef extend(self, Block other)
    cdef cut(self, Py_ssize_t start, Py_ssize_t end)
    @cython.locals(end=Py_ssize_t, rest=Block)
    cdef Block split(self, Py_ssize_t at)
    @cython.locals(last=Py_ssize_t)
    cdef Py_ssize_t split_place(self, Py_ssize_t at) except -1


cdef class SortedRows:
    cdef object _token
    cdef bint _shares
    cdef list _blocks
    cdef list _bounds
    cdef array _heads
    cdef list _dropped

    @cython.locals(block=Block)
    cpdef take_over(self, SortedRows other)
    cpdef tuple shared_blocks(self, SortedRows other)
    @cython.locals(block=Block)
    cpdef list shared_spans(self, SortedRows other)
    cpdef clear(self)
    @cython.locals(rows=Py_ssize_t)
    cpdef bint free(self, Py_ssize_t writes) except -1
    @cython.locals(block=Block)
    cpdef inherit(self, SortedRows other)
    @cython.locals(block=Block, at=Py_ssize_t)
    cpdef bytes get(self, bytes key)
    cpdef list get_many(self, list keys)
    @cython.locals(key=bytes, found=bytes)
    cpdef bint is_as_expected(self, list expected) except -1
    @cython.locals(key=bytes, value=bytes)
    cpdef put_many(self, list rows)
    @cython.locals(block=Block, place=Py_ssize_t, at=Py_ssize_t)
    cpdef put(self, bytes key, bytes value)
    @cython.locals(key=bytes)
    cpdef delete_many(self, list keys)
    @cython.locals(block=Block, place=Py_ssize_t, at=Py_ssize_t)
    cpdef delete(self, bytes key)
    @cython.locals(block=Block, first=Py_ssize_t, last=Py_ssize_t, low=Py_ssize_t)
    cpdef delete_range(self, bytes start, bytes end)
    @cython.locals(rows=RowIterator)
    cpdef scan(self, bytes start, bytes end, bint reverse=*)
    @cython.locals(values=ValueIterator)
    cpdef values(self, bytes start, bytes end, bint reverse=*)

    @cython.locals(block=Block)
    cdef Block _own_block(self, Py_ssize_t place)
    cdef _drop(self, Block block)
    @cython.locals(block=Block, count=Py_ssize_t)
    cdef Py_ssize_t _free(self) except -1
    @cython.locals(block=Block, bound=bytes)
    cdef _split(self, Py_ssize_t place, Py_ssize_t at)
    @cython.locals(block=Block)
    cdef _join(self, Py_ssize_t place)
    @cython.locals(block=Block, following=Block, count=Py_ssize_t)
    cdef bint _join_next(self, Py_ssize_t place) except -1


cdef class BlockWalk:
    cdef list _blocks
    cdef Block _block
    cdef Py_ssize_t _first
    cdef Py_ssize_t _last
    cdef Py_ssize_t _low
    cdef Py_ssize_t _high
    cdef Py_ssize_t _step
    cdef Py_ssize_t _place
    cdef Py_ssize_t _more
    cdef Py_ssize_t _left
    cdef Py_ssize_t _at

    @cython.locals(block=Block)
    cdef begin(self, SortedRows rows, bytes start, bytes end, bint reverse)
    @cython.locals(low=Py_ssize_t, high=Py_ssize_t)
    cdef bint _enter(self) except -1


cdef class ValueIterator(BlockWalk):
    pass


cdef class RowIterator(BlockWalk):
    pass
