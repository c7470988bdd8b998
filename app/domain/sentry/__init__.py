"""The Sentry dialect without HTTP and without a database: what SDKs send, made into our own terms.

Any bytes may come, from anybody who has read a web page. Whatever is read here ends in a value or
in one of the errors that its module names, never in another exception.
"""
