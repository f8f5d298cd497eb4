/// The object behind Websocket and WebsocketClient: the core, the stream, and the message that is being
/// received.
#pragma once

#include "engine.h"
#include "stream.h"

typedef struct {
  mp_obj_base_t base;
  cpws_stream_t stream;
  uint8_t* buffer;  // the engine's
  int32_t timeout;  // of a call, in milliseconds; -1: none
  bool is_busy;     // a call is at work

  // What was taken to be sent, and is not in the buffer yet.
  cpws_outgoing_t outgoing;
  bool is_sending;     // there is some
  bool is_borrowed;    // of an object that the program may change: copied before the call returns
  mp_obj_t sent_from;  // the object, or the copy
  size_t borrowed_size;
  size_t frame_size;
  bool is_stuck;   // bytes wait that the socket did not take
  bool is_ending;  // the connection: nothing more is looked for
  bool has_eof;
  uint32_t stuck_since;  // in ticks
  uint32_t last_read;    // in ticks

  // What was received and not yet given out. First comes what recv() has collected, then the part.
  uint8_t* data;    // the message, or NULL
  size_t capacity;  // of it, without the zero byte behind it
  size_t have;      // bytes of it
  size_t given;     // of those, by recv_into()
  bool is_whole;    // the message's last part is there
  cpws_event_t part;
  bool has_part;
  uint8_t frame_opcode;  // read_frame(): of the frame in `data`

  bool more, is_text;  // attributes for recv_into()
  uint8_t sending;     // the message that send(more=True) began

  // The end.
  uint32_t closing_since;  // the program sent a close frame, and reads on
  int32_t closing_limit;   // 0: it did not
  bool is_violation;       // told by a ProtocolError
  uint16_t told;           // code in the close frame for it
  uint16_t close_code;
  uint8_t by;
  mp_obj_t close_reason;

  mp_obj_t subprotocol;
  _Alignas(8) uint8_t engine[];
} cpws_websocket_t;

typedef struct {
  int32_t timeout;
  uint64_t max_size;
  mp_int_t buffer_size;
  size_t frame_size;
  int32_t keepalive;
  int32_t handshake_timeout;
} cpws_options_t;

// The options that Websocket() and connect() share, for tables of arguments: at the end, in this order.
enum { CPWS_ARG_TIMEOUT, CPWS_ARG_MAX_SIZE, CPWS_ARG_BUFFER_SIZE, CPWS_ARG_KEEPALIVE, CPWS_ARG_FRAME_SIZE };
#define CPWS_OPTIONS                                                              \
  {MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},       \
      {MP_QSTR_max_size, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},  \
      {MP_QSTR_buffer_size, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 2048}},        \
      {MP_QSTR_keepalive, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}}, \
      {MP_QSTR_frame_size, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 1048576}},

/// Those options, from arguments as they came. ValueError for what cannot be.
cpws_options_t cpws_options(const mp_arg_val_t* args);

/// Without a stream yet. `type`: Websocket or WebsocketClient.
cpws_websocket_t* cpws_websocket_new(const mp_obj_type_t* type, const cpws_options_t* options);

/// For connect(): ValueError for what cannot stand in a request, which is not sent yet.
void cpws_websocket_request(cpws_websocket_t* self, const cpws_url_t* url, const cpws_request_t* request);
/// Sends it over the stream, and waits for the response. Raises HandshakeError; the caller closes the stream
/// then. `subprotocols`: those of the request, of which the server may have chosen one.
void cpws_websocket_handshake(cpws_websocket_t* self, const mp_obj_t* subprotocols);

/// The text of a str, which must stay as long as that is used; TypeError with `error` for what is no str.
cpws_text_t cpws_text_of(mp_obj_t object, const char* error);

/// A method of a program's: `args` are without the object.
typedef mp_obj_t (*cpws_method_t)(cpws_websocket_t* self, size_t n_args, const mp_obj_t* args,
                                  mp_map_t* kw_args);
/// Calls it for the object in args[0], which may be of a class that was derived in Python. RuntimeError while
/// another call is using the connection: a socket that is written in Python, a callback and another thread
/// can come here in the middle of one.
mp_obj_t cpws_use(cpws_method_t method, size_t n_args, const mp_obj_t* args, mp_map_t* kw_args);

static inline cpws_engine_t* cpws_engine_of(cpws_websocket_t* self) {
  return (cpws_engine_t*)self->engine;
}

// For the types' tables.
mp_obj_t cpws_websocket_make_new(const mp_obj_type_t* type, size_t n_args, size_t n_kw, const mp_obj_t* args);
void cpws_websocket_attr(mp_obj_t self, qstr name, mp_obj_t* dest);
mp_obj_t cpws_websocket_iternext(mp_obj_t self);

extern const mp_obj_fun_builtin_var_t cpws_send_obj;
extern const mp_obj_fun_builtin_fixed_t cpws_recv_obj;
extern const mp_obj_fun_builtin_fixed_t cpws_recv_into_obj;
extern const mp_obj_fun_builtin_var_t cpws_read_frame_obj;
extern const mp_obj_fun_builtin_var_t cpws_write_frame_obj;
extern const mp_obj_fun_builtin_var_t cpws_ping_obj;
extern const mp_obj_fun_builtin_var_t cpws_close_obj;
extern const mp_obj_fun_builtin_fixed_t cpws_settimeout_obj;
extern const mp_obj_fun_builtin_fixed_t cpws_enter_obj;
extern const mp_obj_fun_builtin_var_t cpws_exit_obj;
