import cython

from dynemu._core cimport answers
from dynemu._core.keys cimport KeyCodec
from dynemu._core.values cimport normalise_item


@cython.locals(codec=KeyCodec, row_key=bytes, row=bytes)
cpdef bytes get_plainly(engine, dict request)
