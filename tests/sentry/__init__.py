"""The contract of the Sentry dialect, and what real SDKs sent.

`vectors.json` has requests with the answers and the state that they must lead to; `samples` are
requests of real SDKs: their headers, and their bodies with the compression taken off.
"""
