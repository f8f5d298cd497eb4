/// The library's version, and the check that the compiler reads C++20.
#pragma once

#if (defined(_MSVC_LANG) ? _MSVC_LANG : __cplusplus) <= 201703L
#error "cpwebsockets needs C++20 or later: compile with -std=c++20 (MSVC: /std:c++20)"
#endif

/// "MAJOR.MINOR.PATCH", by semantic versioning; what that promises stands in docs/versions.md.
#define CPWEBSOCKETS_VERSION "0.1.0"
/// The same as a number: MAJOR * 10000 + MINOR * 100 + PATCH.
#define CPWEBSOCKETS_VERSION_NUMBER 100
