from cpython.array cimport array
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_FromStringAndSize, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.list cimport PyList_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_DecodeUTF8
from libc.string cimport memchr, memcmp, memcpy

cdef extern from *:
    """
    #define DYNEMU_UNORDERED 2
    #define DYNEMU_UNKNOWN 3

    /* Notes where a member lies whose name, with its quotes, is one of *names*; returns whether it is. */
    static inline int dynemu_note(
        PyObject *names, const char *name, Py_ssize_t size, Py_ssize_t start, Py_ssize_t end, long long *spans
    ) {
        for (Py_ssize_t place = 0; place < PyList_GET_SIZE(names); place++) {
            PyObject *wanted = PyList_GET_ITEM(names, place);
            if (PyBytes_GET_SIZE(wanted) == size && !memcmp(PyBytes_AS_STRING(wanted), name, (size_t)size)) {
                spans[2 * place] = start;
                spans[2 * place + 1] = end;
                return 1;
            }
        }
        return 0;
    }

    #if defined(__SSE2__) && defined(__GNUC__)
    #include <emmintrin.h>
    #include <stdint.h>
    #include <string.h>

    static inline uint64_t dynemu_equal(const __m128i *part, char byte, char blurred) {
        uint64_t mask = 0;
        for (int i = 0; i < 4; i++) {
            __m128i bytes = _mm_or_si128(part[i], _mm_set1_epi8(blurred));
            int equal = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)));
            mask |= (uint64_t)(unsigned)equal << 16 * i;
        }
        return mask;
    }

    /* Finds the members of the object at *at*, 64 bytes at a time: from the quotes follows what lies in
       strings, and the brackets outside of them tell the depth. Returns 1; 0 when there is a backslash, so
       that quotes may not be what they seem; -1 when the text ends too early. All members are objects. */
    static inline int dynemu_find(
        const char *text, Py_ssize_t at, Py_ssize_t size, PyObject *names, long long *spans
    ) {
        Py_ssize_t left = PyList_GET_SIZE(names), depth = 0, name = at + 1, value = at;
        uint64_t inside = 0;
        for (; at < size; at += 64) {
            __m128i part[4];
            if (size - at >= 64) memcpy(part, text + at, 64);
            else {
                memset(part, 0, 64);
                memcpy(part, text + at, (size_t)(size - at));
            }
            if (dynemu_equal(part, 0x5C, 0)) return 0;
            /* Each bit becomes the parity of itself and those before it: set from an opening quote on. */
            uint64_t strings = dynemu_equal(part, '"', 0);
            /* PERF: in a long text there is nothing else to look for. */
            if (inside && !strings) continue;
            for (int shift = 1; shift < 64; shift *= 2) strings ^= strings << shift;
            strings ^= inside;
            inside = strings >> 63 ? ~(uint64_t)0 : 0;
            /* Brackets differ from braces in the bit 32 alone. */
            uint64_t brackets = (dynemu_equal(part, '{', 32) | dynemu_equal(part, '}', 32)) & ~strings;
            for (; brackets; brackets &= brackets - 1) {
                Py_ssize_t place = at + __builtin_ctzll(brackets);
                if (text[place] & 2) {
                    if (++depth == 2) value = place;
                    continue;
                }
                if (--depth == 1) {
                    left -= dynemu_note(names, text + name, value - 1 - name, value, place + 1, spans);
                    name = place + 2;
                }
                if (depth == 0 || left == 0) return 1;
            }
        }
        return -1;
    }
    #else
    static inline int dynemu_find(
        const char *text, Py_ssize_t at, Py_ssize_t size, PyObject *names, long long *spans
    ) {
        (void)text, (void)at, (void)size, (void)names, (void)spans;
        return 0;
    }
    #endif
    """
    int UNORDERED "DYNEMU_UNORDERED"
    int UNKNOWN "DYNEMU_UNKNOWN"
    int dynemu_note(
        list names, const char *name, Py_ssize_t size, Py_ssize_t start, Py_ssize_t end, long long *spans
    ) noexcept
    int dynemu_find(
        const char *text, Py_ssize_t at, Py_ssize_t size, list names, long long *spans
    ) noexcept


cdef inline bint pays() noexcept:
    return True


cdef inline Py_ssize_t _quote(const char *text, Py_ssize_t at, Py_ssize_t size) noexcept:
    cdef Py_ssize_t start = at
    cdef Py_ssize_t place
    cdef Py_ssize_t slashes
    cdef const char *found
    while at < size:
        found = <const char *> memchr(text + at, b'"', size - at)
        if found == NULL:
            return size
        place = slashes = found - text
        while slashes > start and text[slashes - 1] == b'\\':
            slashes -= 1
        if (place - slashes) & 1 == 0:
            return place
        at = place + 1
    return size


