#include "exceptions.h"

// The n-th of an exception's args, or `otherwise`: a program may make one with fewer.
static mp_obj_t cpws_arg_of(mp_obj_t self, size_t n, mp_obj_t otherwise) {
  const mp_obj_tuple_t* args = ((mp_obj_exception_t*)MP_OBJ_TO_PTR(self))->args;
  return args != NULL && n < args->len ? args->items[n] : otherwise;
}

static void cpws_print_text(const mp_print_t* print, mp_obj_t text) {
  size_t size;
  const char* data = mp_obj_str_get_data(text, &size);
  mp_printf(print, "%.*s", (int)size, data);
}

typedef enum { CPWS_AS_SENTENCE, CPWS_AS_REPR } cpws_style_t;

// Prints the name in front of a sentence, where that is wanted: of a class that was derived in Python the
// interpreter has printed it.
static cpws_style_t cpws_begin_print(const mp_print_t* print, mp_print_kind_t kind, const char* name) {
  const bool is_derived = (kind & PRINT_EXC_SUBCLASS) != 0;
  const int plain = kind & ~PRINT_EXC_SUBCLASS;
  if (plain != PRINT_STR && !is_derived) mp_printf(print, "%s", name);
  if (plain == PRINT_EXC) mp_printf(print, ": ");
  return plain == PRINT_STR || plain == PRINT_EXC ? CPWS_AS_SENTENCE : CPWS_AS_REPR;
}

static void cpws_print_args(const mp_print_t* print, mp_obj_t args) {
  cpws_print_text(print, mp_call_function_n_kw(mp_load_global(MP_QSTR_repr), 1, 0, &args));
}

void cpws_connection_closed_print(const mp_print_t* print, mp_obj_t self, mp_print_kind_t kind) {
  const bool is_violation = mp_obj_get_type(self) == CPWS_TYPE(ProtocolError);
  if (cpws_begin_print(print, kind, is_violation ? "ProtocolError" : "ConnectionClosed") == CPWS_AS_REPR) {
    const mp_obj_tuple_t* args = ((mp_obj_exception_t*)MP_OBJ_TO_PTR(self))->args;
    cpws_print_args(print, args == NULL ? mp_const_empty_tuple : MP_OBJ_FROM_PTR(args));
    return;
  }
  const mp_obj_t code = cpws_arg_of(self, 0, MP_OBJ_NULL);
  const mp_obj_t reason = cpws_arg_of(self, 1, MP_OBJ_NULL);
  const mp_obj_t by = cpws_arg_of(self, 2, MP_OBJ_NULL);
  mp_printf(print, "closed by ");
  if (by != MP_OBJ_NULL && mp_obj_is_str(by)) {
    cpws_print_text(print, by);
  } else {
    mp_printf(print, "network");
  }
  mp_printf(print, ": %d",
            code != MP_OBJ_NULL && mp_obj_is_small_int(code) ? (int)MP_OBJ_SMALL_INT_VALUE(code) : 1006);
  if (reason != MP_OBJ_NULL && mp_obj_is_str(reason) && mp_obj_is_true(reason)) {
    mp_printf(print, " ");
    cpws_print_text(print, reason);
  }
}

void cpws_connection_closed_attr(mp_obj_t self, qstr name, mp_obj_t* dest) {
  if (dest[0] == MP_OBJ_NULL && name == MP_QSTR_code) {
    dest[0] = cpws_arg_of(self, 0, MP_OBJ_NEW_SMALL_INT(1006));
  } else if (dest[0] == MP_OBJ_NULL && name == MP_QSTR_reason) {
    dest[0] = cpws_arg_of(self, 1, MP_OBJ_NEW_QSTR(MP_QSTR_));
  } else if (dest[0] == MP_OBJ_NULL && name == MP_QSTR_by) {
    dest[0] = cpws_arg_of(self, 2, MP_OBJ_NEW_QSTR(MP_QSTR_network));
  } else {
    mp_obj_exception_attr(self, name, dest);
  }
}

// To programs a HandshakeError has its sentence only; what else is kept in its args has attributes.
static mp_obj_t cpws_shown_args(mp_obj_t self) {
  const mp_obj_t message = cpws_arg_of(self, 0, MP_OBJ_NULL);
  return mp_obj_new_tuple(message != MP_OBJ_NULL, (mp_obj_t*)&message);
}

void cpws_handshake_error_print(const mp_print_t* print, mp_obj_t self, mp_print_kind_t kind) {
  if (cpws_begin_print(print, kind, "HandshakeError") == CPWS_AS_REPR) {
    cpws_print_args(print, cpws_shown_args(self));
    return;
  }
  const mp_obj_t message = cpws_arg_of(self, 0, MP_OBJ_NULL);
  if (message != MP_OBJ_NULL && mp_obj_is_str(message)) cpws_print_text(print, message);
}

void cpws_handshake_error_attr(mp_obj_t self, qstr name, mp_obj_t* dest) {
  if (dest[0] != MP_OBJ_NULL) {
    mp_obj_exception_attr(self, name, dest);
  } else if (name == MP_QSTR_status) {
    dest[0] = cpws_arg_of(self, 1, MP_OBJ_NEW_SMALL_INT(0));
  } else if (name == MP_QSTR_headers) {
    dest[0] = cpws_arg_of(self, 2, mp_const_none);
    if (dest[0] == mp_const_none) dest[0] = mp_obj_new_dict(0);
  } else if (name == MP_QSTR_body) {
    dest[0] = cpws_arg_of(self, 3, mp_const_empty_bytes);
  } else if (name == MP_QSTR_args) {
    dest[0] = cpws_shown_args(self);
  } else if (name == MP_QSTR_errno) {
    dest[0] = mp_const_none;
  } else {
    mp_obj_exception_attr(self, name, dest);
  }
}

void cpws_raise_closed(const mp_obj_type_t* type, int code, mp_obj_t reason, const char* by) {
  mp_obj_t args[3] = {MP_OBJ_NEW_SMALL_INT(code), reason, cpws_str(by)};
  nlr_raise(mp_call_function_n_kw(MP_OBJ_FROM_PTR(type), 3, 0, args));
}

void cpws_raise_handshake_error(const char* message, int status, mp_obj_t headers, mp_obj_t body) {
  mp_obj_t args[4] = {cpws_str(message), MP_OBJ_NEW_SMALL_INT(status), headers, body};
  nlr_raise(mp_call_function_n_kw(MP_OBJ_FROM_PTR(CPWS_TYPE(HandshakeError)), 4, 0, args));
}
