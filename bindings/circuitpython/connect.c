// connect(): address, socket, TLS, opening handshake.
#include "connect.h"

#include "websocket.h"

static bool cpws_has(mp_obj_t object, qstr name) {
  mp_obj_t found[2];
  mp_load_method_maybe(object, name, found);
  return found[0] != MP_OBJ_NULL;
}

// object.name(arguments...)
static mp_obj_t cpws_call(mp_obj_t object, qstr name, size_t count, const mp_obj_t* arguments) {
  mp_obj_t method[2 + 4];
  mp_load_method(object, name, method);
  for (size_t i = 0; i < count; ++i) method[2 + i] = arguments[i];
  return mp_call_method_n_kw(count, 0, method);
}

static mp_obj_t cpws_str_of(cpws_text_t text) {
  return mp_obj_new_str(text.data, text.size);
}

// --- Arguments ---

static cpws_url_t cpws_parse(mp_obj_t uri) {
  cpws_url_t url;
  const char* error = cpws_parse_url(cpws_text_of(uri, "the URL is a str"), &url);
  if (error != NULL) cpws_raise(&mp_type_ValueError, error);
  return url;
}

// The items of whatever can be iterated, in a list that must be kept as long as they are used.
static mp_obj_t cpws_list_of(mp_obj_t iterable, size_t* count, mp_obj_t** items) {
  const mp_obj_t list = mp_call_function_n_kw(MP_OBJ_FROM_PTR(&mp_type_list), 1, 0, &iterable);
  mp_obj_get_array(list, count, items);
  return list;
}

// A dict, or pairs. Returns what keeps the texts alive.
static mp_obj_t cpws_take_headers(mp_obj_t headers, cpws_request_t* request) {
  static const char error[] = "headers are a dict or pairs of str";
  if (headers == mp_const_none) return headers;
  if (cpws_has(headers, MP_QSTR_items)) headers = cpws_call(headers, MP_QSTR_items, 0, NULL);
  size_t count;
  mp_obj_t* items;
  const mp_obj_t list = cpws_list_of(headers, &count, &items);
  request->headers = m_new(cpws_header_t, count);
  request->header_count = count;
  for (size_t i = 0; i < count; ++i) {
    size_t pair_size;
    mp_obj_t* pair;
    mp_obj_get_array(items[i], &pair_size, &pair);
    if (pair_size != 2) cpws_raise(&mp_type_TypeError, error);
    request->headers[i].name = cpws_text_of(pair[0], error);
    request->headers[i].value = cpws_text_of(pair[1], error);
  }
  return list;
}

static mp_obj_t* cpws_take_subprotocols(mp_obj_t subprotocols, cpws_request_t* request) {
  static const char error[] = "subprotocols is a list of str";
  if (subprotocols == mp_const_none) return NULL;
  if (mp_obj_is_str(subprotocols)) cpws_raise(&mp_type_TypeError, error);
  mp_obj_t* items;
  cpws_list_of(subprotocols, &request->subprotocol_count, &items);
  request->subprotocols = m_new(cpws_text_t, request->subprotocol_count);
  for (size_t i = 0; i < request->subprotocol_count; ++i)
    request->subprotocols[i] = cpws_text_of(items[i], error);
  return items;
}

// --- The socket ---

static mp_obj_t cpws_pool_of(mp_obj_t radio) {
  if (radio == mp_const_none) return cpws_import(MP_QSTR_socket);
  if (cpws_has(radio, MP_QSTR_getaddrinfo) && cpws_has(radio, MP_QSTR_socket)) return radio;
  return cpws_call(cpws_import(MP_QSTR_socketpool), MP_QSTR_SocketPool, 1, &radio);
}

static mp_obj_t cpws_context_of(mp_obj_t ssl_context) {
  if (ssl_context != mp_const_none) return ssl_context;
  const mp_obj_t ssl = cpws_import(MP_QSTR_ssl);
  if (!cpws_has(ssl, MP_QSTR_create_default_context)) {
    cpws_raise(&mp_type_ValueError, "wss needs ssl_context=, with the CAs to trust");
  }
  return cpws_call(ssl, MP_QSTR_create_default_context, 0, NULL);
}

static mp_obj_t cpws_wrap(mp_obj_t context, mp_obj_t socket, mp_obj_t host) {
  mp_obj_t method[2 + 3];
  mp_load_method(context, MP_QSTR_wrap_socket, method);
  method[2] = socket;
  method[3] = MP_OBJ_NEW_QSTR(MP_QSTR_server_hostname);
  method[4] = host;
  return mp_call_method_n_kw(1, 1, method);
}

typedef struct {
  mp_obj_t pool, context;  // context: None without TLS
  mp_obj_t host, port, address;
  // The one to close: the outer, when there are two. It changes behind nlr_push(), which the compiler takes
  // for a call like others.
  volatile mp_obj_t socket;
  int32_t limit;
} cpws_connecting_t;

