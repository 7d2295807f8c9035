from dynemu._core cimport answers

cdef class ResponseWriter:
    cdef readonly bytes ok_head
    cdef dict _heads
    cdef bytes _date
    cdef bytes _id_start
    cdef int _ids_used

    cpdef bytes next_id(self)
    cpdef write_ok(self, list out, bytes request_id, bytes body)
    cpdef write(self, list out, bytes request_id, int status, bytes content_type, bytes body, bint keep_alive,
                bytes headers=*, bint without_body=*)
    cpdef write_start(self, list out, bytes request_id, int status, bytes content_type, bint keep_alive,
                      bytes headers)
    cdef bytes _head(self, int status, bytes content_type, bint keep_alive)
