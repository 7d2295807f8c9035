from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy

cdef extern from *:
    """
    static unsigned int dynemu_crc_table[256];

    static unsigned int dynemu_crc32(const char *data, Py_ssize_t size) {
        unsigned int crc = 0xFFFFFFFFu;
        if (!dynemu_crc_table[1]) {
            for (int i = 255; i >= 0; i--) {
                unsigned int entry = (unsigned int)i;
                for (int bit = 0; bit < 8; bit++) entry = entry & 1 ? 0xEDB88320u ^ (entry >> 1) : entry >> 1;
                dynemu_crc_table[i] = entry;
            }
        }
        for (Py_ssize_t i = 0; i < size; i++)
            crc = dynemu_crc_table[(crc ^ (unsigned char)data[i]) & 0xFF] ^ (crc >> 8);
        return ~crc;
    }
    """
    unsigned int dynemu_crc32(const char *data, Py_ssize_t size) noexcept


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
    _put_big_endian(out + 4, dynemu_crc32(PyBytes_AS_STRING(head), head_size))
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
