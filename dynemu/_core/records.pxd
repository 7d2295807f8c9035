from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy


cdef inline char *_put_number(char *out, unsigned long long number, int size) noexcept:
    cdef int place
    for place in range(size):
        out[place] = <char> (number >> 8 * (size - 1 - place))
    return out + size


cdef inline Py_ssize_t _length(bytes part) noexcept:
    return 0 if part is None else PyBytes_GET_SIZE(part)


cdef inline char *_put(char *out, bytes part) noexcept:
    if part is None:
        return out
    memcpy(out, PyBytes_AS_STRING(part), PyBytes_GET_SIZE(part))
    return out + PyBytes_GET_SIZE(part)


cdef inline bytes pack_record(double time, int flags, bytes row_key, bytes new, bytes old):
    cdef Py_ssize_t key_size = PyBytes_GET_SIZE(row_key)
    cdef bytes record
    cdef char *out
    if key_size > 0xFFFF:
        raise ValueError("a row key that is too long")
    record = PyBytes_FromStringAndSize(NULL, 15 + key_size + _length(new) + _length(old))
    out = _put_number(PyBytes_AS_STRING(record), <unsigned long long> (time * 1000), 8)
    out = _put_number(out, flags, 1)
    out = _put_number(out, key_size, 2)
    out = _put_number(out, _length(new), 4)
    _put(_put(_put(out, row_key), new), old)
    return record


cdef inline bytes pack_key(bytes head, bytes body, unsigned long long number):
    cdef bytes key = PyBytes_FromStringAndSize(NULL, PyBytes_GET_SIZE(head) + PyBytes_GET_SIZE(body) + 8)
    _put_number(_put(_put(PyBytes_AS_STRING(key), head), body), number, 8)
    return key


cdef inline bytes pack_entry(double time, bytes before):
    cdef bytes entry = PyBytes_FromStringAndSize(NULL, 8 + _length(before))
    cdef unsigned long long bits = 0
    memcpy(&bits, &time, 8)
    _put(_put_number(PyBytes_AS_STRING(entry), bits, 8), before)
    return entry


cdef inline bytes pack_moment(bytes head, unsigned int table_id, unsigned long long millisecond):
    cdef bytes key = PyBytes_FromStringAndSize(NULL, 20)
    if PyBytes_GET_SIZE(head) != 8:
        raise ValueError("the key of a moment starts with eight bytes")
    _put_number(_put_number(_put(PyBytes_AS_STRING(key), head), table_id, 4), millisecond, 8)
    return key
