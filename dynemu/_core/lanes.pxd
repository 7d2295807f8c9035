from cpython.array cimport array
from cpython.bytes cimport PyBytes_AS_STRING

cdef extern from *:
    """
    #include <string.h>

    #define DYNEMU_LANES 8

    /* Copies little-endian numbers of *size* bytes each. */
    static inline void dynemu_load(void *out, const char *source, Py_ssize_t count, int size) {
        memcpy(out, source, (size_t)(count * size));
    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        for (Py_ssize_t i = 0; i < count * size; i++)
            ((char *)out)[i] = source[i / size * size + size - 1 - i % size];
    #endif
    }

    static inline double dynemu_double_at(const char *source) {
        double number;
        dynemu_load(&number, source, 1, 8);
        return number;
    }

    static inline double dynemu_total(const double *lanes) {
        double total = lanes[0];
        for (int lane = 1; lane < DYNEMU_LANES; lane++) total += lanes[lane];
        return total;
    }

    /* TERM is added up for each number x of the vector, and each number y of the array. */
    #define DYNEMU_SUM(NAME, TERM) \\
    static inline double NAME(const double *numbers, const char *vector, Py_ssize_t count) { \\
        double lanes[DYNEMU_LANES] = {0.0}; \\
        float part[DYNEMU_LANES]; \\
        Py_ssize_t i = 0; \\
        (void)numbers; \\
        for (; i + DYNEMU_LANES <= count; i += DYNEMU_LANES) { \\
            dynemu_load(part, vector + 4 * i, DYNEMU_LANES, 4); \\
            for (int lane = 0; lane < DYNEMU_LANES; lane++) { \\
                double x = part[lane], y = numbers ? numbers[i + lane] : 0.0; \\
                lanes[lane] += TERM; \\
            } \\
        } \\
        dynemu_load(part, vector + 4 * i, count - i, 4); \\
        for (int lane = 0; lane < count - i; lane++) { \\
            double x = part[lane], y = numbers ? numbers[i + lane] : 0.0; \\
            lanes[lane] += TERM; \\
        } \\
        return dynemu_total(lanes); \\
    }

    DYNEMU_SUM(dynemu_dot, y * x)
    DYNEMU_SUM(dynemu_gap, (y - x) * (y - x))
    DYNEMU_SUM(dynemu_square, ((void)y, x * x))
    """
    double dynemu_double_at(const char *source) noexcept
    double dynemu_dot(const double *numbers, const char *vector, Py_ssize_t count) noexcept
    double dynemu_gap(const double *numbers, const char *vector, Py_ssize_t count) noexcept
    double dynemu_square(const double *numbers, const char *vector, Py_ssize_t count) noexcept


cdef inline double dot(array numbers, bytes row, Py_ssize_t start) noexcept:
    return dynemu_dot(numbers.data.as_doubles, PyBytes_AS_STRING(row) + start, len(numbers))


cdef inline double double_at(bytes row, Py_ssize_t start) noexcept:
    return dynemu_double_at(PyBytes_AS_STRING(row) + start)


cdef inline double square(bytes row, Py_ssize_t start, Py_ssize_t count) noexcept:
    return dynemu_square(NULL, PyBytes_AS_STRING(row) + start, count)


cdef inline double gap(array numbers, bytes row, Py_ssize_t start) noexcept:
    return dynemu_gap(numbers.data.as_doubles, PyBytes_AS_STRING(row) + start, len(numbers))
