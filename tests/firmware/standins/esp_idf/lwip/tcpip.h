#pragma once
extern "C" {
void sys_lock_tcpip_core(void);
void sys_unlock_tcpip_core(void);
}
#define LOCK_TCPIP_CORE() sys_lock_tcpip_core()
#define UNLOCK_TCPIP_CORE() sys_unlock_tcpip_core()
