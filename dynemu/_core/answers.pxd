from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE

from dynemu._core cimport checksum

cdef extern from *:
    """
    #include <string.h>

    #define DYNEMU_COPY_TEXT(out, text) (memcpy(out, text, sizeof(text) - 1), (out) + sizeof(text) - 1)

    static int dynemu_decimal(char *end, unsigned long long number) {
        int size = 0;
        do {
            *--end = (char)('0' + number % 10);
            number /= 10;
            size++;
        } while (number);
        return size;
    }

    static char *dynemu_put_decimal(char *out, unsigned long long number) {
        char digits[20];
        int size = dynemu_decimal(digits + 20, number);
        memcpy(out, digits + 20 - size, (size_t)size);
        return out + size;
    }

    static char *dynemu_put(char *out, const char *data, Py_ssize_t size) {
        memcpy(out, data, (size_t)size);
        return out + size;
    }

    /* Two numbers of 20 digits at most, and the names of their headers. */
    #define DYNEMU_LINES_BYTES 96

    /* Writes the lines that tell of a body, and the one that ends the head. */
    static char *dynemu_put_lines(char *out, unsigned int crc, Py_ssize_t size) {
        out = DYNEMU_COPY_TEXT(out, "x-amz-crc32: ");
        out = dynemu_put_decimal(out, crc);
        out = DYNEMU_COPY_TEXT(out, "\\r\\nContent-Length: ");
        out = dynemu_put_decimal(out, (unsigned long long)size);
        return DYNEMU_COPY_TEXT(out, "\\r\\n\\r\\n");
    }

    /* Two numbers of 20 digits at most, and the names of their members. */
    #define DYNEMU_COUNTS_BYTES 80

    static char *dynemu_put_counts(char *out, Py_ssize_t count, Py_ssize_t scanned) {
        out = DYNEMU_COPY_TEXT(out, "{\\"Count\\":");
        out = dynemu_put_decimal(out, (unsigned long long)count);
        out = DYNEMU_COPY_TEXT(out, ",\\"ScannedCount\\":");
        return dynemu_put_decimal(out, (unsigned long long)scanned);
    }
    """
    enum:
        DYNEMU_LINES_BYTES
        DYNEMU_COUNTS_BYTES
    char *dynemu_put(char *out, const char *data, Py_ssize_t size) noexcept
    char *dynemu_put_lines(char *out, unsigned int crc, Py_ssize_t size) noexcept
    char *dynemu_put_counts(char *out, Py_ssize_t count, Py_ssize_t scanned) noexcept


cdef inline bytes pack_answer(bytes head, bytes request_id, bytes headers, bytes body, bint with_body):
    cdef Py_ssize_t size = PyBytes_GET_SIZE(body)
    cdef char lines[DYNEMU_LINES_BYTES]
    cdef Py_ssize_t lines_size = dynemu_put_lines(lines, checksum.checksum(body), size) - lines
    cdef Py_ssize_t start_size = PyBytes_GET_SIZE(head) + PyBytes_GET_SIZE(request_id) + 2
    start_size += PyBytes_GET_SIZE(headers) + lines_size
    cdef bytes answer = PyBytes_FromStringAndSize(NULL, start_size + (size if with_body else 0))
    cdef char *out = PyBytes_AS_STRING(answer)
    out = dynemu_put(out, PyBytes_AS_STRING(head), PyBytes_GET_SIZE(head))
    out = dynemu_put(out, PyBytes_AS_STRING(request_id), PyBytes_GET_SIZE(request_id))
    out = dynemu_put(out, b"\r\n", 2)
    out = dynemu_put(out, PyBytes_AS_STRING(headers), PyBytes_GET_SIZE(headers))
    out = dynemu_put(out, lines, lines_size)
    if with_body:
        dynemu_put(out, PyBytes_AS_STRING(body), size)
    return answer


cdef inline bytes counts(Py_ssize_t count, Py_ssize_t scanned, bytes after):
    cdef char text[DYNEMU_COUNTS_BYTES]
    cdef Py_ssize_t size = dynemu_put_counts(text, count, scanned) - text
    cdef bytes start = PyBytes_FromStringAndSize(NULL, size + PyBytes_GET_SIZE(after))
    cdef char *out = dynemu_put(PyBytes_AS_STRING(start), text, size)
    dynemu_put(out, PyBytes_AS_STRING(after), PyBytes_GET_SIZE(after))
    return start


cdef inline bytes wrap(bytes start, bytes data, Py_ssize_t offset, bytes end):
    cdef Py_ssize_t size = PyBytes_GET_SIZE(data) - offset
    if size < 0:
        raise ValueError("the offset lies behind the data")
    cdef bytes wrapped = PyBytes_FromStringAndSize(
        NULL, PyBytes_GET_SIZE(start) + size + PyBytes_GET_SIZE(end))
    cdef char *out = PyBytes_AS_STRING(wrapped)
    out = dynemu_put(out, PyBytes_AS_STRING(start), PyBytes_GET_SIZE(start))
    out = dynemu_put(out, PyBytes_AS_STRING(data) + offset, size)
    dynemu_put(out, PyBytes_AS_STRING(end), PyBytes_GET_SIZE(end))
    return wrapped
