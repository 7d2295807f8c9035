import cython

from dynemu._core cimport numbers, packing, scanning
from dynemu._core.fields cimport Fields

cdef Py_ssize_t _HEAD_BYTES
cdef Py_ssize_t HASH_KEY_BYTES
cdef Py_ssize_t RANGE_KEY_BYTES
cdef bytes _NUL
cdef bytes _ESCAPED_NUL
cdef bytes _END
cdef list _BYTES
cdef int _TEXT
cdef int _NUMBER
cdef int _BINARY
cdef Py_ssize_t _ABSENT
cdef Py_ssize_t _ROOM


cdef class KeyCodec:
    cdef readonly bytes start
    cdef readonly bytes end
    cdef readonly list hash
    cdef readonly list range
    cdef readonly list rest
    cdef readonly list parts
    cdef Py_ssize_t _hashes
    cdef bytearray _room

    @cython.locals(at=Py_ssize_t, head_size=Py_ssize_t, place=Py_ssize_t, part=KeyPart)
    cpdef bytes encode(self, dict item)

    @cython.locals(key=dict, row_key=bytes)
    cpdef list encode_keys(self, list keys)

    @cython.locals(at=Py_ssize_t, head_size=Py_ssize_t, place=Py_ssize_t, part=KeyPart)
    cpdef bytes encode_fields(self, Fields fields)

    @cython.locals(head=bytes, tail=bytes, rest=bytes)
    cdef bytes _encode_apart(self, dict item)

    @cython.locals(head=bytes)
    cpdef bytes hash_prefix(self, list values)

    @cython.locals(part=KeyPart, position=Py_ssize_t)
    cpdef dict decode(self, bytes row_key)

    cpdef tuple segment(self, number, total)

    cdef bytes _boundary(self, number, total)


cdef class KeyPart:
    cdef readonly str name
    cdef readonly str type
    cdef int kind

    @cython.locals(value=dict, payload=str, raw=bytes, size=Py_ssize_t)
    cdef bytes encode(self, dict item, Py_ssize_t limit)

    @cython.locals(value=dict, payload=str)
    cdef Py_ssize_t put(self, dict item, bytearray out, Py_ssize_t at) except -9

    @cython.locals(place=Py_ssize_t, start=Py_ssize_t, end=Py_ssize_t)
    cdef Py_ssize_t put_field(self, Fields fields, bytearray out, Py_ssize_t at) except -9

    @cython.locals(payload=str)
    cdef Py_ssize_t size(self, dict item) except? -1

    @cython.locals(end=Py_ssize_t, raw=bytes, text=str)
    cdef tuple decode(self, bytes row_key, Py_ssize_t start)


@cython.locals(count=Py_ssize_t, i=Py_ssize_t, part=KeyPart, encoded=bytes, following=bytes)
cdef bytes _encode_parts(list parts, dict item, Py_ssize_t limit)

@cython.locals(tag=str)
cpdef bytes encode_part(dict value)

@cython.locals(tag=str)
cpdef bytes encode_prefix(dict value)

@cython.locals(raw=bytes)
cdef bytes _escaped(str text, bint is_binary)

@cython.locals(last=Py_ssize_t)
cpdef bytes successor(bytes prefix)
