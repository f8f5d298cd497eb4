// The module as firmware holds it: its tables, in ROM. The build scans this and the other C files for names
// and modules.
#include "py/objtuple.h"

#include "connect.h"
#include "exceptions.h"
#include "version.h"
#include "websocket.h"

// --- Exceptions ---

MP_DEFINE_CONST_OBJ_TYPE(cpws_type_ConnectionClosed, MP_QSTR_ConnectionClosed, MP_TYPE_FLAG_NONE, make_new,
                         mp_obj_exception_make_new, print, cpws_connection_closed_print, attr,
                         cpws_connection_closed_attr, parent, &mp_type_Exception);
MP_DEFINE_CONST_OBJ_TYPE(cpws_type_ProtocolError, MP_QSTR_ProtocolError, MP_TYPE_FLAG_NONE, make_new,
                         mp_obj_exception_make_new, print, cpws_connection_closed_print, attr,
                         cpws_connection_closed_attr, parent, &cpws_type_ConnectionClosed);
MP_DEFINE_CONST_OBJ_TYPE(cpws_type_NoDataException, MP_QSTR_NoDataException, MP_TYPE_FLAG_NONE, make_new,
                         mp_obj_exception_make_new, print, mp_obj_exception_print, attr,
                         mp_obj_exception_attr, parent, &mp_type_Exception);
MP_DEFINE_CONST_OBJ_TYPE(cpws_type_HandshakeError, MP_QSTR_HandshakeError, MP_TYPE_FLAG_NONE, make_new,
                         mp_obj_exception_make_new, print, cpws_handshake_error_print, attr,
                         cpws_handshake_error_attr, parent, &mp_type_OSError);

// --- Websocket ---

#define CPWS_METHOD(name, object) {MP_ROM_QSTR(name), MP_ROM_PTR(&(object))},
static const mp_rom_map_elem_t cpws_websocket_table[] = {
#include "methods.h"
    {MP_ROM_QSTR(MP_QSTR_is_client), MP_ROM_FALSE},
};
static const mp_rom_map_elem_t cpws_websocket_client_table[] = {
#include "methods.h"
    {MP_ROM_QSTR(MP_QSTR_is_client), MP_ROM_TRUE},
};
#undef CPWS_METHOD
static MP_DEFINE_CONST_DICT(cpws_websocket_dict, cpws_websocket_table);
static MP_DEFINE_CONST_DICT(cpws_websocket_client_dict, cpws_websocket_client_table);

MP_DEFINE_CONST_OBJ_TYPE(cpws_type_Websocket, MP_QSTR_Websocket, MP_TYPE_FLAG_ITER_IS_ITERNEXT, make_new,
                         cpws_websocket_make_new, attr, cpws_websocket_attr, iter, cpws_websocket_iternext,
                         locals_dict, &cpws_websocket_dict);
MP_DEFINE_CONST_OBJ_TYPE(cpws_type_WebsocketClient, MP_QSTR_WebsocketClient, MP_TYPE_FLAG_ITER_IS_ITERNEXT,
                         make_new, cpws_websocket_make_new, attr, cpws_websocket_attr, iter,
                         cpws_websocket_iternext, parent, &cpws_type_Websocket, locals_dict,
                         &cpws_websocket_client_dict);

// --- URI ---

static const qstr cpws_uri_names[] = {MP_QSTR_protocol, MP_QSTR_hostname, MP_QSTR_port, MP_QSTR_path};

mp_obj_t cpws_new_uri(const mp_obj_t* items) {
  return mp_obj_new_attrtuple(cpws_uri_names, 4, items);
}

static mp_obj_t cpws_uri(size_t n_args, const mp_obj_t* items) {
  (void)n_args;
  return cpws_new_uri(items);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(cpws_uri_obj, 4, 4, cpws_uri);

// --- The modules ---

static const mp_rom_map_elem_t cpws_protocol_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_protocol)},
    {MP_ROM_QSTR(MP_QSTR_Websocket), MP_ROM_PTR(&cpws_type_Websocket)},
    {MP_ROM_QSTR(MP_QSTR_ConnectionClosed), MP_ROM_PTR(&cpws_type_ConnectionClosed)},
    {MP_ROM_QSTR(MP_QSTR_ProtocolError), MP_ROM_PTR(&cpws_type_ProtocolError)},
    {MP_ROM_QSTR(MP_QSTR_NoDataException), MP_ROM_PTR(&cpws_type_NoDataException)},
    {MP_ROM_QSTR(MP_QSTR_URI), MP_ROM_PTR(&cpws_uri_obj)},
    {MP_ROM_QSTR(MP_QSTR_urlparse), MP_ROM_PTR(&cpws_urlparse_obj)},
#define CPWS_CONSTANT(name, value) {MP_ROM_QSTR(name), MP_ROM_INT(value)},
#include "constants.h"
#undef CPWS_CONSTANT
};
static MP_DEFINE_CONST_DICT(cpws_protocol_dict, cpws_protocol_table);
static const mp_obj_module_t cpws_protocol_module = {.base = {&mp_type_module},
                                                     .globals = (mp_obj_dict_t*)&cpws_protocol_dict};

static const mp_rom_map_elem_t cpws_client_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_client)},
    {MP_ROM_QSTR(MP_QSTR_connect), MP_ROM_PTR(&cpws_connect_obj)},
    {MP_ROM_QSTR(MP_QSTR_WebsocketClient), MP_ROM_PTR(&cpws_type_WebsocketClient)},
    {MP_ROM_QSTR(MP_QSTR_Websocket), MP_ROM_PTR(&cpws_type_Websocket)},
    {MP_ROM_QSTR(MP_QSTR_HandshakeError), MP_ROM_PTR(&cpws_type_HandshakeError)},
    {MP_ROM_QSTR(MP_QSTR_ConnectionClosed), MP_ROM_PTR(&cpws_type_ConnectionClosed)},
    {MP_ROM_QSTR(MP_QSTR_urlparse), MP_ROM_PTR(&cpws_urlparse_obj)},
};
static MP_DEFINE_CONST_DICT(cpws_client_dict, cpws_client_table);
static const mp_obj_module_t cpws_client_module = {.base = {&mp_type_module},
                                                   .globals = (mp_obj_dict_t*)&cpws_client_dict};

static const MP_DEFINE_STR_OBJ(cpws_version_obj, CPWS_VERSION);
static const mp_rom_map_elem_t cpws_package_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_cpwebsockets)},
    {MP_ROM_QSTR(MP_QSTR___version__), MP_ROM_PTR(&cpws_version_obj)},
    {MP_ROM_QSTR(MP_QSTR_client), MP_ROM_PTR(&cpws_client_module)},
    {MP_ROM_QSTR(MP_QSTR_protocol), MP_ROM_PTR(&cpws_protocol_module)},
};
static MP_DEFINE_CONST_DICT(cpws_package_dict, cpws_package_table);
const mp_obj_module_t cpws_module = {.base = {&mp_type_module},
                                     .globals = (mp_obj_dict_t*)&cpws_package_dict};
MP_REGISTER_MODULE(MP_QSTR_cpwebsockets, cpws_module);
