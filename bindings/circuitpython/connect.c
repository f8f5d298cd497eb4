// connect(): address, socket, TLS, opening handshake.
#include "connect.h"

#include "websocket.h"

static mp_obj_t cpws_str_of(cpws_text_t text) {
  return mp_obj_new_str(text.data, text.size);
}

// --- Arguments ---

static __attribute__((noinline)) cpws_url_t cpws_parse(mp_obj_t uri) {
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

static mp_obj_t cpws_default_context(void) {
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
  mp_obj_t pool;
  mp_obj_t context;  // None: not given yet
  mp_obj_t host, port;
  bool secure;
  // Both are to be closed when it fails: the outer one may not close the inner one then. They change behind
  // nlr_push(), which the compiler takes for a call like others.
  volatile mp_obj_t socket, raw;
} cpws_connecting_t;

// TLS of the firmware over network hardware needs more than its sockets have; the hardware brings its own.
static void cpws_find_context(cpws_connecting_t* to, bool wraps_first) {
  if (to->context != mp_const_none) return;
  if (wraps_first && !cpws_has(to->socket, MP_QSTR_type)) {
    cpws_raise(&mp_type_ValueError,
               "wss with this network hardware needs "
               "ssl_context=adafruit_connection_manager.get_radio_ssl_context(radio)");
  }
  to->context = cpws_default_context();
}

static void cpws_connect_socket(cpws_connecting_t* to, mp_obj_t address, int32_t limit) {
  // MicroPython connects first. CircuitPython's TLS begins in connect(), which takes the name to verify.
  const bool wraps_first = !cpws_has(to->socket, MP_QSTR_readinto) && !cpws_has(to->socket, MP_QSTR_makefile);
  if (to->secure) cpws_find_context(to, wraps_first);
  if (cpws_has(to->socket, MP_QSTR_settimeout)) {
    const mp_obj_t seconds = cpws_seconds((uint32_t)limit);
    cpws_call(to->socket, MP_QSTR_settimeout, 1, &seconds);
  }
  if (cpws_has(to->socket, MP_QSTR_setsockopt) && cpws_has(to->pool, MP_QSTR_TCP_NODELAY)) {
    const mp_obj_t level = cpws_has(to->pool, MP_QSTR_IPPROTO_TCP)
                               ? mp_load_attr(to->pool, MP_QSTR_IPPROTO_TCP)
                               : MP_OBJ_NEW_SMALL_INT(6);
    const mp_obj_t option[3] = {level, mp_load_attr(to->pool, MP_QSTR_TCP_NODELAY), MP_OBJ_NEW_SMALL_INT(1)};
    cpws_call(to->socket, MP_QSTR_setsockopt, 3, option);
  }
  if (to->secure && cpws_is_atcontrol(to->socket)) {
    // It lacks what adafruit_connection_manager's wrapper looks for: what that does for connect(), by hand.
    const mp_obj_t interface = mp_load_attr(to->context, MP_QSTR__iface);
    const mp_obj_t named[2] = {to->host, to->port};
    const mp_obj_t arguments[2] = {mp_obj_new_tuple(2, named), mp_load_attr(interface, MP_QSTR_TLS_MODE)};
    cpws_call(to->socket, MP_QSTR_connect, 2, arguments);
    return;
  }
  if (to->secure && wraps_first) {
    to->socket = cpws_wrap(to->context, to->socket, to->host);
    const mp_obj_t named[2] = {to->host, to->port};
    address = mp_obj_new_tuple(2, named);
  }
  cpws_call(to->socket, MP_QSTR_connect, 1, &address);
  if (to->secure && !wraps_first) to->socket = cpws_wrap(to->context, to->socket, to->host);
}

static void cpws_close_both(cpws_connecting_t* to) {
  const mp_obj_t socket = to->socket, raw = to->raw;
  to->socket = to->raw = MP_OBJ_NULL;
  if (socket != MP_OBJ_NULL) cpws_close_socket(socket);
  if (raw != socket) cpws_close_socket(raw);
}

// One address. MP_OBJ_NULL: it is connected; or why it could not be.
static CPWS_CATCHES mp_obj_t cpws_try_address(cpws_connecting_t* to, mp_obj_t info, int32_t limit) {
  size_t count;
  mp_obj_t* items;
  mp_obj_get_array(info, &count, &items);
  if (count < 3) cpws_raise(&mp_type_TypeError, "getaddrinfo() gives tuples of family, type, ..., address");
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    to->socket = to->raw = cpws_call(to->pool, MP_QSTR_socket, 2, items);
    cpws_connect_socket(to, items[count - 1], limit);
    nlr_pop();
    return MP_OBJ_NULL;
  }
  const mp_obj_t failure = MP_OBJ_FROM_PTR(nlr.ret_val);
  const bool is_failure = cpws_is_failure(to->raw == MP_OBJ_NULL ? to->pool : to->raw, failure);
  cpws_close_both(to);
  if (!is_failure) nlr_raise(failure);
  return cpws_as_os_error(failure);
}

