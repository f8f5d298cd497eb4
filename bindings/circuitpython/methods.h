// Methods of Websocket and WebsocketClient, for tables: CPWS_METHOD(name, object) is defined by who includes
// this.
CPWS_METHOD(MP_QSTR_send, cpws_send_obj)
CPWS_METHOD(MP_QSTR_recv, cpws_recv_obj)
CPWS_METHOD(MP_QSTR_recv_into, cpws_recv_into_obj)
CPWS_METHOD(MP_QSTR_close, cpws_close_obj)
CPWS_METHOD(MP_QSTR_ping, cpws_ping_obj)
CPWS_METHOD(MP_QSTR_settimeout, cpws_settimeout_obj)
CPWS_METHOD(MP_QSTR_read_frame, cpws_read_frame_obj)
CPWS_METHOD(MP_QSTR_write_frame, cpws_write_frame_obj)
CPWS_METHOD(MP_QSTR___enter__, cpws_enter_obj)
CPWS_METHOD(MP_QSTR___exit__, cpws_exit_obj)
