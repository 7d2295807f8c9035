from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.string cimport memchr, memcpy

from dynemu._core.spreading cimport spread


cdef inline void _put_big_endian(char *out, unsigned int number) noexcept:
    out[0] = <char> (number >> 24)
    out[1] = <char> (number >> 16)
    out[2] = <char> (number >> 8)
    out[3] = <char> number


cdef inline bytes pack_key(bytes prefix, bytes head, bytes tail):
    cdef Py_ssize_t head_size = PyBytes_GET_SIZE(head)
    cdef Py_ssize_t tail_size = PyBytes_GET_SIZE(tail)
    cdef bytes key = PyBytes_FromStringAndSize(NULL, 8 + head_size + tail_size)
    cdef char *out = PyBytes_AS_STRING(key)
    if PyBytes_GET_SIZE(prefix) != 4:
        raise ValueError("a row key starts with four bytes of id")
    memcpy(out, PyBytes_AS_STRING(prefix), 4)
    _put_big_endian(out + 4, spread(PyBytes_AS_STRING(head), head_size))
    memcpy(out + 8, PyBytes_AS_STRING(head), head_size)
    memcpy(out + 8 + head_size, PyBytes_AS_STRING(tail), tail_size)
    return key


cdef inline bytes pack_row(int version, Py_ssize_t size, bytes body):
    cdef Py_ssize_t body_size = PyBytes_GET_SIZE(body)
    cdef bytes row = PyBytes_FromStringAndSize(NULL, 5 + body_size)
    cdef char *out = PyBytes_AS_STRING(row)
    out[0] = <char> version
    _put_big_endian(out + 1, <unsigned int> size)
    memcpy(out + 5, PyBytes_AS_STRING(body), body_size)
    return row


cdef inline Py_ssize_t _put_text(bytearray out, Py_ssize_t at, const char *text, Py_ssize_t size) noexcept:
    cdef char *place = PyByteArray_AS_STRING(out) + at
    if size == 0 or at + size + 2 > PyByteArray_GET_SIZE(out) or memchr(text, 0, size) != NULL:
        return 0
    memcpy(place, text, size)
    place[size] = place[size + 1] = 0
    return at + size + 2


cdef inline Py_ssize_t _put_number(bytearray out, Py_ssize_t at, const char *text, Py_ssize_t size) noexcept:
    cdef char *place = PyByteArray_AS_STRING(out) + at
    cdef const char *point
    cdef Py_ssize_t start = 0
    cdef Py_ssize_t whole
    cdef int exponent
    cdef bint negative = text[0] == b'-'
    if at + size + 4 > PyByteArray_GET_SIZE(out):
        return 0
    if text[0] == b'0' and size == 1:
        place[0] = 2
        return at + 1
    if negative:
        text += 1
        size -= 1
    point = <const char *> memchr(text, b'.', size)
    whole = size if point == NULL else point - text
    if text[0] == b'0':
        start = 2
        while text[start] == b'0':
            start += 1
        exponent = <int> (whole - start)
    else:
        exponent = <int> (whole - 1)
    if point == NULL:
        while text[size - 1] == b'0':
            size -= 1
    place[0] = 1 if negative else 3
    place[1] = <char> (255 - 130 - exponent if negative else exponent + 130)
    place += 2
    at += 2
    while start < size:
        if text[start] != b'.':
            # The two digits of a complement add up to 48 + 57.
            place[0] = <char> (105 - text[start]) if negative else text[start]
            place += 1
            at += 1
        start += 1
    place[0] = <char> 255 if negative else 0
    return at + 1


cdef inline Py_ssize_t put_text(bytearray out, Py_ssize_t at, str text) except -1:
    cdef Py_ssize_t size = 0
    cdef const char *data = PyUnicode_AsUTF8AndSize(text, &size)
    return _put_text(out, at, data, size)


cdef inline Py_ssize_t put_number(bytearray out, Py_ssize_t at, str text) except -1:
    cdef Py_ssize_t size = 0
    cdef const char *data = PyUnicode_AsUTF8AndSize(text, &size)
    return _put_number(out, at, data, size)


cdef inline Py_ssize_t put_text_of(
    bytearray out, Py_ssize_t at, bytes row, Py_ssize_t start, Py_ssize_t end
) noexcept:
    cdef const char *text = PyBytes_AS_STRING(row) + start
    return 0 if memchr(text, b'\\', end - start) != NULL else _put_text(out, at, text, end - start)


cdef inline Py_ssize_t put_number_of(
    bytearray out, Py_ssize_t at, bytes row, Py_ssize_t start, Py_ssize_t end
) noexcept:
    return _put_number(out, at, PyBytes_AS_STRING(row) + start, end - start)


cdef inline bytes pack_parts(bytes prefix, bytearray parts, Py_ssize_t head_size, Py_ssize_t size):
    cdef bytes key = PyBytes_FromStringAndSize(NULL, 8 + size)
    cdef char *out = PyBytes_AS_STRING(key)
    if PyBytes_GET_SIZE(prefix) != 4:
        raise ValueError("a row key starts with four bytes of id")
    memcpy(out, PyBytes_AS_STRING(prefix), 4)
    _put_big_endian(out + 4, spread(PyByteArray_AS_STRING(parts), head_size))
    memcpy(out + 8, PyByteArray_AS_STRING(parts), size)
    return key
