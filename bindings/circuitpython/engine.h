/// The protocol core as C functions: all that the module's glue, which is C, knows of it. None of them calls
/// the interpreter, so that no exception of the interpreter (a longjmp) ever crosses C++. Sizes are in bytes,
/// times in milliseconds; sentences for people are static text without a full stop.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Text by pointer and size; not ended by a zero byte.
typedef struct {
  const char* data;
  size_t size;
} cpws_text_t;

/// The parts of a URL, views into it.
typedef struct {
  bool secure;
  cpws_text_t host, authority, path, query, user, password;
  bool has_userinfo;
  uint16_t port;
} cpws_url_t;

typedef struct {
  cpws_text_t name, value;
} cpws_header_t;

/// What goes into the opening handshake's request, besides the URL.
typedef struct {
  cpws_text_t origin;  // sent if not empty
  // The arrays become the engine's: they must stay, and are not to be read, until the handshake has ended.
  cpws_header_t* headers;
  size_t header_count;
  cpws_text_t* subprotocols;
  size_t subprotocol_count;
} cpws_request_t;

enum { CPWS_SEED_SIZE = 16 };

typedef struct {
  uint8_t* buffer;     // shared by receiving and sending
  size_t buffer_size;  // at least CPWS_SMALLEST_BUFFER
  uint64_t max_message_size;
  int32_t handshake_timeout;
  int32_t close_timeout;
  int32_t keepalive;    // of silence before a ping, and again until the end; 0: none
  const uint8_t* seed;  // CPWS_SEED_SIZE unpredictable bytes, for the key and the masking keys
  uint32_t now;         // a clock that may wrap around
} cpws_settings_t;

enum { CPWS_SMALLEST_BUFFER = 1024 };

/// Object of a connection: cpws_engine_size() bytes, aligned to 8, that need no cleaning up.
typedef struct cpws_engine cpws_engine_t;
size_t cpws_engine_size(void);
void cpws_init(cpws_engine_t* engine, const cpws_settings_t* settings);

/// NULL, or what is wrong with the URL.
const char* cpws_parse_url(cpws_text_t text, cpws_url_t* url);
/// NULL, or what is wrong with the request; what it points to must stay until the handshake has ended.
const char* cpws_open(cpws_engine_t* engine, const cpws_url_t* url, const cpws_request_t* request);
/// Open without a handshake, which was done elsewhere.
void cpws_assume_open(cpws_engine_t* engine, bool as_client);

typedef enum {
  CPWS_NOTHING,  // it takes more bytes, or more time
  CPWS_OPENED,
  CPWS_REFUSED,
  CPWS_PART,
  CPWS_CLOSED,
} cpws_event_kind_t;

typedef struct {
  cpws_event_kind_t kind;  // for the caller of cpws_next()
  const uint8_t*
      bytes;  // CPWS_PART: a piece of a message; CPWS_REFUSED: the body. Valid until the next event or read
  size_t size;
  bool text, first, last;  // CPWS_PART
  bool frame_ends;
  int subprotocol;      // CPWS_OPENED: index of the one that the server chose, or -1
  int status;           // CPWS_REFUSED
  cpws_text_t headers;  // CPWS_REFUSED: for cpws_next_header(); those that half of the buffer holds
} cpws_event_t;

cpws_event_kind_t cpws_next(cpws_engine_t* engine, cpws_event_t* event);
/// Takes a field off `headers`; false at the end.
bool cpws_next_header(cpws_text_t* headers, cpws_header_t* field);

/// Where to read to, and how much; 0 while a reply waits for room to be sent.
uint8_t* cpws_receive_space(cpws_engine_t* engine, size_t* size);
void cpws_received(cpws_engine_t* engine, size_t size);
void cpws_received_eof(cpws_engine_t* engine);
/// The stream takes no more bytes: what comes is still parsed, and nothing waits for room to be answered.
void cpws_send_failed(cpws_engine_t* engine);
/// What is still to come of the frame and may be read straight into the message, by cpws_received_payload();
/// 0: not now.
uint64_t cpws_payload_outstanding(const cpws_engine_t* engine);
void cpws_received_payload(cpws_engine_t* engine, uint8_t* payload, size_t size);
/// Bytes of the present frame's payload that are behind the latest part.
uint64_t cpws_frame_payload_left(const cpws_engine_t* engine);

