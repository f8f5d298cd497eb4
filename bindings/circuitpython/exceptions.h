/// The module's exceptions. ConnectionClosed and its subclass ProtocolError have args (code, reason, by);
/// HandshakeError, an OSError, has args (message,), no errno, and status, headers and body.
#pragma once

#include "runtime.h"

extern cpws_type_t cpws_type_ConnectionClosed;
extern cpws_type_t cpws_type_ProtocolError;
extern cpws_type_t cpws_type_NoDataException;
extern cpws_type_t cpws_type_HandshakeError;

// For the types' tables.
void cpws_connection_closed_print(const mp_print_t* print, mp_obj_t self, mp_print_kind_t kind);
void cpws_connection_closed_attr(mp_obj_t self, qstr name, mp_obj_t* dest);
void cpws_handshake_error_print(const mp_print_t* print, mp_obj_t self, mp_print_kind_t kind);
void cpws_handshake_error_attr(mp_obj_t self, qstr name, mp_obj_t* dest);

/// `by`: "us", "peer" or "network".
__attribute__((noreturn)) void cpws_raise_closed(const mp_obj_type_t* type, int code, mp_obj_t reason,
                                                 const char* by);
__attribute__((noreturn)) void cpws_raise_handshake_error(const char* message, int status, mp_obj_t headers,
                                                          mp_obj_t body);
