/* lwIP for a board with 16 KB of RAM: one interface, IPv4, DHCP, DNS, two connections of which one is ending.
 */
#pragma once

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SINGLE_NETIF 1
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_RAW 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define LWIP_STATS 0

#define LWIP_DHCP 1
#define LWIP_DHCP_DOES_ACD_CHECK 0
#define LWIP_ACD 0
#define LWIP_DNS 1
#define DNS_TABLE_SIZE 1
#define DNS_MAX_NAME_LENGTH 64
/* The name in the test certificate, without a DNS server. */
#define DNS_LOCAL_HOSTLIST 1
#define DNS_LOCAL_HOSTLIST_INIT \
  { DNS_LOCAL_HOSTLIST_ELEM("localhost", IPADDR4_INIT_BYTES(10, 0, 2, 100)) }
#define MEMP_NUM_UDP_PCB 2

#define MEM_ALIGNMENT 4
#define MEM_SIZE 3072
#define PBUF_POOL_SIZE 5
#define PBUF_POOL_BUFSIZE 608
#define MEMP_NUM_PBUF 4
#define MEMP_NUM_TCP_PCB 2
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG 8
#define TCP_MSS 536
#define TCP_WND (3 * TCP_MSS)
#define TCP_SND_BUF (2 * TCP_MSS)
#define TCP_SND_QUEUELEN 6
#define TCP_QUEUE_OOSEQ 0
#define ARP_TABLE_SIZE 3
#define ARP_QUEUEING 0
