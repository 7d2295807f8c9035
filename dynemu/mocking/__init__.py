"""boto3, aiobotocore and aioboto3 on a database in this process, with no socket.

``mocks`` has what users call; ``patching`` and ``async_patching`` have what changes in the SDKs meanwhile.
``fast_calls`` goes around botocore's own work where nobody can see that, with the help of ``botocore_state``,
``known_clients`` and ``botocore_shapes``.
"""
