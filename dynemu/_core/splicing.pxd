from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_FromStringAndSize
from libc.stdio cimport snprintf
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <string.h>

    /* Reads an integer of 18 characters at most; returns whether the text is one. */
    static int dynemu_short(const char *text, Py_ssize_t size, long long *number) {
        Py_ssize_t at = size > 0 && text[0] == '-';
        long long total = 0;
        if (size > 18 || at == size) return 0;
        for (; at < size; at++) {
            if (text[at] < '0' || text[at] > '9') return 0;
            total = total * 10 + (text[at] - '0');
        }
        *number = text[0] == '-' ? -total : total;
        return 1;
    }

    /* Steps over the text behind an opening quote to behind the closing one; returns its bytes, unescaped.
       Only control characters are escaped by number, so each escape stands for one byte. */
    static Py_ssize_t dynemu_text_bytes(const char *text, Py_ssize_t *at, Py_ssize_t size) {
        const char *quote = memchr(text + *at, '"', (size_t)(size - *at));
        Py_ssize_t place = *at, count = 0;
        if (quote && !memchr(text + place, 0x5C, (size_t)(quote - text - place))) {
            count = quote - text - place;
            *at = quote - text + 1;
            return count;
        }
        for (; place < size && text[place] != '"'; count++)
            place += text[place] != 0x5C ? 1 : text[place + 1] == 'u' ? 6 : 2;
        *at = place + 1;
        return count;
    }

    /* Does what numbers.size does with the canonical number of *size* characters. */
    static Py_ssize_t dynemu_number_bytes(const char *text, Py_ssize_t size) {
        Py_ssize_t start = text[0] == '-', end = size, pairs;
        const char *found = memchr(text, '.', (size_t)size);
        Py_ssize_t point = found ? found - text : -1;
        if (size == 1 && text[0] == '0') return 1;
        if (point < 0) {
            while (end - 2 >= start && text[end - 1] == '0' && text[end - 2] == '0') end -= 2;
            pairs = (end - start + 1) / 2;
        } else if (text[start] == '0') {
            Py_ssize_t first = point + 1;
            while (first + 1 < end && text[first] == '0' && text[first + 1] == '0') first += 2;
            pairs = (end - first + 1) / 2;
        } else
            pairs = (point - start + 1) / 2 + (end - point) / 2;
        return 1 + pairs + start < 21 ? 1 + pairs + start : 21;
    }

    /* Steps over a text and returns what the value of the type *tag* that it stands for is counted as. */
    static Py_ssize_t dynemu_scalar_bytes(char tag, const char *text, Py_ssize_t *at, Py_ssize_t size) {
        Py_ssize_t start = *at, length = dynemu_text_bytes(text, at, size);
        if (tag == 'N') return dynemu_number_bytes(text + start, length);
        if (tag != 'B') return length;
        return length / 4 * 3 - (length > 1 && text[start + length - 2] == '=')
            - (length > 0 && text[start + length - 1] == '=');
    }

    /* Steps over the attribute value at *at* and returns its size as AWS counts it; -1: this is none. */
    static Py_ssize_t dynemu_value_bytes(const char *text, Py_ssize_t *at, Py_ssize_t size, int depth) {
        Py_ssize_t place = *at, total = 0, part;
        char tag;
        if (depth > 64 || place + 8 >= size || text[place] != '{') return -1;
        tag = text[place + 2];
        if (text[place + 3] == 'S') {
            for (place += 6; place < size && text[place] != ']';) {
                place += 2;
                total += dynemu_scalar_bytes(tag, text, &place, size);
            }
            place++;
        } else if (text[place + 3] != '"') {
            const char *bracket = memchr(text + place, '}', (size_t)(size - place));
            if (!bracket) return -1;
            place = bracket - text;
            total = 1;
        } else if (tag == 'M' || tag == 'L') {
            char last = tag == 'M' ? '}' : ']';
            total = 3;
            place += text[place + 6] == last ? 6 : 5;
            while (place < size && text[place] != last) {
                place++;
                if (tag == 'M') {
                    place++;
                    total += dynemu_text_bytes(text, &place, size);
                    place++;
                }
                part = dynemu_value_bytes(text, &place, size, depth + 1);
                if (part < 0) return -1;
                total += part + 1;
            }
            place++;
        } else {
            place += 6;
            total = dynemu_scalar_bytes(tag, text, &place, size);
        }
        if (place >= size || text[place] != '}') return -1;
        *at = place + 1;
        return total;
    }
    """
    int dynemu_short(const char *text, Py_ssize_t size, long long *number) noexcept
    Py_ssize_t dynemu_value_bytes(const char *text, Py_ssize_t *at, Py_ssize_t size, int depth) noexcept


cdef inline str short_sum(str a, str b, bint subtracts):
    cdef Py_ssize_t left_size = 0
    cdef Py_ssize_t right_size = 0
    cdef long long left = 0
    cdef long long right = 0
    cdef char text[24]
    cdef const char *left_text = PyUnicode_AsUTF8AndSize(a, &left_size)
    cdef const char *right_text = PyUnicode_AsUTF8AndSize(b, &right_size)
    if not dynemu_short(left_text, left_size, &left) or not dynemu_short(right_text, right_size, &right):
        return None
    left = left - right if subtracts else left + right
    return PyUnicode_FromStringAndSize(text, snprintf(text, sizeof(text), "%lld", left))


cdef inline Py_ssize_t value_size(bytes row, Py_ssize_t start, Py_ssize_t end) except -1:
    cdef Py_ssize_t at = start
    cdef Py_ssize_t size = dynemu_value_bytes(PyBytes_AS_STRING(row), &at, PyBytes_GET_SIZE(row), 0)
    if size < 0 or at != end:
        raise ValueError("a row that is damaged")
    return size


cdef inline bytes splice(bytes row, Py_ssize_t size, list cuts):
    cdef Py_ssize_t length = PyBytes_GET_SIZE(row)
    cdef Py_ssize_t at = 5
    cdef Py_ssize_t start, end
    cdef tuple cut
    cdef bytes text, new
    cdef const char *source = PyBytes_AS_STRING(row)
    cdef char *out
    for cut in cuts:
        start = cut[0]
        end = cut[1]
        text = cut[2]
        if start < at or end < start or end > PyBytes_GET_SIZE(row):
            raise ValueError("cuts that are not in order")
        length += PyBytes_GET_SIZE(text) - (end - start)
        at = end
    new = PyBytes_FromStringAndSize(NULL, length)
    out = PyBytes_AS_STRING(new)
    out[0] = source[0]
    out[1] = <char> (size >> 24)
    out[2] = <char> (size >> 16)
    out[3] = <char> (size >> 8)
    out[4] = <char> size
    out += 5
    at = 5
    for cut in cuts:
        start = cut[0]
        end = cut[1]
        text = cut[2]
        memcpy(out, source + at, start - at)
        out += start - at
        memcpy(out, PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text))
        out += PyBytes_GET_SIZE(text)
        at = end
    memcpy(out, source + at, PyBytes_GET_SIZE(row) - at)
    return new