cdef inline Py_ssize_t _end(const char *text, Py_ssize_t at, Py_ssize_t size) noexcept:
    cdef Py_ssize_t depth = 0
    cdef char byte
    while at < size:
        byte = text[at]
        if byte == b'"':
            at = _quote(text, at + 1, size)
        elif byte == b'{' or byte == b'[':
            depth += 1
            # PERF: a type of one letter, as nearly all are, is stepped over at once.
            if at + 3 < size and text[at + 3] == b'"' and text[at + 1] == b'"' and text[at + 2] != b'\\':
                at += 3
        elif byte == b'}' or byte == b']':
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return size


cdef inline Py_ssize_t value_end(bytes row, Py_ssize_t at) except -1:
    cdef Py_ssize_t size = PyBytes_GET_SIZE(row)
    cdef Py_ssize_t end = _end(PyBytes_AS_STRING(row), at, size)
    if end >= size:
        raise ValueError("a row that ends too early")
    return end


cdef inline int find_members(bytes row, Py_ssize_t at, list names, array spans) except -1:
    cdef const char *text = PyBytes_AS_STRING(row)
    cdef Py_ssize_t size = PyBytes_GET_SIZE(row)
    cdef long long *found = spans.data.as_longlongs
    cdef Py_ssize_t left = PyList_GET_SIZE(names)
    cdef Py_ssize_t place, start, end
    cdef int done
    for place in range(2 * left):
        found[place] = 0
    if left == 0:
        return 0
    done = dynemu_find(text, at, size, names, found)
    if done < 0:
        raise ValueError("a row that ends too early")
    if done or text[at + 1] == b'}':
        return 0
    for place in range(2 * left):
        found[place] = 0
    while left > 0 and text[at] != b'}':
        start = at + 1
        at = _quote(text, start + 1, size) + 1
        end = _end(text, at + 1, size)
        if end >= size:
            raise ValueError("a row that ends too early")
        left -= dynemu_note(names, text + start, at - start, at + 1, end, found)
        at = end
    return 0


cdef inline Py_ssize_t find_member(bytes row, Py_ssize_t at, bytes name) except -1:
    cdef const char *text = PyBytes_AS_STRING(row)
    cdef Py_ssize_t size = PyBytes_GET_SIZE(row)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(name)
    cdef Py_ssize_t start
    if text[at + 1] == b'}':
        return 0
    while text[at] != b'}':
        start = at + 1
        at = _quote(text, start + 1, size) + 1
        if at - start == length and memcmp(PyBytes_AS_STRING(name), text + start, length) == 0:
            return at + 1
        at = _end(text, at + 1, size)
        if at >= size:
            raise ValueError("a row that ends too early")
    return 0


cdef inline Py_ssize_t first_element(bytes row, Py_ssize_t at) noexcept:
    return 0 if PyBytes_AS_STRING(row)[at + 1] == b']' else at + 1


cdef inline Py_ssize_t next_element(bytes row, Py_ssize_t at) except -1:
    at = value_end(row, at)
    return at + 1 if PyBytes_AS_STRING(row)[at] == b',' else 0


cdef inline Py_ssize_t number_at(array numbers, Py_ssize_t place) noexcept:
    return <Py_ssize_t> numbers.data.as_longlongs[place]


cdef inline bint is_tagged(bytes row, Py_ssize_t at, Py_UCS4 tag) noexcept:
    cdef const char *text = PyBytes_AS_STRING(row) + at
    return text[3] == b'"' and <Py_UCS4> text[2] == tag


cdef inline int _compare(
    const char *left, Py_ssize_t left_size, const char *right, Py_ssize_t right_size
) noexcept:
    cdef int order = memcmp(left, right, left_size if left_size < right_size else right_size)
    if order == 0:
        return 0 if left_size == right_size else -1 if left_size < right_size else 1
    return -1 if order < 0 else 1


cdef inline Py_ssize_t _whole_size(const char *number, Py_ssize_t size) noexcept:
    cdef const char *point = <const char *> memchr(number, b'.', size)
    return size if point == NULL else point - number


cdef inline int _compare_numbers(
    const char *left, Py_ssize_t left_size, const char *right, Py_ssize_t right_size
) noexcept:
    cdef bint negative = left[0] == b'-'
    cdef Py_ssize_t left_whole, right_whole
    cdef int order
    if negative != (right[0] == b'-'):
        return -1 if negative else 1
    left_whole = _whole_size(left, left_size)
    right_whole = _whole_size(right, right_size)
    if left_whole != right_whole:
        order = -1 if left_whole < right_whole else 1
    else:
        order = _compare(left, left_size, right, right_size)
    return -order if negative else order


cdef inline int compare(bytes row, Py_ssize_t start, Py_ssize_t end, Py_UCS4 tag, str payload) except? -9:
    cdef const char *left = PyBytes_AS_STRING(row) + start + 6
    cdef Py_ssize_t left_size = end - start - 8
    cdef const char *right
    cdef Py_ssize_t right_size = 0
    if not is_tagged(row, start, tag):
        return UNORDERED
    right = PyUnicode_AsUTF8AndSize(payload, &right_size)
    if tag == u'N':
        return _compare_numbers(left, left_size, right, right_size)
    if memchr(left, b'\\', left_size) != NULL:
        return UNKNOWN
    return _compare(left, left_size, right, right_size)


