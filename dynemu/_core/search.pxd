from cpython.array cimport array
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.object cimport PyObject
from libc.string cimport memcmp, memcpy

cdef extern from "Python.h":
    bint PyObject_IS_GC(PyObject *container) noexcept
    void PyObject_GC_UnTrack(PyObject *container) noexcept


cdef inline unsigned long long head_of(bytes key) noexcept:
    cdef unsigned char start[8]
    cdef unsigned long long head = 0
    cdef Py_ssize_t size = PyBytes_GET_SIZE(key)
    cdef int i
    for i in range(8):
        start[i] = 0
    memcpy(start, PyBytes_AS_STRING(key), size if size < 8 else 8)
    for i in range(8):
        head = head << 8 | start[i]
    return head


cdef inline bint _is_less(bytes one, bytes other) noexcept:
    cdef Py_ssize_t one_size = PyBytes_GET_SIZE(one)
    cdef Py_ssize_t other_size = PyBytes_GET_SIZE(other)
    cdef Py_ssize_t common = one_size if one_size < other_size else other_size
    cdef int order = memcmp(PyBytes_AS_STRING(one), PyBytes_AS_STRING(other), common)
    return order < 0 or (order == 0 and one_size < other_size)


cdef inline Py_ssize_t find_place(list keys, array heads, bytes key) except -1:
    if key is None:
        raise TypeError("a key is bytes, not None")
    cdef unsigned long long head = head_of(key)
    cdef unsigned long long *numbers = heads.data.as_ulonglongs
    cdef Py_ssize_t low = 0
    cdef Py_ssize_t high = PyList_GET_SIZE(keys)
    cdef Py_ssize_t middle
    while low < high:
        middle = (low + high) >> 1
        if numbers[middle] < head:
            low = middle + 1
        elif numbers[middle] > head or not _is_less(<bytes> PyList_GET_ITEM(keys, middle), key):
            high = middle
        else:
            low = middle + 1
    return low


cdef inline void untrack(container) noexcept:
    if PyObject_IS_GC(<PyObject *> container):
        PyObject_GC_UnTrack(<PyObject *> container)