// Tries every address that the name has; each gets its share of the time.
static void cpws_open_socket(cpws_connecting_t* to, int32_t limit) {
  const uint32_t begin = cpws_ticks();
  const mp_obj_t query[4] = {to->host, to->port, MP_OBJ_NEW_SMALL_INT(0),
                             mp_load_attr(to->pool, MP_QSTR_SOCK_STREAM)};
  size_t count;
  mp_obj_t* addresses;
  const volatile mp_obj_t list =
      cpws_list_of(cpws_call(to->pool, MP_QSTR_getaddrinfo, 4, query), &count, &addresses);
  mp_obj_t failure = cpws_os_error(CPWS_ETIMEDOUT);
  for (size_t i = 0; i < count; ++i) {
    const int32_t left = limit - (int32_t)(cpws_ticks() - begin);
    if (left <= 0) break;
    failure = cpws_try_address(to, addresses[i], left / (int32_t)(count - i));
    if (failure == MP_OBJ_NULL) return;
  }
  (void)list;
  nlr_raise(failure);
}

// In a function of its own: what it uses must outlive a jump out of it.
static CPWS_CATCHES void cpws_connect_now(cpws_websocket_t* self, cpws_connecting_t* to, int32_t limit,
                                          const mp_obj_t* subprotocols) {
  to->socket = to->raw = MP_OBJ_NULL;
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    cpws_open_socket(to, limit);
    cpws_stream_init(&self->stream, to->socket);
    if (to->raw == to->socket) to->raw = MP_OBJ_NULL;
    to->socket = MP_OBJ_NULL;  // the stream's
    cpws_websocket_handshake(self, subprotocols);
    nlr_pop();
  } else {
    cpws_stream_close(&self->stream);
    cpws_close_both(to);
    const mp_obj_t failure = MP_OBJ_FROM_PTR(nlr.ret_val);
    nlr_raise(cpws_is_failure(to->pool, failure) ? cpws_as_os_error(failure) : failure);
  }
}

// --- For programs ---

static mp_obj_t cpws_connect_to(size_t n_args, const mp_obj_t* pos_args, mp_map_t* kw_args) {
  enum { ARG_uri, ARG_radio, ARG_ssl_context, ARG_headers, ARG_subprotocols, ARG_origin, ARG_options };
  const mp_arg_t allowed[] = {{MP_QSTR_uri, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
                              {MP_QSTR_radio, MP_ARG_OBJ, {.u_obj = mp_const_none}},
                              {MP_QSTR_ssl_context, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
                              {MP_QSTR_headers, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
                              {MP_QSTR_subprotocols, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
                              {MP_QSTR_origin, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
                              CPWS_OPTIONS};
  mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
  mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

  // Everything that can be wrong with the arguments is found before there is a connection.
  const cpws_url_t url = cpws_parse(args[ARG_uri].u_obj);
  const cpws_options_t options = cpws_options(args + ARG_options);
  cpws_request_t request = {0};
  if (args[ARG_origin].u_obj != mp_const_none)
    request.origin = cpws_text_of(args[ARG_origin].u_obj, "origin is a str");
  const volatile mp_obj_t header_list = cpws_take_headers(args[ARG_headers].u_obj, &request);
  const mp_obj_t* subprotocols = cpws_take_subprotocols(args[ARG_subprotocols].u_obj, &request);
  cpws_websocket_t* self = cpws_websocket_new(CPWS_TYPE(WebsocketClient), &options);
  cpws_websocket_request(self, &url, &request);

  cpws_connecting_t to;
  to.pool = cpws_pool_of(args[ARG_radio].u_obj);
  to.context = args[ARG_ssl_context].u_obj;
  to.host = cpws_str_of(url.host);
  to.port = MP_OBJ_NEW_SMALL_INT(url.port);
  to.secure = url.secure;
  cpws_connect_now(self, &to, options.handshake_timeout, subprotocols);
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
