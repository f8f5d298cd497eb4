// The module as a native .mpy: what module.c has in ROM is filled in here when the file is imported.
#include "connect.h"
#include "entry.h"
#include "exceptions.h"
#include "version.h"
#include "websocket.h"

// Not static, which this kind of module cannot have.
cpws_type_t cpws_type_ConnectionClosed, cpws_type_ProtocolError, cpws_type_NoDataException,
    cpws_type_HandshakeError;
cpws_type_t cpws_type_Websocket, cpws_type_WebsocketClient;
mp_obj_t cpws_type_URI;

enum { CPWS_METHODS = 11 };
mp_map_elem_t cpws_websocket_table[CPWS_METHODS], cpws_websocket_client_table[CPWS_METHODS];
MP_DEFINE_CONST_DICT(cpws_websocket_dict, cpws_websocket_table);
MP_DEFINE_CONST_DICT(cpws_websocket_client_dict, cpws_websocket_client_table);

static void cpws_define_exception(cpws_type_t* type, qstr name, const void* parent, const void* print,
                                  const void* attr) {
  mp_obj_exception_init(type, name, parent);
  if (print != NULL) MP_OBJ_TYPE_SET_SLOT(type, print, print, 1);
  if (attr != NULL) MP_OBJ_TYPE_SET_SLOT(type, attr, attr, 2);
}

static void cpws_define_exceptions(void) {
  cpws_define_exception(&cpws_type_ConnectionClosed, MP_QSTR_ConnectionClosed, &mp_type_Exception,
                        cpws_connection_closed_print, cpws_connection_closed_attr);
  cpws_define_exception(&cpws_type_ProtocolError, MP_QSTR_ProtocolError, &cpws_type_ConnectionClosed,
                        cpws_connection_closed_print, cpws_connection_closed_attr);
  cpws_define_exception(&cpws_type_NoDataException, MP_QSTR_NoDataException, &mp_type_Exception, NULL, NULL);
  cpws_define_exception(&cpws_type_HandshakeError, MP_QSTR_HandshakeError,
                        MP_OBJ_TO_PTR(mp_load_global(MP_QSTR_OSError)), cpws_handshake_error_print,
                        cpws_handshake_error_attr);
}

static void cpws_fill_methods(mp_map_elem_t* table, bool is_client) {
#define CPWS_METHOD(name, object) {MP_OBJ_NEW_QSTR(name), MP_OBJ_FROM_PTR(&(object))},
  const mp_map_elem_t methods[CPWS_METHODS] = {
#include "methods.h"
      {MP_OBJ_NEW_QSTR(MP_QSTR_is_client), mp_obj_new_bool(is_client)},
  };
#undef CPWS_METHOD
  memcpy(table, methods, sizeof methods);
}

static void cpws_define_websocket(cpws_type_t* type, qstr name, const void* dict) {
  type->base.type = &mp_type_type;
  type->flags = MP_TYPE_FLAG_ITER_IS_ITERNEXT;
  type->name = name;
  MP_OBJ_TYPE_SET_SLOT(type, make_new, cpws_websocket_make_new, 0);
  MP_OBJ_TYPE_SET_SLOT(type, attr, cpws_websocket_attr, 1);
  MP_OBJ_TYPE_SET_SLOT(type, iter, cpws_websocket_iternext, 2);
  MP_OBJ_TYPE_SET_SLOT(type, locals_dict, (void*)dict, 3);
}

static void cpws_define_uri(void) {
  mp_obj_t names[4] = {MP_OBJ_NEW_QSTR(MP_QSTR_protocol), MP_OBJ_NEW_QSTR(MP_QSTR_hostname),
                       MP_OBJ_NEW_QSTR(MP_QSTR_port), MP_OBJ_NEW_QSTR(MP_QSTR_path)};
  mp_obj_t arguments[2] = {MP_OBJ_NEW_QSTR(MP_QSTR_URI), mp_obj_new_tuple(4, names)};
  const mp_obj_t namedtuple = mp_load_attr(cpws_import(MP_QSTR_collections), MP_QSTR_namedtuple);
  cpws_type_URI = mp_call_function_n_kw(namedtuple, 2, 0, arguments);
}

mp_obj_t cpws_new_uri(const mp_obj_t* items) {
  return mp_call_function_n_kw(cpws_type_URI, 4, 0, items);
}

// A module inside this one: a class, whose attributes are the module's, under the module's name in
// sys.modules.
static void cpws_define_submodule(qstr name, const char* full_name, mp_obj_t dict) {
  mp_obj_t arguments[3] = {MP_OBJ_NEW_QSTR(name), mp_const_empty_tuple, dict};
  const mp_obj_t module = mp_call_function_n_kw(MP_OBJ_FROM_PTR(&mp_type_type), 3, 0, arguments);
  mp_obj_dict_store(mp_load_attr(cpws_import(MP_QSTR_sys), MP_QSTR_modules), cpws_str(full_name), module);
  mp_store_global(name, module);
}

static void cpws_add(mp_obj_t dict, qstr name, const void* object) {
  mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(name), MP_OBJ_FROM_PTR(object));
}

static void cpws_define_protocol(void) {
  const mp_obj_t dict = mp_obj_new_dict(0);
  cpws_add(dict, MP_QSTR_Websocket, &cpws_type_Websocket);
  cpws_add(dict, MP_QSTR_ConnectionClosed, &cpws_type_ConnectionClosed);
  cpws_add(dict, MP_QSTR_ProtocolError, &cpws_type_ProtocolError);
  cpws_add(dict, MP_QSTR_NoDataException, &cpws_type_NoDataException);
  cpws_add(dict, MP_QSTR_urlparse, &cpws_urlparse_obj);
  cpws_add(dict, MP_QSTR_URI, MP_OBJ_TO_PTR(cpws_type_URI));
#define CPWS_CONSTANT(name, value) \
  mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(name), MP_OBJ_NEW_SMALL_INT(value));
#include "constants.h"
#undef CPWS_CONSTANT
  cpws_define_submodule(MP_QSTR_protocol, "cpwebsockets.protocol", dict);
}

static void cpws_define_client(void) {
  const mp_obj_t dict = mp_obj_new_dict(0);
  cpws_add(dict, MP_QSTR_connect, &cpws_connect_obj);
  cpws_add(dict, MP_QSTR_WebsocketClient, &cpws_type_WebsocketClient);
  cpws_add(dict, MP_QSTR_Websocket, &cpws_type_Websocket);
  cpws_add(dict, MP_QSTR_HandshakeError, &cpws_type_HandshakeError);
  cpws_add(dict, MP_QSTR_ConnectionClosed, &cpws_type_ConnectionClosed);
  cpws_add(dict, MP_QSTR_urlparse, &cpws_urlparse_obj);
  cpws_define_submodule(MP_QSTR_client, "cpwebsockets.client", dict);
}

void cpws_define_module(void) {
  cpws_define_exceptions();
  cpws_fill_methods(cpws_websocket_table, false);
  cpws_fill_methods(cpws_websocket_client_table, true);
  cpws_define_websocket(&cpws_type_Websocket, MP_QSTR_Websocket, &cpws_websocket_dict);
  cpws_define_websocket(&cpws_type_WebsocketClient, MP_QSTR_WebsocketClient, &cpws_websocket_client_dict);
  MP_OBJ_TYPE_SET_SLOT(&cpws_type_WebsocketClient, parent, &cpws_type_Websocket, 4);
  cpws_define_uri();
  cpws_define_protocol();
  cpws_define_client();
  mp_store_global(MP_QSTR___version__, cpws_str(CPWS_VERSION));
}