static void cpws_connect_socket(cpws_connecting_t* to) {
  if (cpws_has(to->socket, MP_QSTR_settimeout)) {
    const mp_obj_t seconds = cpws_seconds((uint32_t)to->limit);
    cpws_call(to->socket, MP_QSTR_settimeout, 1, &seconds);
  }
  if (cpws_has(to->socket, MP_QSTR_setsockopt) && cpws_has(to->pool, MP_QSTR_TCP_NODELAY)) {
    const mp_obj_t level = cpws_has(to->pool, MP_QSTR_IPPROTO_TCP)
                               ? mp_load_attr(to->pool, MP_QSTR_IPPROTO_TCP)
                               : MP_OBJ_NEW_SMALL_INT(6);
    const mp_obj_t option[3] = {level, mp_load_attr(to->pool, MP_QSTR_TCP_NODELAY), MP_OBJ_NEW_SMALL_INT(1)};
    cpws_call(to->socket, MP_QSTR_setsockopt, 3, option);
  }
  const bool is_tls = to->context != mp_const_none;
  const bool wraps_first = cpws_has(to->socket, MP_QSTR_recv_into) && !cpws_has(to->socket, MP_QSTR_makefile);
  if (is_tls && wraps_first) {
    // CircuitPython: TLS begins in connect(), which takes the name to verify.
    to->socket = cpws_wrap(to->context, to->socket, to->host);
    const mp_obj_t named[2] = {to->host, to->port};
    to->address = mp_obj_new_tuple(2, named);
  }
  cpws_call(to->socket, MP_QSTR_connect, 1, &to->address);
  if (is_tls && !wraps_first) to->socket = cpws_wrap(to->context, to->socket, to->host);
}

static void cpws_open_socket(cpws_connecting_t* to) {
  const mp_obj_t query[4] = {to->host, to->port, MP_OBJ_NEW_SMALL_INT(0),
                             mp_load_attr(to->pool, MP_QSTR_SOCK_STREAM)};
  const mp_obj_t found = cpws_call(to->pool, MP_QSTR_getaddrinfo, 4, query);
  size_t count;
  mp_obj_t* info;
  mp_obj_get_array(mp_obj_subscr(found, MP_OBJ_NEW_SMALL_INT(0), MP_OBJ_SENTINEL), &count, &info);
  if (count < 3) cpws_raise(&mp_type_TypeError, "getaddrinfo() gives tuples of family, type, ..., address");
  to->address = info[count - 1];
  to->socket = cpws_call(to->pool, MP_QSTR_socket, 2, info);
}

// --- For programs ---

static mp_obj_t cpws_connect_to(size_t n_args, const mp_obj_t* pos_args, mp_map_t* kw_args) {
  enum {
    ARG_uri,
    ARG_radio,
    ARG_ssl_context,
    ARG_headers,
    ARG_subprotocols,
    ARG_origin,
    ARG_timeout,
    ARG_max_size,
    ARG_buffer_size,
    ARG_keepalive
  };
  const mp_arg_t allowed[] = {
      {MP_QSTR_uri, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
      {MP_QSTR_radio, MP_ARG_OBJ, {.u_obj = mp_const_none}},
      {MP_QSTR_ssl_context, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
      {MP_QSTR_headers, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
      {MP_QSTR_subprotocols, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
      {MP_QSTR_origin, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
      {MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
      {MP_QSTR_max_size, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
      {MP_QSTR_buffer_size, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = CPWS_BUFFER_SIZE}},
      {MP_QSTR_keepalive, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
  };
  mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
  mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

  // Everything that can be wrong with the arguments is found before there is a socket.
  const cpws_url_t url = cpws_parse(args[ARG_uri].u_obj);
  const cpws_options_t options = cpws_options(args[ARG_timeout].u_obj, args[ARG_max_size].u_obj,
                                              args[ARG_buffer_size].u_int, args[ARG_keepalive].u_obj);
  cpws_request_t request = {0};
  if (args[ARG_origin].u_obj != mp_const_none)
    request.origin = cpws_text_of(args[ARG_origin].u_obj, "origin is a str");
  const volatile mp_obj_t header_list = cpws_take_headers(args[ARG_headers].u_obj, &request);
  const mp_obj_t* subprotocols = cpws_take_subprotocols(args[ARG_subprotocols].u_obj, &request);
  cpws_websocket_t* self = cpws_websocket_new(CPWS_TYPE(WebsocketClient), &options);
  cpws_websocket_request(self, &url, &request);

  cpws_connecting_t to;
  to.pool = cpws_pool_of(args[ARG_radio].u_obj);
  to.context = url.secure ? cpws_context_of(args[ARG_ssl_context].u_obj) : mp_const_none;
  to.host = cpws_str_of(url.host);
  to.port = MP_OBJ_NEW_SMALL_INT(url.port);
  to.limit = options.handshake_timeout;
  cpws_open_socket(&to);
  volatile bool stream_has_socket = false;  // as well
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    cpws_connect_socket(&to);
    cpws_stream_init(&self->stream, to.socket);
    stream_has_socket = true;
    cpws_websocket_handshake(self, subprotocols);
    nlr_pop();
  } else {
    if (stream_has_socket) {
      cpws_stream_close(&self->stream);
    } else {
      cpws_call(to.socket, MP_QSTR_close, 0, NULL);
    }
    nlr_raise(MP_OBJ_FROM_PTR(nlr.ret_val));
  }
  (void)header_list;
  return MP_OBJ_FROM_PTR(self);
}
MP_DEFINE_CONST_FUN_OBJ_KW(cpws_connect_obj, 1, cpws_connect_to);

static mp_obj_t cpws_urlparse(mp_obj_t uri) {
  const cpws_url_t url = cpws_parse(uri);
  size_t size = url.path.size + url.query.size;
  const bool no_path = url.path.size == 0;
  uint8_t* path = m_new(uint8_t, size + 2);
  path[0] = '/';
  memcpy(path + no_path, url.path.data, url.path.size);
  memcpy(path + no_path + url.path.size, url.query.data, url.query.size);
  const mp_obj_t parts[4] = {cpws_str(url.secure ? "wss" : "ws"), cpws_str_of(url.host),
                             MP_OBJ_NEW_SMALL_INT(url.port), cpws_adopt(true, path, size + no_path)};
  return cpws_new_uri(parts);
}
MP_DEFINE_CONST_FUN_OBJ_1(cpws_urlparse_obj, cpws_urlparse);
