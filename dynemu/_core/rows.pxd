cimport cython


@cython.locals(row=tuple, page=list)
cpdef list take_rows(rows, Py_ssize_t limit, Py_ssize_t max_bytes)