const uint8_t* cpws_to_send(const cpws_engine_t* engine, size_t* size);
void cpws_sent(cpws_engine_t* engine, size_t size);

typedef enum { CPWS_ACCEPTED, CPWS_WOULD_BLOCK, CPWS_INVALID, CPWS_DEAD } cpws_result_t;

bool cpws_is_utf8(const uint8_t* text, size_t size);

/// A message, or a part of one, on its way into the send buffer.
typedef struct {
  const uint8_t* data;  // what is still to be put there: counted off
  size_t size;
  size_t frame_size;  // the largest payload of a frame, at least 1
  bool text;
  bool more;   // the message goes on in another part
  bool begun;  // set by cpws_put(); false in the beginning
} cpws_outgoing_t;

/// Puts as much of a message, or of its next part, into the send buffer as has room: frames as large as
/// `frame_size`, each one's header first, so that it may be far larger than the buffer. ACCEPTED: all of it
/// is there. WOULD_BLOCK and not `begun`: nothing was taken, as something waits in the buffer and it does not
/// fit beside that. WOULD_BLOCK and `begun`: it is taken; `data` must stay, and this is called again after
/// cpws_sent(), before anything else is sent, until ACCEPTED. INVALID: text that is not UTF-8, or is cut
/// inside a character at the end of the message. If it is `begun`, or cpws_frame_is_unfinished(), the
/// connection can only be given up. DEAD: the connection is not open (any more). Between frames control
/// frames that have come are answered, as by cpws_answer_control_frames().
cpws_result_t cpws_put(cpws_engine_t* engine, cpws_outgoing_t* message);
/// True when a part of a frame's payload is still to be put: until then no control frame goes out (ping, pong
/// and close would block, a close frame that came is not answered), and if the connection ends, none ever
/// does.
bool cpws_frame_is_unfinished(const cpws_engine_t* engine);

/// True when a control frame has come and is next: no data stands before it.
bool cpws_control_frame_is_next(cpws_engine_t* engine);
/// Handles the control frames that are next, and takes no data: pings are answered, as far as there is room
/// and no frame is unfinished, a close frame too. True: the connection has ended, by that close frame or by a
/// violation, and cpws_next() gives CPWS_CLOSED, now and later. Else a part that was handed out stays valid.
bool cpws_answer_control_frames(cpws_engine_t* engine);

/// Without a payload: with one that cannot be guessed.
cpws_result_t cpws_ping(cpws_engine_t* engine, const uint8_t* payload, size_t size);
cpws_result_t cpws_pong(cpws_engine_t* engine, const uint8_t* payload, size_t size);
/// `code` 1005: a close frame without one.
cpws_result_t cpws_close(cpws_engine_t* engine, uint16_t code, cpws_text_t reason);
/// NULL, or why they cannot stand in a close frame (RFC 6455 §7.4).
const char* cpws_check_close(uint32_t code, cpws_text_t reason);

/// Tells the time. Returns after how many milliseconds to call again at the latest; -1: never.
int32_t cpws_poll(cpws_engine_t* engine, uint32_t now);
/// The time that the latest answered ping took; false if there was none.
bool cpws_round_trip(const cpws_engine_t* engine, uint32_t* microseconds);

typedef enum { CPWS_BY_NOBODY, CPWS_BY_US, CPWS_BY_PEER, CPWS_BY_NETWORK } cpws_by_t;

/// How a connection ended.
typedef struct {
  cpws_by_t by;
  uint16_t sent, received;  // close codes: 0 none, 1005 a close frame without a code
  const char* failure;      // NULL after a clean closing handshake
  bool is_violation;        // the peer broke the protocol
  uint16_t violation_code;  // the close code for that; `sent` says whether it left, or waits in the buffer
  bool awaits_eof;          // the server ends the stream first (§7.1.1): read on until then
  cpws_text_t reason;       // received
} cpws_end_t;

void cpws_end(const cpws_engine_t* engine, cpws_end_t* end);

#ifdef __cplusplus
}
#endif
