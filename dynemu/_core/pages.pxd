import cython

from dynemu._core.codec cimport decode_row, row_body, row_size
from dynemu._core.conditions cimport Node
from dynemu._core.paths cimport Projection


@cython.locals(page=list, size=Py_ssize_t, row=bytes)
cpdef tuple take_page(rows, Py_ssize_t limit, Py_ssize_t max_size)

cpdef list get_bodies(list rows)

@cython.locals(kept=list, row=bytes)
cpdef list keep_bodies(list rows, Node node, dict values)

@cython.locals(kept=list, row=bytes, item=dict)
cpdef list keep_items(list rows, Node node, dict values, Projection projection)
