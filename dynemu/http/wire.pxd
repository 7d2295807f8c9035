from dynemu.http.auth cimport Authenticator
from dynemu.http.request cimport Request
from dynemu.http.response cimport ResponseWriter

cdef class Wire:
    cdef readonly object namespaces
    cdef readonly long answers
    cdef readonly double delay
    cdef readonly bint drops
    cdef readonly Py_ssize_t written
    cdef readonly ResponseWriter writer
    cdef public object work
    cdef object _settings
    cdef object _admin
    cdef object _call
    cdef dict _operations
    cdef dict _plain
    cdef Authenticator _authenticator
    cdef object _account
    cdef object _region
    cdef object _splits
    cdef dict _paths
    cdef bint _traces
    cdef object _started

    cpdef tuple run(self, Request request, namespace)
    cpdef answer(self, Request request, list out)
    cdef _answer_any(self, Request request, bytes request_id, list out)
    cdef tuple _respond(self, Request request, bytes request_id, tuple where)
    cdef bytes _execute_admin(self, Request request, document, bytes query, namespace)
    cdef _keep_path(self, bytes url, namespace)
    cdef _engine(self, namespace, tuple caller)
    cdef _execute_with_hooks(self, engine, name, dict document, region)
    cdef tuple _run(self, Request request, bytes query, bytes request_id, namespace)
    cdef _execute(self, Request request, bytes query, namespace)