cdef inline int is_flag(bytes row, Py_ssize_t start, Py_ssize_t end, bint flag) noexcept:
    cdef const char *text = PyBytes_AS_STRING(row) + start
    return text[2] == b'B' and text[3] == b'O' and (text[8] == b't') == flag


cdef inline int starts_with(bytes row, Py_ssize_t start, Py_ssize_t end, str prefix) except -1:
    cdef const char *text = PyBytes_AS_STRING(row) + start + 6
    cdef const char *wanted
    cdef Py_ssize_t size = 0
    if not is_tagged(row, start, u'S'):
        return 0
    if memchr(text, b'\\', end - start - 8) != NULL:
        return UNKNOWN
    wanted = PyUnicode_AsUTF8AndSize(prefix, &size)
    return size <= end - start - 8 and memcmp(text, wanted, size) == 0


cdef inline int has_member(bytes row, Py_ssize_t start, Py_ssize_t end, Py_UCS4 tag, str member) except -1:
    cdef const char *text = PyBytes_AS_STRING(row) + start
    cdef Py_ssize_t at = 6
    cdef Py_ssize_t quote
    cdef Py_ssize_t size = 0
    cdef const char *wanted
    if <Py_UCS4> text[2] != tag or text[3] != b'S' or memchr(text, b'\\', end - start) != NULL:
        return UNKNOWN
    wanted = PyUnicode_AsUTF8AndSize(member, &size)
    while text[at] != b']':
        quote = _quote(text, at + 2, end - start)
        if quote - at - 2 == size and memcmp(text + at + 2, wanted, size) == 0:
            return 1
        at = quote + 1
    return 0


cdef inline bytearray room(Py_ssize_t size):
    return PyByteArray_FromStringAndSize(NULL, size)


cdef inline dict text_value(bytes row, Py_ssize_t start, Py_ssize_t end):
    cdef const char *text = PyBytes_AS_STRING(row) + start
    if text[3] != b'"':
        return None
    if text[2] == b'N':
        return {"N": PyUnicode_DecodeUTF8(text + 6, end - start - 8, NULL)}
    if text[2] == b'S' and memchr(text + 6, b'\\', end - start - 8) == NULL:
        return {"S": PyUnicode_DecodeUTF8(text + 6, end - start - 8, NULL)}
    return None


cdef inline Py_ssize_t put(
    bytearray out, Py_ssize_t at, bytes source, Py_ssize_t start, Py_ssize_t end
) except -1:
    if at + end - start > PyByteArray_GET_SIZE(out):
        raise ValueError("no room left")
    memcpy(PyByteArray_AS_STRING(out) + at, PyBytes_AS_STRING(source) + start, end - start)
    return at + end - start


cdef inline Py_ssize_t put_all(bytearray out, Py_ssize_t at, bytes source) except -1:
    return put(out, at, source, 0, PyBytes_GET_SIZE(source))


cdef inline bytes cut(bytearray out, Py_ssize_t start, Py_ssize_t end):
    if start < 0 or start > end or end > PyByteArray_GET_SIZE(out):
        raise ValueError("not within what was written")
    return PyBytes_FromStringAndSize(PyByteArray_AS_STRING(out) + start, end - start)


cdef inline unsigned int byte_sum(bytes row) noexcept:
    cdef const unsigned char *text = <const unsigned char *> PyBytes_AS_STRING(row)
    cdef unsigned int total = 0
    cdef Py_ssize_t i
    for i in range(PyBytes_GET_SIZE(row)):
        total += text[i]
    return total


cdef inline bytes join_bodies(list rows, Py_ssize_t header, bytes before, bytes after):
    cdef Py_ssize_t size = PyBytes_GET_SIZE(before) + PyBytes_GET_SIZE(after) + (1 if rows else 2)
    cdef bytes row, joined
    cdef char *out
    for row in rows:
        size += PyBytes_GET_SIZE(row) - header + 1
    joined = PyBytes_FromStringAndSize(NULL, size)
    out = PyBytes_AS_STRING(joined)
    memcpy(out, PyBytes_AS_STRING(before), PyBytes_GET_SIZE(before))
    out += PyBytes_GET_SIZE(before)
    out[0] = b'['
    out += 1
    for row in rows:
        size = PyBytes_GET_SIZE(row) - header
        memcpy(out, PyBytes_AS_STRING(row) + header, size)
        out[size] = b','
        out += size + 1
    if rows:
        out -= 1
    out[0] = b']'
    memcpy(out + 1, PyBytes_AS_STRING(after), PyBytes_GET_SIZE(after))
    return joined
