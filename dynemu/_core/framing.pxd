from cpython.array cimport array
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcmp

cdef extern from *:
    """
    #include <string.h>

    #define DYNEMU_HEAD_BYTES 16384
    #define DYNEMU_NAME_BYTES 32

    enum { DYNEMU_BODY, DYNEMU_URL, DYNEMU_TARGET, DYNEMU_TYPE, DYNEMU_AUTHORIZATION, DYNEMU_HOST,
           DYNEMU_LENGTH, DYNEMU_DATE, DYNEMU_PLAIN, DYNEMU_USUAL, DYNEMU_ODD };

    static inline int dynemu_is_word(unsigned char byte) {
        unsigned char letter = byte | 0x20;
        return (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
    }

    static inline int dynemu_is(const char *given, const char *lower, Py_ssize_t size) {
        unsigned char differs = 0;
        for (Py_ssize_t i = 0; i < size; i++)
            differs |= ((unsigned char)given[i] | 0x20) ^ ((unsigned char)lower[i] | 0x20);
        return !differs;
    }

    #define DYNEMU_NAMED(text) (size == sizeof(text) - 1 && dynemu_is(name, text, sizeof(text) - 1))

    /* Tells which header *name*, of word characters, is; ODD for those that httptools has to read. */
    static int dynemu_header(const char *name, Py_ssize_t size) {
        switch (size) {
        case 4:
            return DYNEMU_NAMED("host") ? DYNEMU_HOST : DYNEMU_NAMED("date") ? DYNEMU_DATE : DYNEMU_PLAIN;
        case 6:
            return DYNEMU_NAMED("expect") || DYNEMU_NAMED("origin") ? DYNEMU_ODD : DYNEMU_PLAIN;
        case 7:
            return DYNEMU_NAMED("upgrade") ? DYNEMU_ODD : DYNEMU_PLAIN;
        case 10:
            return DYNEMU_NAMED("x-amz-date") ? DYNEMU_DATE
                : DYNEMU_NAMED("connection") ? DYNEMU_USUAL : DYNEMU_PLAIN;
        case 12:
            return DYNEMU_NAMED("x-amz-target") ? DYNEMU_TARGET
                : DYNEMU_NAMED("content-type") ? DYNEMU_TYPE : DYNEMU_PLAIN;
        case 13:
            return DYNEMU_NAMED("authorization") ? DYNEMU_AUTHORIZATION : DYNEMU_PLAIN;
        case 14:
            return DYNEMU_NAMED("content-length") ? DYNEMU_LENGTH
                : DYNEMU_NAMED("x-dynemu-token") ? DYNEMU_ODD : DYNEMU_PLAIN;
        case 15:
            return DYNEMU_NAMED("accept-encoding") ? DYNEMU_USUAL : DYNEMU_PLAIN;
        case 16:
            return DYNEMU_NAMED("content-encoding") || DYNEMU_NAMED("proxy-connection")
                ? DYNEMU_ODD : DYNEMU_PLAIN;
        case 17:
            return DYNEMU_NAMED("transfer-encoding") ? DYNEMU_ODD : DYNEMU_PLAIN;
        case 29:
            return DYNEMU_NAMED("access-control-request-method") ? DYNEMU_ODD : DYNEMU_PLAIN;
        case 30:
            return DYNEMU_NAMED("access-control-request-headers") ? DYNEMU_ODD : DYNEMU_PLAIN;
        }
        return DYNEMU_PLAIN;
    }

    /* Tells whether all bytes are printable ASCII or blanks, neither the first nor the last a blank. */
    static int dynemu_is_plain(const char *value, Py_ssize_t size) {
        unsigned char odd = 0;
        if (size <= 0 || value[0] == ' ' || value[size - 1] == ' ') return 0;
        for (Py_ssize_t i = 0; i < size; i++) {
            unsigned char byte = (unsigned char)value[i];
            odd |= (unsigned char)((byte < 0x20) | (byte > 0x7e));
        }
        return !odd;
    }

    /* Returns the end of the path that starts at *at*, or 0. */
    static Py_ssize_t dynemu_path(const char *data, Py_ssize_t at, Py_ssize_t end) {
        if (at + 1 >= end || data[at] != '/' || data[at + 1] == '_') return 0;
        while (at < end && (dynemu_is_word((unsigned char)data[at]) || data[at] == '/' || data[at] == '_'
                            || data[at] == '.')) at++;
        return at;
    }

    /* Returns the length in *value*, 1 to 7 digits, or -1. */
    static Py_ssize_t dynemu_length(const char *value, Py_ssize_t size) {
        Py_ssize_t length = 0;
        if (size < 1 || size > 7) return -1;
        for (Py_ssize_t i = 0; i < size; i++) {
            if (value[i] < '0' || value[i] > '9') return -1;
            length = 10 * length + value[i] - '0';
        }
        return length;
    }

    static Py_ssize_t dynemu_frame(const char *data, Py_ssize_t start, Py_ssize_t size, long long *spans) {
        Py_ssize_t end = size - start > DYNEMU_HEAD_BYTES ? start + DYNEMU_HEAD_BYTES : size;
        Py_ssize_t at = start + 5, length = -1;
        if (end - start < 16 || memcmp(data + start, "POST ", 5)) return 0;
        memset(spans, 0, 2 * DYNEMU_PLAIN * sizeof(*spans));
        spans[2 * DYNEMU_URL] = at;
        at = dynemu_path(data, at, end);
        spans[2 * DYNEMU_URL + 1] = at;
        if (!at || end - at < 11 || memcmp(data + at, " HTTP/1.1\\r\\n", 11)) return 0;
        at += 11;
        while (end - at > 2 && data[at] != '\\r') {
            Py_ssize_t name = at, value;
            const char *stop;
            int header;
            while (at < end && dynemu_is_word((unsigned char)data[at])) at++;
            if (at == name || end - at < 4 || data[at] != ':') return 0;
            header = dynemu_header(data + name, at - name);
            value = at + 1 + (data[at + 1] == ' ');
            stop = (const char *)memchr(data + value, '\\r', (size_t)(end - value));
            if (!stop || header == DYNEMU_ODD) return 0;
            at = stop - data;
            if (!dynemu_is_plain(data + value, at - value)) return 0;
            if (header == DYNEMU_USUAL) {
                const char *usual = (data[name] | 0x20) == 'c' ? "keep-alive" : "identity";
                if (at - value != (Py_ssize_t)strlen(usual) || !dynemu_is(data + value, usual, at - value))
                    return 0;
                /* Another spelling of the coding is kept as sent. */
                if (usual[0] == 'i' && memcmp(data + value, usual, 8)) return 0;
            } else if (header == DYNEMU_LENGTH) {
                if (length >= 0) return 0;
                length = dynemu_length(data + value, at - value);
                if (length < 0) return 0;
            }
            if (header < DYNEMU_PLAIN) {
                spans[2 * header] = value;
                spans[2 * header + 1] = at;
            }
            if (end - at < 4 || data[at + 1] != '\\n') return 0;
            at += 2;
        }
        if (end - at < 2 || data[at] != '\\r' || data[at + 1] != '\\n' || length < 0) return 0;
        at += 2;
        spans[2 * DYNEMU_BODY] = at;
        spans[2 * DYNEMU_BODY + 1] = at + length;
        return at + length;
    }
    """
    enum:
        BODY "DYNEMU_BODY"
        URL "DYNEMU_URL"
        TARGET "DYNEMU_TARGET"
        CONTENT_TYPE "DYNEMU_TYPE"
        AUTHORIZATION "DYNEMU_AUTHORIZATION"
        HOST "DYNEMU_HOST"
        LENGTH "DYNEMU_LENGTH"
        DATE "DYNEMU_DATE"
    Py_ssize_t dynemu_frame(const char *data, Py_ssize_t start, Py_ssize_t size, long long *spans) noexcept


cdef inline Py_ssize_t frame(bytes data, Py_ssize_t start, array spans) except -1:
    return dynemu_frame(PyBytes_AS_STRING(data), start, PyBytes_GET_SIZE(data), spans.data.as_longlongs)


cdef inline bint has(array spans, int part) noexcept:
    return spans.data.as_longlongs[2 * part] != 0


cdef inline bytes cut(bytes data, array spans, int part, bytes known):
    cdef Py_ssize_t start = spans.data.as_longlongs[2 * part]
    cdef Py_ssize_t size = spans.data.as_longlongs[2 * part + 1] - start
    if start == 0:
        return None
    if known is not None and PyBytes_GET_SIZE(known) == size:
        if memcmp(PyBytes_AS_STRING(known), PyBytes_AS_STRING(data) + start, size) == 0:
            return known
    return PyBytes_FromStringAndSize(PyBytes_AS_STRING(data) + start, size)
