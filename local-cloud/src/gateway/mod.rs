//! The HTTP server: limits, signatures, routing to a service.
